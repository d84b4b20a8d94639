/**
 * The SQL of pressure rules: how many messages each person of `target` had and is to get. It is counted in the log itself, of those deliveries only
 * that have messages in the span: one pass over their messages however many people there are, nothing kept beside the log that could differ from
 * it, and nothing on the way of sending. It reaches as far back as the log is kept.
 */
import type { PressureRule } from "../../contract/typology-population.ts";
import type { Settings } from "../../contract/index.ts";
import { goesFirst, isEarlier, pressureSpan, type Planned } from "../../core/population/pressure.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { loadPartRanges, type PartRange } from "../segments/index.ts";
import { countLeft } from "./exclude-store.ts";
import { statementWith, thresholdSql, weightSql, type Statement, type Weighing } from "./per-person-sql.ts";
import type { Rule } from "./rules-store.ts";

/** Two analyses that do not see each other's messages could both spend what is left of a person's pressure. */
const LOCK = 7_236_021;

/** Taken before all locks of capacities, held to the end of the transaction. */
export async function waitForPressure(tx: Tx): Promise<void> {
  await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
}

export type Pressed = Planned & Weighing;

/** Deliveries that were saved before there were such settings have none. */
export function weighingOf(settings: Pick<Settings, "weight" | "population">): Weighing {
  const { weight, population } = settings as { weight?: number; population?: Settings["population"] };
  return { weight: weight ?? 5, weights: population?.weights };
}

/** `last`: the delivery that was analysed after all others. */
export async function applyPressure(
  tx: Tx,
  rule: Rule<PressureRule>,
  delivery: Pressed,
  now: Instant,
  last: number | null = null,
): Promise<void> {
  const span = pressureSpan(delivery.at, rule.definition.days, rule.definition.grouping);
  const planned = rule.definition.planned ? await findPlanned(tx, rule.definition, delivery, span, last) : [];
  const isWeighed = (other: Pressed) => other.weights !== undefined || delivery.weights !== undefined;
  const first = planned.filter((other) => !isWeighed(other) && goesFirst(other, delivery));
  const ids = [...(await findSent(tx, rule.definition, delivery.id, span.from)), ...first.map(({ id }) => String(id))];
  await countMessages(
    tx,
    [...(await loadPartRanges(tx, ids)).values()].flat(),
    { mine: delivery, others: planned.filter(isWeighed) },
    span.from > now ? null : span.from,
    now,
  );
  await excludePressed(tx, rule, now);
  await tx.query("drop table pressure");
}

/** Deliveries that may have messages out since then: one that goes on does not do so beyond its validity. */
async function findSent(tx: Tx, { natures }: PressureRule, own: number, from: Instant): Promise<string[]> {
  const rows = await tx.query<{ id: number }>(
    `select id from deliveries
      where kind = 'campaign' and id <> $1 and started_at is not null and coalesce(finished_at, valid_until, 'infinity') >= $2
        and coalesce(settings ->> 'mode', 'live') = 'live'
        and ($3::text[] is null or coalesce(settings ->> 'nature', 'marketing') = any($3))`,
    [own, timestamp(from), natures ?? null],
  );
  return rows.map(({ id }) => String(id));
}

/** When a delivery `d` that has not begun is to go out. */
export const PLANNED_AT = "coalesce(d.start_at, (d.settings ->> 'plannedFor')::timestamptz, d.analysed_at)";

/** Other deliveries that are analysed and have not begun. */
async function findPlanned(
  tx: Tx,
  { natures }: PressureRule,
  mine: Planned,
  span: { readonly from: Instant; readonly to: Instant },
  last: number | null,
): Promise<Pressed[]> {
  const rows = await tx.query<{ id: number; at: Instant; analysed_at: Instant; settings: Settings }>(
    `select * from (
       select d.id, ${PLANNED_AT} as at, d.analysed_at,
              jsonb_build_object('weight', d.settings -> 'weight', 'population', d.settings -> 'population') as settings
         from deliveries d
        where d.kind = 'campaign' and d.id <> $1 and d.state in ('ready', 'scheduled', 'start-pending')
          and coalesce(d.settings ->> 'mode', 'live') = 'live'
          and ($4::text[] is null or coalesce(d.settings ->> 'nature', 'marketing') = any($4))) planned
      where at >= $2 and at < $3`,
    [mine.id, timestamp(span.from), timestamp(span.to), natures ?? null],
  );
  return rows.map(({ id, at, analysed_at: analysed, settings }) => ({
    id,
    at,
    analysed: id === last ? Number.POSITIVE_INFINITY : analysed,
    ...weighingOf(settings),
  }));
}

