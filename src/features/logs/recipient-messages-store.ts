/** The SQL of what one person was sent: the index on recipients finds their messages in each partition, newest parts first. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";

export type RecipientMessageRow = {
  readonly part_id: number;
  readonly seq: number;
  readonly delivery_id: number;
  readonly label: string;
  readonly status: string;
  readonly type: string | null;
  readonly reason: string | null;
  readonly started_at: Instant | null;
  readonly final_at: Instant | null;
  readonly opened: boolean;
  readonly clicked: boolean;
};
export type MessagePlace = { readonly part: number; readonly seq: number };

/** Those before `before`; opens and clicks are those of persons. */
export function listRecipientMessages(
  db: Db,
  recipientId: number,
  before: MessagePlace | null,
  limit: number,
): Promise<RecipientMessageRow[]> {
  const reacted = (kind: string) =>
    `exists (select 1 from message_reactions x where x.part_id = m.part_id and x.seq = m.seq
       and x.kind = '${kind}' and x.link = 0 and x.human)`;
  return db.query<RecipientMessageRow>(
    `select m.part_id, m.seq, d.id as delivery_id, d.label, m.status, m.type, m.reason, d.started_at, m.final_at,
            ${reacted("open")} as opened, ${reacted("click")} as clicked
       from (select part_id, seq, status, type, reason, final_at from messages
              where recipient_id = $1 and ($2::bigint is null or (part_id, seq) < ($2, $3))
              order by part_id desc, seq desc limit $4) m
       join delivery_parts p on p.id = m.part_id join deliveries d on d.id = p.delivery_id
      order by m.part_id desc, m.seq desc`,
    [recipientId, before?.part ?? null, before?.seq ?? null, limit],
  );
}

export async function recipientExists(db: Db, id: number): Promise<boolean> {
  return (await db.query("select 1 from recipients where id = $1", [id])).length > 0;
}
