/** The SQL that looks for the message of a mail in which nothing is signed. */
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";

/**
 * A message that the mail may be about when nothing in it is signed: the last one that went to this recipient before it came, of the
 * delivery that it names where it names one. Good for a note only.
 */
export async function guessMessage(
  db: Queryable,
  matchKeys: readonly string[],
  deliveryId: number | null,
  receivedAt: Instant,
): Promise<(MessageKey & { readonly deliveryId: number; readonly address: string }) | null> {
  if (matchKeys.length === 0) return null;
  const [row] = await db.query<{ part_id: number; seq: number; delivery_id: number; address: string }>(
    `select m.part_id, m.seq, p.delivery_id, m.address
       from recipients r join messages m on m.recipient_id = r.id join delivery_parts p on p.id = m.part_id
      where r.match_key = any($1) and ($2::bigint is null or p.delivery_id = $2)
        and m.final_at <= $3 and m.final_at > $3::timestamptz - interval '30 days'
      order by m.final_at desc limit 1`,
    [matchKeys, deliveryId, timestamp(receivedAt)],
  );
  return row ? { partId: row.part_id, seq: row.seq, deliveryId: row.delivery_id, address: row.address } : null;
}
