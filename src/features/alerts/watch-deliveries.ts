/** The SQL of what can be wrong with deliveries. Proofs and single messages are none that anybody waits for. */
import { formatInstant, HOUR, type Instant, MINUTE } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import type { Look, Seen, Watchers } from "./seen.ts";

type Found = { id: number; label: string } & Readonly<Record<string, unknown>>;

const seenOf = (rows: readonly Found[]): Seen[] =>
  rows.map(({ id, ...detail }) => ({ subject: String(id), detail: { deliveryId: String(id), ...detail } }));

/** Deliveries are few, so that all are looked through; their parts only of those that were under way lately. */
const PARTS = `cross join lateral (
  select coalesce(sum(pending), 0) as pending, coalesce(sum(retrying), 0) as retrying, coalesce(sum(sent), 0) as sent,
         coalesce(sum(failed), 0) as failed
    from delivery_parts where delivery_id = d.id and not seeds) p`;
const RECENT = `d.kind = 'campaign' and d.started_at is not null and (d.finished_at is null or d.finished_at >= $1)
  and d.state in ('in-progress', 'pausing', 'paused', 'stopping', 'stopped', 'finished')`;

export const DELIVERY_WATCHERS: Watchers = {
  "delivery-held": async ({ db }) =>
    seenOf(
      await db.query<Found>(
        `select id, label, hold_reason as reason from deliveries
          where kind = 'campaign' and state in ('pausing', 'paused') and hold_reason is not null`,
      ),
    ),

  "analysis-failed": (look) => lastEvent(look, "analysis.failed", "analysis.%", ["editing"]),

  "start-missed": (look) => lastEvent(look, "delivery.missed", "delivery.%", ["ready", "editing"]),

  // Of the last date that has come: where a later one has its delivery, nobody has to look at the former.
  "run-missed": async ({ db, now, window }) => {
    const rows = await db.query<{ id: number; label: string; at: Instant; reason: string }>(
      `select s.id, s.label, r.at, r.reason
         from series s cross join lateral (
           select at, outcome, reason, recorded_at from series_runs where series_id = s.id order by at desc limit 1) r
        where s.is_on and r.outcome <> 'made' and r.recorded_at >= $1`,
      [timestamp(now - window)],
    );
    return rows.map(({ id, label, at, reason }) => {
      return { subject: String(id), detail: { seriesId: String(id), label, at: formatInstant(at), reason } };
    });
  },

  "start-late": async ({ db, now, thresholds }) =>
    seenOf(
      await db.query<Found>(
        `select id, label, start_at as at from deliveries
          where state in ('scheduled', 'start-pending') and start_at < $1 and kind = 'campaign'`,
        [timestamp(now - thresholds.minutes * MINUTE)],
      ),
    ),

  "hard-bounces": (look) => badRatio(look, "hard"),

  "soft-bounces": (look) => badRatio(look, "soft"),

  "low-success": async ({ db, now, thresholds, window }) =>
    seenOf(
      await db.query<Found>(
        `select d.id, d.label, p.sent, p.sent + p.failed as of, round(100.0 * p.sent / (p.sent + p.failed), 1)::float8 as percent
           from deliveries d ${PARTS}
          where ${RECENT} and p.sent + p.failed >= greatest($2, 1) and 100.0 * p.sent < $3::float8 * (p.sent + p.failed)`,
        [timestamp(now - window), thresholds.least, thresholds.percent],
      ),
    ),

  complaints: async ({ db, now, thresholds, window }) =>
    seenOf(
      await db.query<Found>(
        `select d.id, d.label, c.recipients as count, p.sent as of, round(100.0 * c.recipients / p.sent, 2)::float8 as percent
           from deliveries d
           join tracking_counters c on c.delivery_id = d.id and c.kind = 'complaint' and c.link = 0 ${PARTS}
          where ${RECENT} and p.sent >= greatest($2, 1) and 100.0 * c.recipients > $3::float8 * p.sent`,
        [timestamp(now - window), thresholds.least, thresholds.percent],
      ),
    ),

  slow: async ({ db, now, thresholds }) =>
    seenOf(
      await db.query<Found>(
        `select d.id, d.label, p.sent + p.failed as done, d.to_deliver as of,
                round((p.sent + p.failed) * $3::float8 / greatest(extract(epoch from $4 - d.started_at) * 1000, 1)) as "perHour"
           from deliveries d ${PARTS}
          where d.kind = 'campaign' and d.state = 'in-progress' and d.started_at < $1
            and 100.0 * (p.sent + p.failed) < $2::float8 * d.to_deliver
            and (p.sent + p.failed) * $3::float8 / greatest(extract(epoch from $4 - d.started_at) * 1000, 1) < $5`,
        [timestamp(now - thresholds.minutes * MINUTE), thresholds.percent, HOUR, timestamp(now), thresholds.perHour],
      ),
    ),

  running: async ({ db }) =>
    seenOf(await db.query<Found>("select id, label from deliveries where kind = 'campaign' and state = 'in-progress'")),

  "senders-silent": async ({ db, now, thresholds }) => {
    const [row] = await db.query<{ deliveries: number; since: number | null }>(
      `select count(distinct d.id) as deliveries, min(p.due_at) as since
         from deliveries d join delivery_parts p on p.delivery_id = d.id and p.due_at < $1
        where d.state = 'in-progress' and not exists (select 1 from senders where seen_at > $1)`,
      [timestamp(now - thresholds.minutes * MINUTE)],
    );
    return row && row.deliveries > 0 ? [{ subject: "", detail: row }] : [];
  },
};

/** Those whose log ends with it, as far as it is of this kind, and who are still where it left them. */
async function lastEvent(
  { db, now, window }: Look,
  kind: string,
  like: string,
  states: readonly string[],
): Promise<Seen[]> {
  return seenOf(
    await db.query<Found>(
      `select d.id, d.label, e.detail->>'error' as reason
         from deliveries d cross join lateral (
           select kind, at, detail from delivery_events where delivery_id = d.id and kind like $1 order by id desc limit 1) e
        where d.kind = 'campaign' and d.state = any($2) and d.updated_at >= $4 and e.kind = $3 and e.at >= $4`,
      [like, states, kind, timestamp(now - window)],
    ),
  );
}

/** Parts that are looked at of a delivery: some 40,000 messages say the ratio to a tenth of a percent. */
const SAMPLE = 40;

/** Messages are only counted where counters do not rule it out: no type can be more than all that failed or wait. */
async function badRatio({ db, now, thresholds, window }: Look, type: "hard" | "soft"): Promise<Seen[]> {
  const rows = await db.query<Found & { bad: number; of: number }>(
    `select d.id, d.label, s.bad, s.tried as of, round(100.0 * s.bad / s.tried, 1)::float8 as percent
       from deliveries d ${PARTS}
       cross join lateral (
         select count(*) filter (where m.type = $4 and m.status <> 'sent') as bad, count(*) as tried
           from (select id from delivery_parts where delivery_id = d.id and not seeds and sent + failed + retrying > 0
                  order by md5(id::text) limit ${SAMPLE}) part
           join messages m on m.part_id = part.id and m.attempts > 0) s
      where ${RECENT} and p.sent + p.failed + p.retrying >= greatest($2, 1)
        and 100.0 * (p.failed + p.retrying) > $3::float8 * (p.sent + p.failed + p.retrying)
        and 100.0 * s.bad > $3::float8 * s.tried and s.tried > 0`,
    [timestamp(now - window), thresholds.least, thresholds.percent, type],
  );
  return seenOf(rows);
}
