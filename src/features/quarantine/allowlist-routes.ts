/** The API of the allowlist: addresses whose errors are ignored. */
import { Readable } from "node:stream";
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { allowSchema } from "../../contract/quarantine.ts";
import { allowedAddressSchema } from "../../contract/responses-quarantine.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { toPage } from "../../platform/paging.ts";
import { allowlistFile } from "./address-files.ts";
import { disallow, listAllowed } from "./allowlist-store.ts";
import { allow } from "./change-by-hand.ts";
import { readAddress } from "./read-address.ts";

const TAGS = ["quarantine"];

export function registerAllowlistRoutes(
  plain: FastifyInstance,
  { db, now }: { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/allowlist",
    schema: {
      tags: TAGS,
      summary: "Addresses whose errors are ignored",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(allowedAddressSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listAllowed(db, query.cursor ?? "", query.limit + 1);
      const page = toPage(rows, query.limit, (last) => last.matchKey);
      return { data: page.data.map((row) => row.entry), nextCursor: page.nextCursor };
    },
  });

  app.route({
    method: "POST",
    url: "/allowlist",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Ignore the errors of an address from now on, and those it had",
      body: allowSchema,
      response: { 201: allowedAddressSchema, ...problems(409, 422) },
    },
    handler: async ({ body: { note, ...given }, operator }, reply) => {
      const { matchKey, address } = readAddress(given.address, "/address");
      const by = { actor: operator.label, note, at: now() };
      await db.transaction((tx) => allow(tx, [{ matchKey, address, note }], by));
      return reply.code(201).send({ address, note, actor: by.actor, at: formatInstant(by.at) });
    },
  });

  app.route({
    method: "DELETE",
    url: "/allowlist/:address",
    schema: {
      tags: TAGS,
      summary: "Errors of the address count again",
      params: z.object({ address: z.string() }),
      response: { 204: z.null(), ...problems(404, 422) },
    },
    handler: async ({ params }, reply) => {
      const { matchKey, address } = readAddress(params.address, "URL address");
      if (!(await disallow(db, matchKey)))
        throw appError("not-found", { what: "address on the allowlist:", id: address });
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: "GET",
    url: "/allowlist/export",
    schema: {
      tags: TAGS,
      summary: "The allowlist as a CSV file",
      response: { 200: { description: "CSV", content: { "text/csv": { schema: z.unknown() } } }, ...problems() },
    },
    handler: async (_, reply) =>
      reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="allowlist.csv"')
        .send(Readable.from(allowlistFile(db))),
  });
}
