/**
 * The SQL of what shaping does and of what operators fix. Whoever restricts, ends or pins something announces it in the same transaction:
 * senders read anew.
 */
import type { Cause, Effect, Pin, Restriction, Scope, ShapingEvent } from "../../core/shaping/restriction.ts";
import { DAY, type Duration, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { SHAPING_CHANNEL } from "../../platform/events.ts";
import type { LaneKey } from "./store.ts";
import { storableJson, storableText } from "./storable.ts";

const EVENTS_FOR: Duration = 90 * DAY;
/** Nobody ended it and its time is not over. Null in `until`: it stands until somebody ends it. */
const STANDING = "kind = 'restricted' and ended_at is null and (until is null or until > $1)";

/** A restriction that is over before its time. `by`: what ended it, in a word or two. */
type EndedRestriction = { readonly id: string; readonly at: Instant; readonly by: string };

/** Keeps what shaping did; giving the same event again changes nothing. One statement each for what began and what ended, with its announcement. */
export async function recordShapingEvents(
  db: Queryable,
  sender: string,
  events: readonly ShapingEvent[],
  ended: readonly EndedRestriction[] = [],
): Promise<void> {
  if (events.length > 0) await insertEvents(db, sender, events);
  if (ended.length > 0) await endRestrictions(db, ended);
}

async function insertEvents(db: Queryable, sender: string, events: readonly ShapingEvent[]): Promise<void> {
  const column = (of: (event: ShapingEvent) => string) => events.map((event) => storableText(of(event)));
  await db.query(
    `with kept as (
     insert into shaping_events (id, at, sender, kind, scope, provider, cause, rule, evidence, effect, until, delivery_id, message_key)
     select id, at, $1, kind, scope::jsonb, provider, cause, rule, evidence, effect::jsonb, until, delivery_id, message_key
       from unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                   $10::text[], $11::timestamptz[], $12::bigint[], $13::text[])
         as given(id, at, kind, scope, provider, cause, rule, evidence, effect, until, delivery_id, message_key)
     on conflict (id) do nothing returning kind)
     select pg_notify($14, '') where exists (select 1 from kept where kind = 'restricted')`,
    [
      storableText(sender),
      column(({ id }) => id),
      events.map(({ at }) => timestamp(at)),
      column(({ kind }) => kind),
      events.map(({ scope }) => storableJson(scope)),
      column(({ provider }) => provider),
      column(({ cause }) => cause.kind),
      column(({ cause }) => cause.rule),
      column(({ evidence }) => evidence),
      events.map(({ effect }) => (effect === null ? null : storableJson(effect))),
      events.map(({ until }) => (until === null ? null : timestamp(until))),
      events.map(({ deliveryId }) => deliveryId),
      events.map(({ messageKey }) => messageKey),
      SHAPING_CHANNEL,
    ],
  );
}

async function endRestrictions(db: Queryable, ended: readonly EndedRestriction[]): Promise<void> {
  await db.query(
    `with over as (
       update shaping_events e set ended_at = given.at, ended_by = given.by
         from unnest($1::text[], $2::timestamptz[], $3::text[]) as given(id, at, by)
        where e.id = given.id and e.kind = 'restricted' and e.ended_at is null returning 1)
     select pg_notify($4, '') where exists (select 1 from over)`,
    [
      ended.map(({ id }) => storableText(id)),
      ended.map(({ at }) => timestamp(at)),
      ended.map(({ by }) => storableText(by)),
      SHAPING_CHANNEL,
    ],
  );
}

export async function announce(db: Queryable): Promise<void> {
  await db.query("select pg_notify($1, '')", [SHAPING_CHANNEL]);
}

type RestrictionRow = {
  id: string;
  at: Instant;
  scope: Scope;
  effect: Effect;
  cause: Cause["kind"];
  rule: string;
  evidence: string;
  until: Instant | null;
};

/** What is restricted now, by whichever sender or operator; oldest first. */
export async function loadRestrictions(db: Queryable, now: Instant): Promise<Restriction[]> {
  const rows = await db.query<RestrictionRow>(
    `select id, at, scope, effect, cause, rule, evidence, until from shaping_events
      where ${STANDING} and effect is not null order by at, id`,
    [timestamp(now)],
  );
  return rows.map(({ id, at, scope, effect, cause, rule, evidence, until }) => ({
    id,
    scope,
    effect,
    cause: { kind: cause, rule },
    evidence,
    since: at,
    until,
  }));
}

/** `over`: it ended before, by itself or by somebody; or it is an event that restricts nothing. */
export async function endRestriction(
  db: Queryable,
  id: string,
  by: string,
  now: Instant,
): Promise<"ended" | "missing" | "over"> {
  const [ended] = await db.query(
    `with ended as (
       update shaping_events set ended_at = $1, ended_by = $3 where id = $2 and ${STANDING} returning id)
     select pg_notify($4, '') from ended`,
    [timestamp(now), storableText(id), storableText(by), SHAPING_CHANNEL],
  );
  if (ended) return "ended";
  return (await findShapingEvent(db, id)) === null ? "missing" : "over";
}

/** Ends what suspends exactly this lane; what suspends more than it stays. */
export async function endSuspensions(
  db: Queryable,
  { source, site }: LaneKey,
  by: string,
  now: Instant,
): Promise<number> {
  const rows = await db.query(
    `update shaping_events set ended_at = $1, ended_by = $4
      where ${STANDING} and scope->>'kind' = 'lane' and scope->>'source' = $2 and scope->>'site' = $3
        and effect->>'kind' in ('suspend', 'avoid') returning 1`,
    [timestamp(now), source, site, by],
  );
  return rows.length;
}

/** Lanes that an operator released since then: their senders forget the rests that they set themselves. */
export async function loadReleases(db: Queryable, since: Instant): Promise<(LaneKey & { at: Instant })[]> {
  return db.query<LaneKey & { at: Instant }>(
    `select scope->>'source' as source, scope->>'site' as site, at from shaping_events
      where at > $1 and kind = 'adjusted' and cause = 'operator' and effect is null order by at, id`,
    [timestamp(since)],
  );
}

export async function loadPins(db: Queryable): Promise<Pin[]> {
  return db.query<Pin>(
    `select source, site, connections, messages_per_hour as "messagesPerHour" from lane_pins order by source, site`,
  );
}

export async function savePin(db: Queryable, pin: Pin, actor: string, now: Instant): Promise<void> {
  await db.query(
    `insert into lane_pins (source, site, connections, messages_per_hour, actor, at) values ($1, $2, $3, $4, $5, $6)
     on conflict (source, site) do update set connections = excluded.connections,
        messages_per_hour = excluded.messages_per_hour, actor = excluded.actor, at = excluded.at`,
    [pin.source, pin.site, pin.connections, pin.messagesPerHour, actor, timestamp(now)],
  );
}

/** False: there was none. */
export async function deletePin(db: Queryable, { source, site }: LaneKey): Promise<boolean> {
  const rows = await db.query("delete from lane_pins where source = $1 and site = $2 returning 1", [source, site]);
  return rows.length > 0;
}

export type EventRow = {
  id: string;
  at: Instant;
  sender: string;
  kind: ShapingEvent["kind"];
  scope: Scope;
  provider: string;
  cause: Cause["kind"];
  rule: string;
  evidence: string;
  effect: Effect | null;
  until: Instant | null;
  ended_at: Instant | null;
  ended_by: string | null;
  delivery_id: number | null;
  message_key: string | null;
};

const COLUMNS = `id, at, sender, kind, scope, provider, cause, rule, evidence, effect, until, ended_at, ended_by, delivery_id, message_key`;

export type EventFilter = {
  readonly provider?: string | undefined;
  readonly source?: string | undefined;
  readonly kind?: ShapingEvent["kind"] | undefined;
  readonly deliveryId?: number | undefined;
  readonly standing: boolean;
};

export type EventCursor = { readonly at: Instant; readonly id: string };

/** Newest first. */
export function listShapingEvents(
  db: Queryable,
  filter: EventFilter,
  before: EventCursor | null,
  limit: number,
  now: Instant,
): Promise<EventRow[]> {
  const params: unknown[] = [timestamp(now)];
  const param = (value: unknown) => `$${params.push(value)}`;
  // So that the first parameter always has a type.
  const conditions = ["$1::timestamptz is not null"];
  if (filter.standing) conditions.push(STANDING);
  if (filter.provider !== undefined) conditions.push(`provider = ${param(filter.provider)}`);
  if (filter.source !== undefined) conditions.push(`scope->>'source' = ${param(filter.source)}`);
  if (filter.kind !== undefined) conditions.push(`kind = ${param(filter.kind)}`);
  if (filter.deliveryId !== undefined) {
    const id = param(filter.deliveryId);
    conditions.push(`(delivery_id = ${id}::bigint or scope->>'deliveryId' = ${id}::bigint::text)`);
  }
  if (before !== null) conditions.push(`(at, id) < (${param(timestamp(before.at))}, ${param(before.id)})`);
  return db.query<EventRow>(
    `select ${COLUMNS} from shaping_events where ${conditions.join(" and ")}
      order by at desc, id desc limit ${param(limit)}`,
    params,
  );
}

export async function findShapingEvent(db: Queryable, id: string): Promise<EventRow | null> {
  const [row] = await db.query<EventRow>(`select ${COLUMNS} from shaping_events where id = $1`, [storableText(id)]);
  return row ?? null;
}

/** Standing restrictions by provider and what they do. */
export function countRestrictions(
  db: Queryable,
  now: Instant,
): Promise<{ provider: string; effect: string; count: number }[]> {
  return db.query(
    `select provider, effect->>'kind' as effect, count(*) as count from shaping_events
      where ${STANDING} and effect is not null group by 1, 2 order by 1, 2`,
    [timestamp(now)],
  );
}

/** Events older than their time are dropped, except what still stands. */
export async function forgetOldEvents(db: Queryable, now: Instant): Promise<number> {
  const rows = await db.query(`delete from shaping_events where at < $2 and not (${STANDING}) returning 1`, [
    timestamp(now),
    timestamp(now - EVENTS_FOR),
  ]);
  return rows.length;
}