const COUNTS =
  "m.status in ('sent', 'pending', 'taken-into-account', 'in-doubt') and (m.final_at is null or m.final_at >= $1)";
/** With a smaller part of the log than that the messages of a few people are looked up one by one. */
const FEW = 1 / 50;

/**
 * Makes the temporary table `pressure` (id, messages). `since`: of messages that are out; null: only those count that are not. Deliveries
 * that are weighed for each person count where they go before `mine` for that person.
 */
async function countMessages(
  tx: Tx,
  ranges: readonly PartRange[],
  weighed: { readonly mine: Pressed; readonly others: readonly Pressed[] },
  since: Instant | null,
  now: Instant,
): Promise<void> {
  const params: unknown[] = [since === null ? null : timestamp(since)];
  const statement = statementWith(tx, params, now);
  const among = amongSql(statement, ranges);
  const few = (await countLeft(tx)) < FEW * (await countLog(tx, ranges));
  const counted = [
    few
      ? `select m.recipient_id as id from (select distinct id from target where reason is null) t
           join messages m on m.recipient_id = t.id and (${among}) and ${COUNTS}`
      : `select m.recipient_id as id from messages m where (${among}) and ${COUNTS}`,
  ];
  const rangesOf = await loadPartRanges(
    tx,
    weighed.others.map(({ id }) => String(id)),
  );
  for (const other of weighed.others) {
    const theirs = amongSql(statement, rangesOf.get(String(other.id)) ?? []);
    const first = isEarlier(other, weighed.mine) ? ">=" : ">";
    counted.push(
      `select m.recipient_id from (select distinct on (id) * from target where reason is null) r
         join messages m on m.recipient_id = r.id and (${theirs}) and ${COUNTS}
        where ${await weightSql(statement, other)} ${first} ${await weightSql(statement, weighed.mine)}`,
    );
  }
  await tx.query(
    `create temp table pressure on commit drop as
     select id, count(*)::int as messages from (${counted.join(" union all ")}) counted group by id`,
    params,
  );
  await tx.query("analyze pressure");
}

function amongSql({ bind }: Statement, ranges: readonly PartRange[]): string {
  const among = ranges.map(({ from, to }) => `m.part_id between ${bind(from)}::bigint and ${bind(to)}::bigint`);
  return among.join(" or ") || "false";
}

async function countLog(tx: Tx, ranges: readonly PartRange[]): Promise<number> {
  const [row] = await tx.query<{ messages: number }>(
    `select coalesce(sum(p.to_deliver), 0)::bigint as messages
       from unnest($1::bigint[], $2::bigint[]) as range(first, last) join delivery_parts p on p.id between range.first and range.last`,
    [ranges.map(({ from }) => from), ranges.map(({ to }) => to)],
  );
  return row?.messages ?? 0;
}

async function excludePressed(tx: Tx, { name, definition }: Rule<PressureRule>, now: Instant): Promise<void> {
  const params: unknown[] = [name];
  const statement = statementWith(tx, params, now);
  const threshold = await thresholdSql(statement, definition.threshold);
  const concerned = definition.recipients === undefined ? "true" : await statement.within(definition.recipients);
  const set = "update target r set reason = 'excluded-by-arbitration', detail = $1";
  await tx.query(
    `${set} from pressure p where p.id = r.id and r.reason is null and p.messages >= ${threshold} and ${concerned}`,
    params,
  );
  // Who had nothing yet is kept from it only where nothing at all is allowed.
  if (typeof definition.threshold === "number" && definition.threshold > 0) return;
  await tx.query(`${set} where r.reason is null and ${threshold} <= 0 and ${concerned}`, params);
}
