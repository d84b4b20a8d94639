/** The SQL of warm-ups. Dates go in and out as days since 1970-01-01, so that no time zone has a say. */
import type { UtcDate, WarmUpDay, WarmUpWord } from "../../core/shaping/warm-up.ts";
import { SENDING_SHARE } from "../../core/shaping/warm-up.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

/** A source at a provider. */
export type Pair = { readonly sourceId: number; readonly provider: string };

/** What is known of a date. */
export type DayRow = WarmUpDay & {
  /** Taken in each hour, UTC. */
  readonly reserved: readonly number[];
  readonly held: boolean;
};

const dateOf = (parameter: string) => `(date '1970-01-01' + ${parameter}::int)`;
const numberOf = (column: string) => `(${column} - date '1970-01-01')`;
const DAY = `${numberOf("d.date")} as date, d.day, d.allowance, d.reserved, d.accepted, d.deferred, d.refused, d.complaints, d.held`;
const WORD = `w.state, w.next_day as "nextDay", ${numberOf("w.since")} as since`;
/** `isSendingDay` of core/shaping/warm-up.ts. */
const IS_SENDING_DAY = `d.accepted + d.deferred + d.refused > 0
       and d.accepted + d.deferred + d.refused >= d.allowance * ${SENDING_SHARE}::float8`;

/**
 * Takes the pair for this transaction; makes it when there is none. `off`: the source is known everywhere; `gone`: there is
 * no such source.
 */
export async function takePair(
  tx: Tx,
  { sourceId, provider }: Pair,
  today: UtcDate,
  now: Instant,
): Promise<{ readonly kind: "word"; readonly word: WarmUpWord } | { readonly kind: "off" | "gone" }> {
  const [source] = await tx.query<{ warm_up: string }>("select warm_up from sources where id = $1 for key share", [
    sourceId,
  ]);
  if (!source) return { kind: "gone" };
  if (source.warm_up === "off") return { kind: "off" };
  await tx.query(
    `insert into warm_ups (source_id, provider, state, since, updated_at)
     values ($1, $2, 'warming', ${dateOf("$3")}, $4) on conflict do nothing`,
    [sourceId, provider, today, timestamp(now)],
  );
  const [word] = await tx.query<WarmUpWord>(
    `select ${WORD} from warm_ups w where source_id = $1 and provider = $2 for update`,
    [sourceId, provider],
  );
  return word ? { kind: "word", word } : { kind: "gone" };
}

export async function saveWord(tx: Tx, pair: Pair, { state, nextDay, since }: WarmUpWord, now: Instant): Promise<void> {
  await tx.query(
    `update warm_ups set state = $3, next_day = $4, since = ${dateOf("$5")}, updated_at = $6
      where source_id = $1 and provider = $2`,
    [pair.sourceId, pair.provider, state, nextDay, since, timestamp(now)],
  );
}

export async function findDay(db: Queryable, { sourceId, provider }: Pair, date: UtcDate): Promise<DayRow | null> {
  const [row] = await db.query<DayRow>(
    `select ${DAY} from warm_up_days d where source_id = $1 and provider = $2 and date = ${dateOf("$3")}`,
    [sourceId, provider, date],
  );
  return row ?? null;
}

export async function findSendingDayBefore(
  db: Queryable,
  { sourceId, provider }: Pair,
  date: UtcDate,
): Promise<DayRow | null> {
  const [row] = await db.query<DayRow>(
    `select ${DAY} from warm_up_days d
      where source_id = $1 and provider = $2 and date < ${dateOf("$3")} and ${IS_SENDING_DAY}
      order by d.date desc limit 1`,
    [sourceId, provider, date],
  );
  return row ?? null;
}

/** Begins the date. `held`: because of how the sending day before went, not by an operator's word, which can be taken back. */
export async function insertDay(
  tx: Tx,
  pair: Pair,
  date: UtcDate,
  { day, allowance, held }: Pick<DayRow, "day" | "allowance" | "held">,
): Promise<void> {
  await tx.query(
    `insert into warm_up_days (source_id, provider, date, day, allowance, held)
     values ($1, $2, ${dateOf("$3")}, $4, $5, $6)`,
    [pair.sourceId, pair.provider, date, day, allowance, held],
  );
}

