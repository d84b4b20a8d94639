/**
 * The SQL of pressure rules: how many messages each person of `target` had and is to get. It is counted in the log itself, of those deliveries only
 * that have messages in the span: one pass over their messages however many people there are, nothing kept beside the log that could differ from
 * it, and nothing on the way of sending. It reaches as far back as the log is kept.
 */
import type { ExclusionRule } from "../../contract/index.ts";
import type { PressureRule, Threshold } from "../../contract/typology-population.ts";
import { goesFirst, pressureSpan } from "../../core/population/pressure.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { compileSegment, loadPartRanges, prepareChoice, type PartRange } from "../segments/index.ts";
import { countLeft } from "./exclude-store.ts";
import type { Rule } from "./rules-store.ts";

/** Two analyses that do not see each other's messages could both spend what is left of a person's pressure. */
const LOCK = 7_236_021;

export type Pressed = {
  readonly id: number;
  readonly weight: number;
  /** When it is meant to go out. */
  readonly at: Instant;
};

export async function applyPressure(tx: Tx, rule: Rule<PressureRule>, delivery: Pressed, now: Instant): Promise<void> {
  await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
  const span = pressureSpan(delivery.at, rule.definition.days, rule.definition.grouping);
  const ids = [
    ...(await findSent(tx, rule.definition, delivery.id, span.from)),
    ...(rule.definition.planned ? await findPlanned(tx, rule.definition, delivery, span) : []),
  ];
  await countMessages(tx, [...(await loadPartRanges(tx, ids)).values()].flat(), span.from > now ? null : span.from);
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

/** Analysed deliveries that have not begun and go before this one. */
async function findPlanned(
  tx: Tx,
  { natures }: PressureRule,
  mine: Pressed,
  span: { readonly from: Instant; readonly to: Instant },
): Promise<string[]> {
  const rows = await tx.query<{ id: number; at: Instant; weight: number }>(
    `select * from (
       select id, coalesce(start_at, (settings ->> 'plannedFor')::timestamptz, analysed_at) as at,
              coalesce((settings ->> 'weight')::int, 5) as weight
         from deliveries
        where kind = 'campaign' and id <> $1 and state in ('ready', 'scheduled', 'start-pending')
          and coalesce(settings ->> 'mode', 'live') = 'live'
          and ($4::text[] is null or coalesce(settings ->> 'nature', 'marketing') = any($4))) planned
      where at >= $2 and at < $3`,
    [mine.id, timestamp(span.from), timestamp(span.to), natures ?? null],
  );
  return rows.filter((other) => goesFirst(other, mine)).map(({ id }) => String(id));
}

const COUNTS =
  "m.status in ('sent', 'pending', 'taken-into-account', 'in-doubt') and (m.final_at is null or m.final_at >= $1)";
/** With a smaller part of the log than that the messages of a few people are looked up one by one. */
const FEW = 1 / 50;

/** Makes the temporary table `pressure` (id, messages). `since`: of messages that are out; null: only those count that are not. */
async function countMessages(tx: Tx, ranges: readonly PartRange[], since: Instant | null): Promise<void> {
  const params: unknown[] = [since === null ? null : timestamp(since)];
  const bind = (value: number) => `$${params.push(value)}::bigint`;
  const among = ranges.map(({ from, to }) => `m.part_id between ${bind(from)} and ${bind(to)}`).join(" or ") || "false";
  const few = (await countLeft(tx)) < FEW * (await countLog(tx, ranges));
  await tx.query(
    few
      ? `create temp table pressure on commit drop as
         select m.recipient_id as id, count(*)::int as messages
           from (select distinct id from target where reason is null) t
           join messages m on m.recipient_id = t.id and (${among}) and ${COUNTS}
          group by m.recipient_id`
      : `create temp table pressure on commit drop as
         select m.recipient_id as id, count(*)::int as messages from messages m where (${among}) and ${COUNTS} group by m.recipient_id`,
    params,
  );
  await tx.query("analyze pressure");
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
  const bind = (value: unknown) => `$${params.push(value)}`;
  const within = async (choice: ExclusionRule) => {
    const { prepared } = await prepareChoice(tx, choice, now);
    const { sql, params: own } = compileSegment(prepared, { now, recipient: "r", offset: params.length });
    params.push(...own);
    return sql;
  };
  const threshold = await thresholdSql(definition.threshold, bind, within);
  const concerned = definition.recipients === undefined ? "true" : await within(definition.recipients);
  const set = "update target r set reason = 'excluded-by-arbitration', detail = $1";
  await tx.query(
    `${set} from pressure p where p.id = r.id and r.reason is null and p.messages >= ${threshold} and ${concerned}`,
    params,
  );
  // Who had nothing yet is kept from it only where nothing at all is allowed.
  if (typeof definition.threshold === "number" && definition.threshold > 0) return;
  await tx.query(`${set} where r.reason is null and ${threshold} <= 0 and ${concerned}`, params);
}

/** Most messages that a person may get, over the rows `r` of the target. */
async function thresholdSql(
  threshold: Threshold,
  bind: (value: unknown) => string,
  within: (choice: ExclusionRule) => Promise<string>,
): Promise<string> {
  if (typeof threshold === "number") return `${bind(threshold)}::int`;
  if ("attribute" in threshold) {
    const value = `read_number(r.attributes ->> ${bind(threshold.attribute)}::text)`;
    return `coalesce(case when ${value} < 0 then 0 else ${value} end, ${bind(threshold.otherwise)}::int)`;
  }
  const cases: string[] = [];
  for (const { segment, threshold: count } of threshold.cases) {
    cases.push(`when ${await within({ segment })} then ${bind(count)}::int`);
  }
  return `case ${cases.join(" ")} else ${bind(threshold.otherwise)}::int end`;
}
