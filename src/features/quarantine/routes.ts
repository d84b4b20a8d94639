/** The API of the quarantine: which addresses receive nothing, and why. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { pageOf, pageQuery, problems, quarantineEntrySchema } from "../../contract/responses.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { toPage } from "../../platform/paging.ts";
import { findEntry, listEntries } from "./store.ts";

const TAGS = ["quarantine"];

export function registerQuarantineRoutes(plain: FastifyInstance, { db }: { readonly db: Db }): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/quarantine",
    schema: {
      tags: TAGS,
      summary: "Addresses with errors or in quarantine",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(quarantineEntrySchema.omit({ history: true })), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listEntries(db, query.cursor ?? "", query.limit + 1);
      const page = toPage(rows, query.limit, (last) => last.matchKey);
      return { data: page.data.map((row) => row.entry), nextCursor: page.nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/quarantine/:address",
    schema: {
      tags: TAGS,
      summary: "What is known of one address; an unknown one is valid",
      params: z.object({ address: z.string() }),
      response: { 200: quarantineEntrySchema, ...problems(422) },
    },
    handler: async ({ params }) => {
      const address = parseAddress(params.address);
      if (address.kind === "valid") return findEntry(db, address.matchKey, address.address);
      const message = address.kind === "empty" ? "An address is needed" : `The address ${address.reason}`;
      throw appError("invalid-input", { detail: message }, [
        { pointer: "URL address", code: "invalid-address", message },
      ]);
    },
  });
}
