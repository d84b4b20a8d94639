/** The SQL of requests to webhooks: made from the outbox, leased, tried, kept for a while. */
import type { WebhookAttempt } from "../../contract/webhooks.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type NewRequest = {
  readonly webhookId: number;
  readonly types: readonly string[];
  readonly events: number;
  readonly body: string;
};

/** Due at once. */
export async function insertRequests(tx: Queryable, requests: readonly NewRequest[], now: Instant): Promise<number[]> {
  if (requests.length === 0) return [];
  const rows = await tx.query<{ id: number }>(
    `insert into webhook_messages (webhook_id, at, events, types, body, next_attempt_at)
     select r.webhook_id, $1, r.events, string_to_array(r.types, ' '), r.body, $1
       from unnest($2::bigint[], $3::int[], $4::text[], $5::text[]) as r(webhook_id, events, types, body) returning id`,
    [
      timestamp(now),
      requests.map((r) => r.webhookId),
      requests.map((r) => r.events),
      requests.map((r) => r.types.join(" ")),
      requests.map((r) => r.body),
    ],
  );
  return rows.map(({ id }) => id);
}

export type DueRequest = {
  readonly id: number;
  readonly key: string;
  readonly body: string;
  readonly attempts: number;
  readonly tries: number;
};

/** Nobody else takes them until `until`. */
export function claimDue(
  db: Queryable,
  webhookId: number,
  limit: number,
  now: Instant,
  until: Instant,
): Promise<DueRequest[]> {
  return db.query<DueRequest>(
    `update webhook_messages set busy_until = $4
      where id in (select id from webhook_messages
                    where webhook_id = $1 and state = 'pending' and next_attempt_at <= $3
                      and (busy_until is null or busy_until < $3)
                    order by next_attempt_at limit $2 for update skip locked)
      returning id, key, body, attempts, tries`,
    [webhookId, limit, timestamp(now), timestamp(until)],
  );
}

export type RequestOutcome = {
  readonly id: number;
  readonly attempt: number;
  readonly at: Instant;
  readonly state: "pending" | "delivered" | "failed";
  readonly nextAt: Instant | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
  readonly response: string;
};

/** Of requests that are still there. */
export async function writeOutcomes(tx: Tx, outcomes: readonly RequestOutcome[], now: Instant): Promise<void> {
  await tx.query(
    `update webhook_messages m
        set state = o.state, attempts = o.attempt, tries = m.tries + 1, next_attempt_at = o.next_at, busy_until = null,
            finished_at = case when o.state = 'pending' then null else $7::timestamptz end, status = o.status, error = o.error
       from unnest($1::bigint[], $2::text[], $3::int[], $4::timestamptz[], $5::smallint[], $6::text[])
         as o(id, state, attempt, next_at, status, error)
      where m.id = o.id`,
    [
      outcomes.map((o) => o.id),
      outcomes.map((o) => o.state),
      outcomes.map((o) => o.attempt),
      outcomes.map((o) => (o.nextAt === null ? null : timestamp(o.nextAt))),
      outcomes.map((o) => o.status),
      outcomes.map((o) => o.error),
      timestamp(now),
    ],
  );
  await tx.query(
    `insert into webhook_attempts (message_id, attempt, at, status, error, duration_ms, response)
     select o.* from unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::smallint[], $5::text[], $6::int[], $7::text[])
         as o(message_id, attempt, at, status, error, duration_ms, response)
      where exists (select 1 from webhook_messages m where m.id = o.message_id)
     on conflict do nothing`,
    [
      outcomes.map((o) => o.id),
      outcomes.map((o) => o.attempt),
      outcomes.map((o) => timestamp(o.at)),
      outcomes.map((o) => o.status),
      outcomes.map((o) => o.error),
      outcomes.map((o) => o.durationMs),
      outcomes.map((o) => o.response),
    ],
  );
}

/** Not tried: due again at once. */
export async function giveBack(db: Queryable, ids: readonly number[]): Promise<void> {
  await db.query("update webhook_messages set busy_until = null where id = any($1) and state = 'pending'", [ids]);
}

