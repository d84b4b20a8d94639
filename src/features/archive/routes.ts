/** The API of archives: what is known of them, changes, the probe, the audit. Secrets come in here and never go out. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { archiveSchema } from "../../contract/index.ts";
import { archiveAnswerSchema, archiveTestSchema } from "../../contract/responses-archive.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { hasRight, requireRight } from "../operators/index.ts";
import { hideAddressesIn } from "./hide-addresses.ts";
import { registerLedgerRoutes } from "./ledger-routes.ts";
import { presentArchive } from "./present.ts";
import { changeArchive, createArchive, removeArchive, type SaveDeps } from "./save-archive.ts";
import { findArchive, listArchives } from "./store.ts";
import { testArchive, type TestDeps } from "./test-archive.ts";

export type ArchiveDeps = SaveDeps & TestDeps & { readonly now: () => Instant };

const TAGS = ["archive"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerArchiveRoutes(app: FastifyInstance, deps: ArchiveDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerRemoving(app, deps);
  registerProbe(app, deps);
  registerLedgerRoutes(app, deps);
}

function registerReading(plain: FastifyInstance, { db }: ArchiveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/archives",
    schema: {
      tags: TAGS,
      summary: "Archives: where copies go, oldest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(archiveAnswerSchema), ...problems(422) },
    },
    handler: async ({ query, operator }) => {
      const rows = await listArchives(db, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      const shown = rows.map((row) => presentArchive(row, hasRight(operator, "archive")));
      return toPage(shown, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/archives/:id",
    schema: {
      tags: TAGS,
      summary: "One archive",
      params: idParams,
      response: { 200: archiveAnswerSchema, ...problems(404) },
    },
    handler: async ({ params, operator }, reply) => {
      const row = await findArchive(db, readId(params.id, "archive"));
      if (row === null) throw appError("not-found", { what: "archive", id: params.id });
      return reply.header("etag", `"${row.version}"`).send(presentArchive(row, hasRight(operator, "archive")));
    },
  });
}

function registerEditing(plain: FastifyInstance, deps: ArchiveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/archives",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make an archive",
      description: "A password or secret key is kept sealed and never shown again. Needs the right `archive`.",
      body: archiveSchema,
      response: { 201: archiveAnswerSchema, ...problems(403, 409, 422) },
    },
    handler: async ({ body, operator }, reply) => {
      requireRight(operator, "archive");
      const row = await createArchive(deps, body, { actor: operator.label, now: deps.now() });
      return reply
        .code(201)
        .header("location", `/api/v1/archives/${row.id}`)
        .header("etag", `"${row.version}"`)
        .send(presentArchive(row, true));
    },
  });

  app.route({
    method: "PUT",
    url: "/archives/:id",
    schema: {
      tags: TAGS,
      summary: "Replace what is set of an archive",
      description:
        "If-Match: the version that was read. A password or secret key left out stays, unless the server, its user or the kind of TLS changes for which it was given. Needs the right `archive`.",
      params: idParams,
      headers: conditions,
      body: archiveSchema,
      response: { 200: archiveAnswerSchema, ...problems(403, 404, 412, 422) },
    },
    handler: async ({ params, body, headers, operator }, reply) => {
      requireRight(operator, "archive");
      const seen = readIfMatch(headers["if-match"]);
      const act = { actor: operator.label, now: deps.now(), seen };
      const row = await changeArchive(deps, readId(params.id, "archive"), body, act);
      return reply.header("etag", `"${row.version}"`).send(presentArchive(row, true));
    },
  });
}

function registerRemoving(plain: FastifyInstance, { db, now }: ArchiveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "DELETE",
    url: "/archives/:id",
    schema: {
      tags: TAGS,
      summary: "Remove an archive to which nothing is owed",
      description:
        "The ledger keeps what it took; the copies themselves stay where they are. Needs the right `archive`.",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(403, 404, 409, 412) },
    },
    handler: async ({ params, headers, operator }, reply) => {
      requireRight(operator, "archive");
      const act = { actor: operator.label, now: now(), seen: readIfMatch(headers["if-match"]) };
      await removeArchive(db, readId(params.id, "archive"), act);
      return reply.code(204).send();
    },
  });
}

function registerProbe(plain: FastifyInstance, deps: ArchiveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/archives/:id/actions/test",
    schema: {
      tags: TAGS,
      summary: "Send a probe to an archive and show the dialogue",
      description:
        "A mailbox gets a message that says what it is; in folders and object stores a probe is written, read back and removed. May take as long as the archive does, a minute at most.",
      params: idParams,
      response: { 200: archiveTestSchema, ...problems(404) },
    },
    handler: async ({ params, operator }) => {
      const test = await testArchive(deps, readId(params.id, "archive"), operator.label, deps.now());
      return hasRight(operator, "archive") ? test : hideAddressesIn(test);
    },
  });
}
