/** The SQL of arbitration among deliveries that are planned: who has to give way, and how their figures follow. */
import type { Settings } from "../../contract/index.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import type { Instant } from "../../core/time.ts";
import { loadPartRanges, type PartRange } from "../segments/index.ts";
import { PLANNED_AT } from "./pressure-store.ts";

export type PlannedRow = {
  readonly id: number;
  readonly label: string;
  readonly settings: Settings;
  readonly at: Instant;
  readonly analysed_at: Instant;
};

/** One that begins in a moment keeps its people, as one that has begun does. */
const GIVES_WAY = "d.state in ('ready', 'scheduled')";

/** Analysed deliveries that have not begun. */
export function listPlanned(tx: Tx): Promise<PlannedRow[]> {
  return tx.query<PlannedRow>(
    `select d.id, d.label, d.settings, ${PLANNED_AT} as at, d.analysed_at from deliveries d
      where d.kind = 'campaign' and ${GIVES_WAY} and coalesce(d.settings ->> 'mode', 'live') = 'live' order by d.id`,
  );
}

const TRIES = 20;

/**
 * Waits for no lock, so that nobody can wait in a circle: a row that somebody holds is asked for again for a second. Whoever holds it longer
 * analyses the delivery anew, and counts what we write. False: it is not planned as it was any more.
 */
export async function lockPlanned(tx: Tx, { id, analysed_at: analysedAt }: PlannedRow): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const locked = await tx.query(
      `select 1 from deliveries d where d.id = $1 and ${GIVES_WAY} and d.analysed_at = $2 for update skip locked`,
      [id, timestamp(analysedAt)],
    );
    if (locked.length > 0) return true;
    const planned = await tx.query(
      `select pg_sleep(0.05) from deliveries d where d.id = $1 and ${GIVES_WAY} and d.analysed_at = $2`,
      [id, timestamp(analysedAt)],
    );
    if (planned.length === 0) return false;
  }
  return false;
}

/** Makes `target` anew, of the people whom both deliveries have messages for; answers how many they are. */
export async function retarget(tx: Tx, first: number, second: number): Promise<number> {
  const ranges = await loadPartRanges(tx, [String(first), String(second)]);
  const params: unknown[] = [];
  const inside = (id: number) => {
    const bind = (value: number) => `$${params.push(value)}::bigint`;
    const those = ranges.get(String(id)) ?? [];
    return (
      those.map(({ from, to }: PartRange) => `part_id between ${bind(from)} and ${bind(to)}`).join(" or ") || "false"
    );
  };
  await tx.query("drop table target");
  await tx.query(
    `create temp table target on commit drop as
     select r.id as row_id, r.id as recipient_id, r.id, r.address, r.match_key, r.domain, r.attributes, r.denylisted_at, r.created_at,
            r.updated_at, null::text as reason, ''::text as detail
       from recipients r join (select recipient_id from messages where ${inside(first)}
                               intersect select recipient_id from messages where ${inside(second)}) both_have on both_have.recipient_id = r.id`,
    params,
  );
  await tx.query("analyze target");
  const [row] = await tx.query<{ people: number }>("select count(*) as people from target");
  return row?.people ?? 0;
}

export type Lost = {
  readonly messages: number;
  /** Messages that the delivery still has. */
  readonly left: number;
};

/** Messages of those who have a reason in `target` become exclusions; all figures of the delivery follow. */
export async function giveWay(tx: Tx, deliveryId: number, now: Instant): Promise<Lost> {
  await tx.query(
    `create temp table lost on commit drop as
     select m.part_id, m.seq, p.wave, t.domain, t.recipient_id, t.address, t.reason, t.detail
       from target t join messages m on m.recipient_id = t.recipient_id
       join delivery_parts p on p.id = m.part_id and p.delivery_id = $1 and not p.seeds
      where t.reason is not null`,
    [deliveryId],
  );
  const [row] = await tx.query<{ messages: number }>("select count(*) as messages from lost");
  const messages = row?.messages ?? 0;
  const left = messages === 0 ? 0 : await moveFigures(tx, deliveryId, messages, now);
  await tx.query("drop table lost");
  return { messages, left };
}

async function moveFigures(tx: Tx, deliveryId: number, messages: number, now: Instant): Promise<number> {
  const id = [deliveryId];
  await tx.query("delete from messages m using lost l where m.part_id = l.part_id and m.seq = l.seq");
  await tx.query(
    `insert into exclusions (delivery_id, recipient_id, address, reason, detail)
     select $1, recipient_id, address, reason, detail from lost order by part_id, seq`,
    id,
  );
  await tx.query(
    `insert into delivery_exclusions as e (delivery_id, reason, count) select $1, reason, count(*) from lost group by reason
     on conflict (delivery_id, reason) do update set count = e.count + excluded.count`,
    id,
  );
  await tx.query(
    `update delivery_parts p set to_deliver = p.to_deliver - n, pending = p.pending - n
       from (select part_id, count(*)::int as n from lost group by part_id) l where p.id = l.part_id`,
  );
  await tx.query("delete from delivery_parts where delivery_id = $1 and to_deliver = 0 and not seeds", id);
  await tx.query(
    `update destination_counters c set to_deliver = c.to_deliver - n
       from (select domain, count(*)::int as n from lost group by domain) l
      where c.delivery_id = $1 and c.domain = l.domain and c.sender = ''`,
    id,
  );
  await tx.query(
    `update delivery_waves w set to_deliver = w.to_deliver - n
       from (select wave, count(*)::int as n from lost group by wave) l where w.delivery_id = $1 and w.number = l.wave`,
    id,
  );
  await tx.query("update capacity_uses set messages = greatest(0, messages - $2) where delivery_id = $1", [
    deliveryId,
    messages,
  ]);
  // How many of them were text only is not looked at: what hangs on it, opens that cannot be seen, is an estimate too.
  const [row] = await tx.query<{ left: number }>(
    `update deliveries set excluded = excluded + $2, to_deliver = to_deliver - $2, updated_at = $3,
            analysis = jsonb_set(analysis, '{textMessages}',
              to_jsonb(round(coalesce((analysis ->> 'textMessages')::numeric, 0) * (to_deliver - $2) / to_deliver)))
      where id = $1 returning to_deliver as left`,
    [deliveryId, messages, timestamp(now)],
  );
  return row?.left ?? 0;
}
