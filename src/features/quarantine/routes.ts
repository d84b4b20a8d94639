/** The API of the quarantine: which addresses receive nothing and why, and what persons change of it. */
import { Readable } from "node:stream";
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import {
  bulkReleaseSchema,
  failingReasons,
  heldDecisionSchema,
  putInSchema,
  releaseSchema,
} from "../../contract/quarantine.ts";
import { bulkReleasedSchema, heldGroupSchema } from "../../contract/responses-quarantine.ts";
import { pageOf, pageQuery, problems, quarantineEntrySchema } from "../../contract/responses.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { toPage } from "../../platform/paging.ts";
import { quarantineFile } from "./address-files.ts";
import { registerAllowlistRoutes } from "./allowlist-routes.ts";
import { decideHeld, denylist, putIn, release, releaseMany } from "./change-by-hand.ts";
import { registerImportRoutes } from "./import-routes.ts";
import { readAddress } from "./read-address.ts";
import { findEntry, listEntries, listHeld, type QuarantineFilter } from "./store.ts";

export type QuarantineDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["quarantine"];
const addressParams = z.object({ address: z.string() });

const filterQuery = {
  status: z.enum(["with-errors", "held", "quarantined", "denylisted"]).optional(),
  reason: z.enum(failingReasons).optional(),
  text: z.string().min(1).max(500).optional().describe("Part of the server's reply; case does not count"),
  provider: z.string().max(200).optional(),
  domain: z.string().max(253).optional(),
  since: z.iso.datetime().optional().describe("Changed then or later"),
};

export function registerQuarantineRoutes(app: FastifyInstance, deps: QuarantineDeps): void {
  registerReading(app, deps);
  registerChanges(app, deps);
  registerHeld(app, deps);
  registerAllowlistRoutes(app, deps);
  registerImportRoutes(app, deps);
}

function filterOf({
  since,
  ...rest
}: Omit<QuarantineFilter, "since"> & { since?: string | undefined }): QuarantineFilter {
  return { ...rest, since: since === undefined ? undefined : Date.parse(since) };
}

function registerReading(plain: FastifyInstance, { db }: QuarantineDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/quarantine",
    schema: {
      tags: TAGS,
      summary: "Addresses with errors or in quarantine",
      description: "The denylist is in it where its addresses failed too; all of it with status=denylisted.",
      querystring: z.object({ ...pageQuery, ...filterQuery }),
      response: { 200: pageOf(quarantineEntrySchema.omit({ history: true })), ...problems(422) },
    },
    handler: async ({ query: { limit, cursor, ...filter } }) => {
      const rows = await listEntries(db, filterOf(filter), cursor ?? "", limit + 1);
      const page = toPage(rows, limit, (last) => last.matchKey);
      return { data: page.data.map((row) => row.entry), nextCursor: page.nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/quarantine/export",
    schema: {
      tags: TAGS,
      summary: "The same as a CSV file, all of it",
      querystring: z.object(filterQuery),
      response: { 200: { description: "CSV", content: { "text/csv": { schema: z.unknown() } } }, ...problems(422) },
    },
    handler: async ({ query }, reply) =>
      reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="quarantine.csv"')
        .send(Readable.from(quarantineFile(db, filterOf(query)))),
  });

  app.route({
    method: "GET",
    url: "/quarantine/:address",
    schema: {
      tags: TAGS,
      summary: "What is known of one address; an unknown one is valid",
      params: addressParams,
      response: { 200: quarantineEntrySchema, ...problems(422) },
    },
    handler: ({ params }) => {
      const { matchKey, address } = readAddress(params.address, "URL address");
      return findEntry(db, matchKey, address);
    },
  });
}

function registerChanges(plain: FastifyInstance, { db, now }: QuarantineDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/quarantine",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Put an address into quarantine, or on the denylist",
      body: putInSchema,
      response: { 201: quarantineEntrySchema, ...problems(409, 422) },
    },
    handler: async ({ body: { status, reason, note, ...given }, operator }, reply) => {
      const { matchKey, address } = readAddress(given.address, "/address");
      const by = { actor: operator.label, note, at: now() };
      await db.transaction(async (tx) => {
        if (status === "quarantined") await putIn(tx, [{ matchKey, address }], reason, "put-in", by);
        else await denylist(tx, { matchKey, address, reason: "operator", messageKey: null, at: by.at }, by);
      });
      return reply.code(201).send(await findEntry(db, matchKey, address));
    },
  });

  app.route({
    method: "POST",
    url: "/quarantine/:address/actions/release",
    schema: {
      tags: TAGS,
      summary: "Let an address have mail again",
      params: addressParams,
      body: releaseSchema,
      response: { 200: quarantineEntrySchema, ...problems(409, 422) },
    },
    handler: async ({ params, body: { note, denylisted }, operator }) => {
      const { matchKey, address } = readAddress(params.address, "URL address");
      await release(db, matchKey, denylisted, { actor: operator.label, note, at: now() });
      return findEntry(db, matchKey, address);
    },
  });

  app.route({
    method: "POST",
    url: "/quarantine/actions/release",
    schema: {
      tags: TAGS,
      summary: "Let many addresses have mail again: by provider, time and what the server said, after an outage",
      description: "`dryRun` counts them and changes nothing. The denylist stays.",
      body: bulkReleaseSchema,
      response: { 200: bulkReleasedSchema, ...problems(422) },
    },
    handler: async ({ body: { note, dryRun, since, until, ...filter }, operator }) => {
      const named = { ...filter, since: Date.parse(since), until: Date.parse(until) };
      return { dryRun, ...(await releaseMany(db, named, dryRun, { actor: operator.label, note, at: now() })) };
    },
  });
}

function registerHeld(plain: FastifyInstance, { db, now }: QuarantineDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/quarantine/held",
    schema: {
      tags: TAGS,
      summary: "Providers that suddenly know far fewer people than usual: whose addresses wait for a person",
      response: { 200: z.object({ data: z.array(heldGroupSchema) }), ...problems() },
    },
    handler: async () => {
      const rows = await listHeld(db);
      return {
        data: rows.map((row) => ({ ...row, since: formatInstant(row.since), until: formatInstant(row.until) })),
      };
    },
  });

  for (const [verb, kind, summary] of [
    ["confirm", "confirmed", "They are unknown: into quarantine with them. For a day the provider is believed"],
    ["drop", "dropped", "It was an outage: they are valid again"],
  ] as const) {
    app.route({
      method: "POST",
      url: `/quarantine/held/:provider/actions/${verb}`,
      schema: {
        tags: TAGS,
        summary,
        params: z.object({ provider: z.string().max(200) }),
        body: heldDecisionSchema,
        response: { 200: z.object({ count: z.int() }), ...problems(422) },
      },
      handler: async ({ params, body, operator }) => ({
        count: await decideHeld(db, params.provider, kind, { actor: operator.label, note: body.note, at: now() }),
      }),
    });
  }
}
