/** The API of the global suppression list. Addresses go in and can be asked for; they never come out. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import {
  suppressedDomainSchema,
  suppressionCheckSchema,
  suppressionCountsSchema,
  suppressionResultSchema,
} from "../../contract/responses-suppression.ts";
import { suppressionSchema } from "../../contract/suppression.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { toPage } from "../../platform/paging.ts";
import { openUpload } from "../../platform/upload.ts";
import { changeList, checkEntry, linesOf } from "./change-list.ts";
import { countEntries, listDomains } from "./store.ts";

type SuppressionDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["suppression"];
const ENTRIES =
  "An entry is a SHA-256 of the lower-cased address (64 hexadecimal digits), an address, or a domain. Addresses are kept as their hash.";
const CHANGES = {
  add: "Put entries on the suppression list",
  remove: "Take entries off the suppression list",
} as const;

export function registerSuppressionRoutes(plain: FastifyInstance, { db, now }: SuppressionDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  for (const change of ["add", "remove"] as const) {
    app.route({
      method: "POST",
      url: `/suppression/actions/${change}`,
      schema: {
        tags: TAGS,
        summary: CHANGES[change],
        description: `${ENTRIES} Doing it again changes nothing.`,
        body: suppressionSchema,
        response: { 200: suppressionResultSchema, ...problems(422) },
      },
      handler: ({ body }) => changeList(db, body.entries, change, now()),
    });
  }

  app.route({
    method: "POST",
    url: "/suppression/import",
    config: { upload: true },
    schema: {
      tags: TAGS,
      summary: "Put the lines of a file (multipart field `file`) on the suppression list",
      description: `${ENTRIES} One a line, or in the first column of CSV; any length. Importing a file again changes nothing.`,
      response: { 200: suppressionResultSchema, ...problems(400, 415, 422) },
    },
    handler: async (request) => changeList(db, linesOf((await openUpload(request)).file), "add", now()),
  });

  registerReading(plain, db);
}

function registerReading(plain: FastifyInstance, db: Db): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/suppression",
    schema: {
      tags: TAGS,
      summary: "How many addresses and domains are suppressed",
      response: { 200: suppressionCountsSchema, ...problems() },
    },
    handler: () => countEntries(db),
  });

  app.route({
    method: "GET",
    url: "/suppression/domains",
    schema: {
      tags: TAGS,
      summary: "Suppressed domains, by name",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(suppressedDomainSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const domains = await listDomains(db, query.cursor ?? "", query.limit + 1);
      return toPage(domains, query.limit, (last) => last.domain);
    },
  });

  app.route({
    method: "POST",
    url: "/suppression/actions/check",
    schema: {
      tags: TAGS,
      summary: "Whether an address, hash or domain is suppressed",
      body: z.strictObject({ entry: z.string().min(1).max(1000) }),
      response: { 200: suppressionCheckSchema, ...problems(422) },
    },
    handler: ({ body }) => checkEntry(db, body.entry),
  });
}