/** When the next request to any webhook that is sent to is due; null: nothing waits. */
export async function nextDue(db: Queryable): Promise<Instant | null> {
  const [row] = await db.query<{ at: Instant | null }>(
    `select min(greatest(d.at, w.paused_until)) as at
       from webhooks w cross join lateral (
         select greatest(next_attempt_at, busy_until) as at from webhook_messages m
          where m.webhook_id = w.id and m.state = 'pending' order by m.next_attempt_at limit 1) d
      where w.enabled`,
  );
  return row?.at ?? null;
}

/** How many wait; one more than `most` stands for any number above. */
export async function countPending(
  db: Queryable,
  webhookIds: readonly number[],
  most: number,
): Promise<Map<number, number>> {
  const rows = await db.query<{ id: number; pending: number }>(
    `select w.id, p.pending from unnest($1::bigint[]) as w(id) cross join lateral (
       select count(*) as pending from (select 1 from webhook_messages m
         where m.webhook_id = w.id and m.state = 'pending' limit $2) waiting) p`,
    [webhookIds, most + 1],
  );
  return new Map(rows.map(({ id, pending }) => [id, pending]));
}

export type MessageRow = {
  id: number;
  key: string;
  webhook_id: number;
  at: Instant;
  types: string[];
  events: number;
  state: "pending" | "delivered" | "failed";
  attempts: number;
  next_attempt_at: Instant | null;
  finished_at: Instant | null;
  status: number | null;
  error: string | null;
};

const COLUMNS = "id, key, webhook_id, at, types, events, state, attempts, next_attempt_at, finished_at, status, error";

export type MessageFilter = { readonly state?: MessageRow["state"] | undefined; readonly type?: string | undefined };

/** Newest first. */
export function listMessages(
  db: Queryable,
  webhookId: number,
  { state, type }: MessageFilter,
  before: number | null,
  limit: number,
): Promise<MessageRow[]> {
  return db.query<MessageRow>(
    `select ${COLUMNS} from webhook_messages
      where webhook_id = $1 and ($2::bigint is null or id < $2) and ($3::text is null or state = $3)
        and ($4::text is null or $4 = any(types))
      order by id desc limit $5`,
    [webhookId, before, state ?? null, type ?? null, limit],
  );
}

export async function findMessage(
  db: Queryable,
  webhookId: number,
  id: number,
): Promise<(MessageRow & { body: string }) | null> {
  const [row] = await db.query<MessageRow & { body: string }>(
    `select ${COLUMNS}, body from webhook_messages where webhook_id = $1 and id = $2`,
    [webhookId, id],
  );
  return row ?? null;
}

export function listAttempts(
  db: Queryable,
  messageId: number,
): Promise<(Omit<WebhookAttempt, "at"> & { at: Instant })[]> {
  return db.query(
    `select attempt, at, status, error, duration_ms as "durationMs", response from webhook_attempts
      where message_id = $1 order by attempt`,
    [messageId],
  );
}

/** Due at once, with a schedule of its own. Null: there is no such request. */
export async function sendAgain(
  tx: Queryable,
  webhookId: number,
  id: number,
  now: Instant,
): Promise<MessageRow | null> {
  const [row] = await tx.query<MessageRow>(
    `update webhook_messages set state = 'pending', next_attempt_at = $3, tries = 0, finished_at = null
      where webhook_id = $1 and id = $2 returning ${COLUMNS}`,
    [webhookId, id, timestamp(now)],
  );
  return row ?? null;
}

/** What was made in the time; how many. Those that wait anyhow stay as they are. */
export async function sendWindowAgain(
  tx: Queryable,
  webhookId: number,
  window: { readonly since: Instant; readonly until: Instant; readonly states: readonly MessageRow["state"][] },
  now: Instant,
): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `with again as (
       update webhook_messages set state = 'pending', next_attempt_at = $5, tries = 0, finished_at = null
        where webhook_id = $1 and state = any($4) and at >= $2 and at <= $3 returning 1)
     select count(*) as count from again`,
    [webhookId, timestamp(window.since), timestamp(window.until), window.states, timestamp(now)],
  );
  return row?.count ?? 0;
}
