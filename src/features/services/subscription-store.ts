/**
 * The SQL of subscriptions, of wishes that wait for their confirmation, and of the history of both. Lock order: the service, then
 * recipients.
 */
import type { SubscriptionEvent, SubscriptionOrigin, SubscriptionState } from "../../core/service/subscription.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type Standing = {
  readonly match_key: string;
  /** Null: nobody knows the address. */
  readonly recipient_id: number | null;
  readonly address: string | null;
  readonly denylist_reason: string | null;
  readonly state: SubscriptionState | null;
  readonly ends_at: Instant | null;
  /** Of a wish that waits. */
  readonly mails: number | null;
  readonly mailed_at: Instant | null;
  readonly expires_at: Instant | null;
};

/** How the owners of these addresses stand to a service; one row for each. */
export function findStandings(tx: Queryable, serviceId: number, keys: readonly string[]): Promise<Standing[]> {
  return tx.query<Standing>(
    `select k.match_key, r.id as recipient_id, r.address,
            case when r.denylisted_at is not null then coalesce(r.denylist_reason, '') end as denylist_reason,
            s.state, s.ends_at, q.mails, q.mailed_at, q.expires_at
       from unnest($2::text[]) as k(match_key)
       left join recipients r on r.match_key = k.match_key
       left join subscriptions s on s.service_id = $1 and s.recipient_id = r.id
       left join subscription_requests q
         on q.service_id = $1 and q.match_key = k.match_key and q.confirmed_at is null`,
    [serviceId, keys],
  );
}

/** The same state again is no error: its time stays, its end is the new one. */
export async function putSubscriptions(
  tx: Tx,
  serviceId: number,
  recipientIds: readonly number[],
  to: { readonly state: SubscriptionState; readonly endsAt: Instant | null; readonly at: Instant },
): Promise<void> {
  await tx.query(
    `insert into subscriptions as s (service_id, recipient_id, state, since, ends_at)
     select $1, id, $3, $4, $5 from unnest($2::bigint[]) as ids(id) order by id
     on conflict (service_id, recipient_id) do update
        set state = excluded.state, ends_at = excluded.ends_at,
            since = case when s.state = excluded.state then s.since else excluded.since end`,
    [serviceId, recipientIds, to.state, timestamp(to.at), to.endsAt === null ? null : timestamp(to.endsAt)],
  );
}

export type NewEvent = {
  readonly serviceId: number;
  readonly matchKey: string;
  readonly kind: SubscriptionEvent;
  readonly origin: SubscriptionOrigin;
  readonly actor: string;
  readonly note: string;
  readonly askedAt: Instant | null;
};

export async function insertEvents(tx: Tx, events: readonly NewEvent[], at: Instant): Promise<void> {
  await tx.query(
    `insert into subscription_events (service_id, match_key, at, kind, origin, actor, note, asked_at)
     select e.service, e.key, $8, e.kind, e.origin, e.actor, e.note, e.asked
       from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
         as e(service, key, kind, origin, actor, note, asked)`,
    [
      events.map((event) => event.serviceId),
      events.map((event) => event.matchKey),
      events.map((event) => event.kind),
      events.map((event) => event.origin),
      events.map((event) => event.actor),
      events.map((event) => event.note),
      events.map((event) => (event.askedAt === null ? null : timestamp(event.askedAt))),
      timestamp(at),
    ],
  );
}

export type RequestRow = {
  readonly service_id: number;
  readonly match_key: string;
  readonly address: string;
  readonly attributes: Record<string, string | number | boolean | null>;
  readonly language: string | null;
  readonly origin: SubscriptionOrigin;
  readonly asked_at: Instant;
  readonly expires_at: Instant;
  readonly confirmed_at: Instant | null;
};

export type NewRequest = Omit<RequestRow, "confirmed_at"> & { readonly digest: Buffer; readonly mails: number };

/** A further mail for the same wish has a link of its own, and the former ones end; the wish keeps its time. */
export async function putRequest(tx: Tx, request: NewRequest, now: Instant): Promise<void> {
  await tx.query(
    `insert into subscription_requests as q
            (service_id, match_key, address, attributes, language, origin, asked_at, expires_at, digest, mails, mailed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (service_id, match_key) do update
        set address = excluded.address, attributes = excluded.attributes, language = excluded.language,
            origin = excluded.origin, digest = excluded.digest, mails = excluded.mails, mailed_at = excluded.mailed_at,
            asked_at = case when excluded.mails = 1 then excluded.asked_at else q.asked_at end,
            expires_at = case when excluded.mails = 1 then excluded.expires_at else q.expires_at end,
            confirmed_at = null`,
    [
      request.service_id,
      request.match_key,
      request.address,
      JSON.stringify(request.attributes),
      request.language,
      request.origin,
      timestamp(request.asked_at),
      timestamp(request.expires_at),
      request.digest,
      request.mails,
      timestamp(now),
    ],
  );
}

