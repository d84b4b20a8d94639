/** The audit log, read. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { idSchema } from "../../contract/basics.ts";
import { auditLineSchema } from "../../contract/responses-operators.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { readNumberCursor, toPage } from "../../platform/paging.ts";
import type { OperatorDeps } from "./deps.ts";
import { listAudit } from "./audit-store.ts";

const text = z.string().min(1).max(300).optional();

const auditQuery = z.object({
  ...pageQuery,
  actor: text.describe("Name as it stands in the log"),
  operator: idSchema.optional(),
  token: text.describe("Id of a token"),
  resource: text.describe("deliveries, templates, operators …"),
  id: text.describe("Of the thing that was changed"),
  action: text.describe("create, update, remove, sign-in, or the verb of an action"),
  address: text.describe("From which address"),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional().describe("Not including"),
});

export function registerAuditRoutes(plain: FastifyInstance, { db }: OperatorDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/audit",
    schema: {
      tags: ["operators"],
      summary: "Who changed what, when and from where, newest first",
      querystring: auditQuery,
      response: { 200: pageOf(auditLineSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const { limit, cursor, operator, since, until, ...rest } = query;
      const filter = {
        ...rest,
        operator: operator === undefined ? undefined : Number(operator),
        since: since === undefined ? undefined : Date.parse(since),
        until: until === undefined ? undefined : Date.parse(until),
      };
      return toPage(await listAudit(db, filter, readNumberCursor(cursor), limit + 1), limit, (last) => last.id);
    },
  });
}
