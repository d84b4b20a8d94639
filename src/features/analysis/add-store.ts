/** The SQL of what is added to a delivery that has begun: who of the target is in it already, and what that does to its exclusions. */
import type { Audience, ChecklistItem, Settings } from "../../contract/index.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { SUPPRESSED_HASH } from "./exclusions-store.ts";

/** With the id of a delivery: one addition after the other, or two could give the same person a message. */
const LOCK = 7_236_027;

export async function waitForTurn(tx: Tx, deliveryId: number): Promise<void> {
  await tx.query("select pg_advisory_xact_lock($1, ($2::bigint % 2147483647)::int)", [LOCK, deliveryId]);
}

export type Begun = {
  readonly settings: Settings;
  readonly attributes: readonly string[];
  readonly manifest: Manifest | null;
  readonly to_deliver: number;
  /** People in its control group. */
  readonly control: number;
};

export async function loadBegun(tx: Tx, id: number): Promise<Begun | null> {
  const [row] = await tx.query<Begun>(
    `select settings, coalesce(analysis->'attributes', '[]') as attributes, manifest, to_deliver,
            coalesce((select count from delivery_exclusions where delivery_id = $1 and reason = 'control-address'), 0) as control
       from deliveries where id = $1`,
    [id],
  );
  return row ?? null;
}

/**
 * Takes those out of `target` who have a message of the delivery, unless they are to have another one, and those of its control group, who
 * are not to have any.
 */
export async function leaveOutThoseThere(tx: Tx, deliveryId: number, again: boolean): Promise<void> {
  await tx.query(
    `delete from target t using exclusions e
      where e.delivery_id = $1 and e.reason = 'control-address' and e.recipient_id = t.recipient_id`,
    [deliveryId],
  );
  if (again) return;
  await tx.query(
    `delete from target t using (
       select m.recipient_id from delivery_parts p join messages m on m.part_id = p.id
        where p.delivery_id = $1 and not p.seeds) there
      where there.recipient_id = t.recipient_id`,
    [deliveryId],
  );
}

/**
 * Whoever was excluded before counts once: still excluded, they are no news; not any more, they leave the exclusions. Answers how
 * many left.
 */
export async function settleExcludedBefore(tx: Tx, deliveryId: number): Promise<number> {
  await tx.query(
    `delete from target t using exclusions e
      where e.delivery_id = $1 and e.recipient_id = t.recipient_id and t.reason is not null`,
    [deliveryId],
  );
  const rows = await tx.query<{ n: number }>(
    `with gone as (
       delete from exclusions e using (select distinct recipient_id from target where reason is null) t
        where e.delivery_id = $1 and e.recipient_id = t.recipient_id returning e.reason)
     update delivery_exclusions d set count = d.count - g.n
       from (select reason, count(*)::int as n from gone group by reason) g
      where d.delivery_id = $1 and d.reason = g.reason returning g.n`,
    [deliveryId],
  );
  return rows.reduce((sum, { n }) => sum + n, 0) + (await settleSuppressedBefore(tx, deliveryId));
}

/** The same for those who are known by a hash only. */
async function settleSuppressedBefore(tx: Tx, deliveryId: number): Promise<number> {
  const there = await tx.query("select 1 from suppressed_exclusions where delivery_id = $1 limit 1", [deliveryId]);
  if (there.length === 0) return 0;
  await tx.query(
    `delete from target t using suppressed_exclusions s
      where s.delivery_id = $1 and s.hash = ${SUPPRESSED_HASH} and t.reason is not null`,
    [deliveryId],
  );
  const [row] = await tx.query<{ left: number }>(
    `with gone as (
       delete from suppressed_exclusions s using (select distinct match_key from target where reason is null) t
        where s.delivery_id = $1 and s.hash = ${SUPPRESSED_HASH} returning s.count),
     left_over as (select coalesce(sum(count), 0)::int as n from gone)
     update delivery_exclusions d set count = d.count - n from left_over
      where d.delivery_id = $1 and d.reason = 'suppressed' returning n as left`,
    [deliveryId],
  );
  return row?.left ?? 0;
}

/** The rows of a file that were rejected count with its first use. */
export async function isUsedBefore(tx: Tx, deliveryId: number, audience: Audience): Promise<boolean> {
  if (!("import" in audience)) return false;
  const rows = await tx.query(
    `select 1 from deliveries where id = $1 and audience->>'import' = $2
      union all select 1 from delivery_additions
       where delivery_id = $1 and audience->>'import' = $2 and ended_at is not null and error is null`,
    [deliveryId, audience.import],
  );
  return rows.length > 0;
}

/** Capacity that is taken besides. */
export async function addUses(
  tx: Tx,
  deliveryId: number,
  rules: readonly number[],
  { at, messages }: { readonly at: Instant; readonly messages: number },
): Promise<void> {
  await tx.query(
    `insert into capacity_uses as u (rule_id, delivery_id, at, messages) select id, $2, $3, $4 from unnest($1::bigint[]) id
     on conflict (rule_id, delivery_id) do update set messages = u.messages + excluded.messages`,
    [rules, deliveryId, formatInstant(at), messages],
  );
}

/** Behind what is there. */
export async function appendItem(tx: Tx, deliveryId: number, item: ChecklistItem, at: Instant): Promise<void> {
  await tx.query(
    `insert into checklist_items (delivery_id, position, id, level, title, detail, at)
     select $1, coalesce(max(position), 0) + 1, $2, $3, $4, $5, $6 from checklist_items where delivery_id = $1`,
    [deliveryId, item.id, item.level, item.title, item.detail, formatInstant(at)],
  );
}
