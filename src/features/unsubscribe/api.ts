/** The API of unsubscriptions: who said no, how and when. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import type { Unsubscription } from "../../contract/index.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { formatKey } from "../../core/delivery/status.ts";
import { formatInstant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readNumberCursor, toPage } from "../../platform/paging.ts";
import { listUnsubscriptions, type UnsubscriptionRow } from "./store.ts";

const unsubscriptionSchema = z.object({
  address: z.string(),
  at: z.iso.datetime(),
  source: z.enum(["page", "one-click", "mailto"]),
  scope: z.enum(["e-mail", "service"]).describe("What is not sent any more: all mail, or that of one service"),
  serviceId: z.string().nullable(),
  deliveryId: z.string(),
  messageKey: z.string(),
  denylisted: z.boolean().describe("Whether this put the address on the denylist; false when it was there already"),
  repeats: z.int().min(0).describe("How often the same was asked again through the same message"),
  lastAt: z.iso.datetime(),
  undoneAt: z.iso.datetime().nullable().describe("When the recipient took it back"),
}) satisfies z.ZodType<Unsubscription>;

export function registerUnsubscriptionApi(plain: FastifyInstance, { db }: { readonly db: Db }): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/unsubscriptions",
    schema: {
      tags: ["unsubscriptions"],
      summary: "Who unsubscribed, newest first",
      querystring: z.object({ ...pageQuery, address: z.string().max(500).optional().describe("A complete address") }),
      response: { 200: pageOf(unsubscriptionSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const address = query.address === undefined ? null : parseAddress(query.address);
      // What is no address never unsubscribed.
      const matchKey = address === null ? null : address.kind === "valid" ? address.matchKey : "";
      const filter = { before: readNumberCursor(query.cursor), matchKey };
      const page = toPage(await listUnsubscriptions(db, filter, query.limit + 1), query.limit, (last) =>
        String(last.id),
      );
      return { data: page.data.map(present), nextCursor: page.nextCursor };
    },
  });
}

function present(row: UnsubscriptionRow): Unsubscription {
  return {
    address: row.address,
    at: formatInstant(row.at),
    source: row.source,
    scope: row.service_id === null ? "e-mail" : "service",
    serviceId: row.service_id === null ? null : String(row.service_id),
    deliveryId: String(row.delivery_id),
    messageKey: formatKey({ partId: row.part_id, seq: row.seq }),
    denylisted: row.denylisted,
    repeats: row.repeats,
    lastAt: formatInstant(row.last_at),
    undoneAt: row.undone_at === null ? null : formatInstant(row.undone_at),
  };
}