/** Another step for a date that has begun; what was taken stays taken. */
export async function changeDay(tx: Tx, pair: Pair, date: UtcDate, day: number, allowance: number): Promise<void> {
  await tx.query(
    `update warm_up_days set day = $4, allowance = $5, held = false
      where source_id = $1 and provider = $2 and date = ${dateOf("$3")}`,
    [pair.sourceId, pair.provider, date, day, allowance],
  );
}

/** `count` below zero gives back; never below nothing. */
export async function addReserved(
  db: Queryable,
  { sourceId, provider }: Pair,
  date: UtcDate,
  hour: number,
  count: number,
): Promise<void> {
  await db.query(
    `update warm_up_days set reserved[$4::int] = greatest(0, reserved[$4::int] + $5::int)
      where source_id = $1 and provider = $2 and date = ${dateOf("$3")}`,
    [sourceId, provider, date, hour + 1, count],
  );
}

export type DatedCounts = Pair & {
  readonly date: UtcDate;
  readonly accepted: number;
  readonly deferred: number;
  readonly refused: number;
  readonly complaints: number;
};

/** Counts for the date, or for the last one that had begun by then: what left before midnight may be answered after it. */
export async function addCounts(db: Queryable, rows: readonly DatedCounts[]): Promise<void> {
  await db.query(
    `update warm_up_days d
        set accepted = d.accepted + c.accepted, deferred = d.deferred + c.deferred,
            refused = d.refused + c.refused, complaints = d.complaints + c.complaints
       from (
         select n.source_id, n.provider, b.date, sum(n.accepted) as accepted, sum(n.deferred) as deferred,
                sum(n.refused) as refused, sum(n.complaints) as complaints
           from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[])
                as n (source_id, provider, date, accepted, deferred, refused, complaints)
          cross join lateral (
            select e.date from warm_up_days e
             where e.source_id = n.source_id and e.provider = n.provider and e.date <= ${dateOf("n.date")}
             order by e.date desc limit 1) b
          group by n.source_id, n.provider, b.date) c
      where d.source_id = c.source_id and d.provider = c.provider and d.date = c.date`,
    [
      rows.map((row) => row.sourceId),
      rows.map((row) => row.provider),
      rows.map((row) => row.date),
      rows.map((row) => row.accepted),
      rows.map((row) => row.deferred),
      rows.map((row) => row.refused),
      rows.map((row) => row.complaints),
    ],
  );
}

/** All that is known of a pair for a date. */
export type PairRow = Pair & {
  readonly source: string;
  readonly word: WarmUpWord;
  readonly today: DayRow | null;
  readonly last: DayRow | null;
};

/** Every pair of sources with a warm-up that has begun or that an operator set, by number and provider. */
export async function listPairs(db: Queryable, date: UtcDate, pair: Pair | null = null): Promise<PairRow[]> {
  return db.query<PairRow>(
    `select s.id as "sourceId", s.name as source, w.provider,
            jsonb_build_object('state', w.state, 'nextDay', w.next_day, 'since', ${numberOf("w.since")}) as word,
            (select to_jsonb(t) from (
               select ${DAY} from warm_up_days d
                where d.source_id = s.id and d.provider = w.provider and d.date = ${dateOf("$1")}) t) as today,
            (select to_jsonb(t) from (
               select ${DAY} from warm_up_days d
                where d.source_id = s.id and d.provider = w.provider and d.date < ${dateOf("$1")} and ${IS_SENDING_DAY}
                order by d.date desc limit 1) t) as last
       from sources s join warm_ups w on w.source_id = s.id
      where s.warm_up = 'automatic' and ($2::bigint is null or (s.id = $2 and w.provider = $3))
      order by s.id, w.provider`,
    [date, pair?.sourceId ?? null, pair?.provider ?? null],
  );
}