export async function findRequest(db: Queryable, digest: Buffer): Promise<RequestRow | null> {
  const [row] = await db.query<RequestRow>(
    `select service_id, match_key, address, attributes, language, origin, asked_at, expires_at, confirmed_at
       from subscription_requests where digest = $1`,
    [digest],
  );
  return row ?? null;
}

export async function markConfirmed(tx: Tx, digest: Buffer, now: Instant): Promise<void> {
  await tx.query("update subscription_requests set confirmed_at = $2 where digest = $1", [digest, timestamp(now)]);
}

/** What waits for a confirmation is not wanted any more. */
export async function deleteRequests(tx: Tx, serviceId: number, keys: readonly string[]): Promise<void> {
  await tx.query(
    "delete from subscription_requests where service_id = $1 and match_key = any($2) and confirmed_at is null",
    [serviceId, keys],
  );
}

/** Since when the address is on the denylist for this reason; null: it is not. */
export async function findDenylisting(tx: Tx, matchKey: string, reason: string): Promise<Instant | null> {
  const [row] = await tx.query<{ since: Instant }>(
    `select denylisted_at as since from recipients
      where match_key = $1 and denylisted_at is not null and denylist_reason = $2 for update`,
    [matchKey, reason],
  );
  return row?.since ?? null;
}

type SubscriptionRow = {
  readonly recipient_id: number;
  readonly address: string;
  readonly state: SubscriptionState;
  readonly since: Instant;
  readonly ends_at: Instant | null;
};

/** By recipient. */
export function listSubscriptions(
  db: Queryable,
  filter: { readonly serviceId: number; readonly state: SubscriptionState | null; readonly after: number },
  limit: number,
): Promise<SubscriptionRow[]> {
  return db.query<SubscriptionRow>(
    `select s.recipient_id, r.address, s.state, s.since, s.ends_at
       from subscriptions s join recipients r on r.id = s.recipient_id
      where s.service_id = $1 and s.recipient_id > $2 and ($3::text is null or s.state = $3)
      order by s.recipient_id limit $4`,
    [filter.serviceId, filter.after, filter.state, limit],
  );
}

export function listSubscriptionsOf(
  db: Queryable,
  recipientId: number,
): Promise<(Omit<SubscriptionRow, "recipient_id" | "address"> & { service_id: number; name: string })[]> {
  return db.query(
    `select s.service_id, v.name, s.state, s.since, s.ends_at
       from subscriptions s join services v on v.id = s.service_id where s.recipient_id = $1 order by v.name, v.id`,
    [recipientId],
  );
}

export function listHistoryOf(
  db: Queryable,
  recipientId: number,
  limit: number,
): Promise<
  {
    at: Instant;
    service_id: number;
    name: string;
    kind: SubscriptionEvent;
    origin: SubscriptionOrigin;
    actor: string;
    note: string;
    asked_at: Instant | null;
  }[]
> {
  return db.query(
    `select e.at, e.service_id, v.name, e.kind, e.origin, e.actor, e.note, e.asked_at
       from recipients r
       join subscription_events e on e.match_key = r.match_key
       join services v on v.id = e.service_id
      where r.id = $1 order by e.id desc limit $2`,
    [recipientId, limit],
  );
}

/** Ends what is over, at most `limit` of it, and says how many. */
export async function expireSubscriptions(db: Queryable, now: Instant, limit: number): Promise<number> {
  const rows = await db.query(
    `with over as (
       select service_id, recipient_id from subscriptions
        where state = 'subscribed' and ends_at <= $1 order by ends_at limit $2 for update skip locked),
     ended as (
       update subscriptions s set state = 'expired', since = s.ends_at, ends_at = null
         from over where (s.service_id, s.recipient_id) = (over.service_id, over.recipient_id)
       returning s.service_id, s.recipient_id, s.since)
     insert into subscription_events (service_id, match_key, at, kind, origin)
     select e.service_id, r.match_key, e.since, 'expired', 'system' from ended e join recipients r on r.id = e.recipient_id
     returning 1`,
    [timestamp(now), limit],
  );
  return rows.length;
}

export async function deleteExpiredRequests(db: Queryable, now: Instant): Promise<number> {
  const rows = await db.query("delete from subscription_requests where expires_at <= $1 returning 1", [timestamp(now)]);
  return rows.length;
}
