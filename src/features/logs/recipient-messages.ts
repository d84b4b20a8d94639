/** The API of what one person was sent. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import type { RecipientMessage } from "../../contract/audience-recipients.ts";
import { recipientMessageSchema } from "../../contract/responses-recipients.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { formatKey, parseKey } from "../../core/delivery/status.ts";
import { formatInstant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { invalidCursor, readId, toPage } from "../../platform/paging.ts";
import {
  listRecipientMessages,
  type MessagePlace,
  recipientExists,
  type RecipientMessageRow,
} from "./recipient-messages-store.ts";

export function registerRecipientMessages(plain: FastifyInstance, { db }: { readonly db: Db }): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/recipients/:id/messages",
    schema: {
      tags: ["logs"],
      summary: "What a recipient was sent, newest first",
      params: idParams,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(recipientMessageSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const id = readId(params.id, "recipient");
      if (!(await recipientExists(db, id))) throw appError("not-found", { what: "recipient", id });
      const rows = await listRecipientMessages(db, id, readPlace(query.cursor), query.limit + 1);
      return toPage(rows.map(present), query.limit, (last) => last.key);
    },
  });
}

function readPlace(cursor: string | undefined): MessagePlace | null {
  if (cursor === undefined) return null;
  const key = parseKey(cursor);
  if (key === null) throw invalidCursor();
  return { part: key.partId, seq: key.seq };
}

const orNull = (at: number | null) => (at === null ? null : formatInstant(at));

function present(row: RecipientMessageRow): RecipientMessage {
  return {
    key: formatKey({ partId: row.part_id, seq: row.seq }),
    delivery: { id: String(row.delivery_id), label: row.label },
    status: row.status as RecipientMessage["status"],
    type: row.type as RecipientMessage["type"],
    reason: row.reason as RecipientMessage["reason"],
    startedAt: orNull(row.started_at),
    finalAt: orNull(row.final_at),
    opened: row.opened,
    clicked: row.clicked,
  };
}
