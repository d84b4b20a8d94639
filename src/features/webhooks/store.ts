/** The SQL of webhooks themselves. What is sent to them is in message-store.ts. Secrets leave the database sealed. */
import type { WebhookInput } from "../../contract/webhooks.ts";
import type { Duration, Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { WEBHOOK_CHANNEL } from "../../platform/outbox.ts";

export type WebhookRow = Omit<WebhookInput, "events"> & {
  readonly id: number;
  readonly events: string[];
  readonly version: number;
  readonly sealedSecret: Buffer;
  readonly sealedPrevious: Buffer | null;
  readonly previousUntil: Instant | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly failingSince: Instant | null;
  readonly failures: number;
  readonly lastError: string | null;
  readonly succeededAt: Instant | null;
  readonly pausedUntil: Instant | null;
  readonly disabledReason: string | null;
};

const COLUMNS = `id, url, description, events, enabled, batch, concurrency, version, sealed_secret as "sealedSecret",
  sealed_previous as "sealedPrevious", previous_until as "previousUntil", created_at as "createdAt", updated_at as "updatedAt",
  failing_since as "failingSince", failures, last_error as "lastError", succeeded_at as "succeededAt",
  paused_until as "pausedUntil", disabled_reason as "disabledReason"`;

/** Oldest first, those after `after`. */
export function listWebhooks(db: Queryable, after = 0, limit: number | null = null): Promise<WebhookRow[]> {
  return db.query<WebhookRow>(`select ${COLUMNS} from webhooks where id > $1 order by id limit $2`, [after, limit]);
}

export async function findWebhook(db: Queryable, id: number): Promise<WebhookRow | null> {
  const [row] = await db.query<WebhookRow>(`select ${COLUMNS} from webhooks where id = $1`, [id]);
  return row ?? null;
}

export async function lockWebhook(tx: Tx, id: number): Promise<WebhookRow | null> {
  const [row] = await tx.query<WebhookRow>(`select ${COLUMNS} from webhooks where id = $1 for update`, [id]);
  return row ?? null;
}

/** Those that are sent to, and wait for nothing. */
export function listActive(db: Queryable, now: Instant): Promise<WebhookRow[]> {
  return db.query<WebhookRow>(
    `select ${COLUMNS} from webhooks where enabled and (paused_until is null or paused_until <= $1) order by id`,
    [timestamp(now)],
  );
}

const fieldsOf = ({ url, description, events, enabled, batch, concurrency }: WebhookInput) => [
  url,
  description,
  events,
  enabled,
  batch,
  concurrency,
];

/** Without its secret, which is sealed for the id that it gets here. */
export async function insertWebhook(tx: Tx, fields: WebhookInput, now: Instant): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `insert into webhooks (url, description, events, enabled, batch, concurrency, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7) returning id`,
    [...fieldsOf(fields), timestamp(now)],
  );
  return row?.id ?? 0;
}

/** Switched on again, or sent elsewhere, it begins anew. */
export async function updateWebhook(tx: Tx, row: WebhookRow, fields: WebhookInput, now: Instant): Promise<void> {
  const isNew = fields.url !== row.url || (fields.enabled && !row.enabled);
  await tx.query(
    `update webhooks set url = $2, description = $3, events = $4, enabled = $5, batch = $6, concurrency = $7, updated_at = $8,
            version = version + 1, disabled_at = case when $5 then null else disabled_at end,
            disabled_reason = case when $5 then null else disabled_reason end,
            failing_since = case when $9 then null else failing_since end, failures = case when $9 then 0 else failures end,
            last_error = case when $9 then null else last_error end, paused_until = case when $9 then null else paused_until end
      where id = $1`,
    [row.id, ...fieldsOf(fields), timestamp(now), isNew],
  );
}

export async function setSecrets(
  tx: Tx,
  id: number,
  secrets: { readonly sealed: Buffer; readonly previous: Buffer | null; readonly previousUntil: Instant | null },
): Promise<void> {
  await tx.query(
    `update webhooks set sealed_secret = $2, sealed_previous = $3, previous_until = $4, version = version + 1 where id = $1`,
    [id, secrets.sealed, secrets.previous, secrets.previousUntil === null ? null : timestamp(secrets.previousUntil)],
  );
}

/** With everything that was sent to it. */
export async function deleteWebhook(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from webhook_messages where webhook_id = $1", [id]);
  await tx.query("delete from webhooks where id = $1", [id]);
}

/** Whoever sends hears of it at commit. */
export async function announceChange(tx: Queryable): Promise<void> {
  await tx.query("select pg_notify($1, '')", [WEBHOOK_CHANNEL]);
}

export type Health = {
  readonly delivered: number;
  /** In a row at the end: of what came after the last success. */
  readonly failures: number;
  readonly error: string | null;
  readonly pause: Duration;
};

/** What a round of requests says about the one whom they went to; the row as it is then. */
export async function noteHealth(tx: Tx, id: number, health: Health, now: Instant): Promise<WebhookRow | null> {
  const { delivered, failures, error, pause } = health;
  const [row] = await tx.query<WebhookRow>(
    `update webhooks set
            succeeded_at = case when $3 > 0 then $2 else succeeded_at end,
            failures = case when $3 > 0 then $4 else failures + $4 end,
            failing_since = case when $4 = 0 then null when $3 > 0 then $2 else coalesce(failing_since, $2) end,
            last_error = case when $4 > 0 then $5 end,
            paused_until = case when $6::float8 > 0 then $2 + $6 * interval '1 millisecond' end
      where id = $1 returning ${COLUMNS}`,
    [id, timestamp(now), delivered, failures, error, pause],
  );
  return row ?? null;
}

/** False: it was already. */
export async function disableWebhook(tx: Tx, id: number, reason: string, now: Instant): Promise<boolean> {
  const rows = await tx.query(
    `update webhooks set enabled = false, disabled_at = $2, disabled_reason = $3, version = version + 1
      where id = $1 and enabled returning 1`,
    [id, timestamp(now), reason],
  );
  return rows.length > 0;
}
