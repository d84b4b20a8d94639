/** What a stopped delivery has not sent: cancelled, but for what a relay has already, which nobody can call back. */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { withdrawCopies } from "./copies.ts";

/** Parts whose messages are cancelled in one transaction: keeps it below a second. */
const CANCEL_BATCH = 50;

/** Of the parts that no sender holds. */
export async function cancelRest(db: Db, id: number, now: Instant): Promise<void> {
  for (;;) {
    const cancelled = await db.transaction(async (tx) => {
      const parts = await tx.query<{ id: number; seeds: boolean }>(
        `select id, seeds from delivery_parts
          where delivery_id = $1 and owner is null and pending + retrying > 0
          order by id limit $2 for update`,
        [id, CANCEL_BATCH],
      );
      const ids = parts.map((part) => part.id);
      const seeds = new Set(parts.flatMap((part) => (part.seeds ? part.id : [])));
      const isCounted = ({ part_id }: { readonly part_id: number }) => !seeds.has(part_id);
      await countOut(tx, id, (await closeRelayed(tx, ids, now)).filter(isCounted), 1);
      await countOut(tx, id, (await cancelWaiting(tx, ids, now)).filter(isCounted), 0);
      await tx.query(
        `update messages set status = 'cancelled', final_at = $2, next_attempt_at = null
          where part_id = any($1) and status = 'pending'`,
        [ids, timestamp(now)],
      );
      await tx.query(
        `update delivery_parts set cancelled = cancelled + pending + retrying, pending = 0, retrying = 0,
                epoch = epoch + 1, due_at = null
          where id = any($1)`,
        [ids],
      );
      await withdrawCopies(tx, id, ids);
      return ids.length;
    });
    if (cancelled < CANCEL_BATCH) return;
  }
}

/** Single messages of parts that were never due, and so with no copies and no leases. */
export async function cancelMessages(
  tx: Tx,
  id: number,
  messages: readonly { readonly part_id: number; readonly seq: number }[],
  now: Instant,
): Promise<void> {
  if (messages.length === 0) return;
  const parts = messages.map((message) => message.part_id);
  await tx.query(
    `update messages m set status = 'cancelled', final_at = $3
       from unnest($1::bigint[], $2::int[]) as c(part_id, seq)
      where m.part_id = c.part_id and m.seq = c.seq and m.part_id = any($1)`,
    [parts, messages.map((message) => message.seq), timestamp(now)],
  );
  await tx.query(
    `update delivery_parts p set cancelled = p.cancelled + c.n, pending = p.pending - c.n
       from (select part_id, count(*)::int as n from unnest($2::bigint[]) part_id group by part_id) c
      where p.id = c.part_id and p.delivery_id = $1`,
    [id, parts],
  );
}

type Ended = { readonly part_id: number; readonly address: string };

/** Whoever was to be tried again is not. */
function cancelWaiting(tx: Tx, parts: readonly number[], now: Instant): Promise<Ended[]> {
  return tx.query<Ended>(
    `update messages set status = 'cancelled', final_at = $2, next_attempt_at = null
      where part_id = any($1) and status = 'taken-into-account' returning part_id, address`,
    [parts, timestamp(now)],
  );
}

/** No failure was reported so far; one that is reported later still counts. */
async function closeRelayed(tx: Tx, parts: readonly number[], now: Instant): Promise<Ended[]> {
  const closed = await tx.query<Ended>(
    `update messages set status = 'sent', type = null, reason = null, final_at = $2, next_attempt_at = null
      where part_id = any($1) and relayed and status = 'taken-into-account' returning part_id, address`,
    [parts, timestamp(now)],
  );
  await tx.query(
    `update delivery_parts p set sent = p.sent + c.n, retrying = p.retrying - c.n
       from (select part_id, count(*)::int as n from unnest($1::bigint[]) part_id group by part_id) c
      where p.id = c.part_id`,
    [closed.map((message) => message.part_id)],
  );
  return closed;
}

/** No longer retrying at their destinations; `sent`: 1 when they are sent instead. */
async function countOut(
  tx: Tx,
  id: number,
  messages: readonly { readonly address: string }[],
  sent: 0 | 1,
): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(
    `insert into destination_counters as c (delivery_id, domain, sender, sent, retrying)
     select $1, domain, '', $3 * count(*), -count(*) from unnest($2::text[]) domain group by domain order by domain
     on conflict (delivery_id, domain, sender) do update
        set sent = c.sent + excluded.sent, retrying = c.retrying + excluded.retrying`,
    [id, messages.map((message) => domainOf(message.address)), sent],
  );
}

function domainOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed.kind === "valid" ? parsed.domain : "";
}
