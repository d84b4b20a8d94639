/** Alerts: what somebody must look at. One open row for each cause, whatever happens again joins it. */
import type { ArchiveAlert } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";

export type AlertKind = ArchiveAlert["kind"];

export type NewAlert = {
  readonly kind: AlertKind;
  /** Null: all archives together. */
  readonly archive: number | null;
  readonly deliveryId: number | null;
  /** Keys of messages that are new to the alert. */
  readonly keys: readonly string[];
  /** How many messages are new to the alert; or copies, of a debt. */
  readonly count: number;
  /** What the archive replied, what the limit is … */
  readonly detail: { readonly reply?: string; readonly limit?: number };
};

/** Of more messages only the number is known; the ledger has them all. */
const MAX_KEYS = 100;

/** Opens the alert, or adds to the one that is open: keys join its keys, the count is summed, details replace. */
export async function openAlert(tx: Queryable, alert: NewAlert, now: Instant): Promise<void> {
  const { kind, archive, deliveryId, keys, count } = alert;
  const detail = { ...alert.detail, keys: [...new Set(keys)].slice(0, MAX_KEYS), count };
  await tx.query(
    `insert into archive_alerts as a (kind, archive, delivery_id, at, detail) values ($1, $2, $3, $4, $5)
     on conflict (kind, coalesce(archive, 0), coalesce(delivery_id, 0)) where resolved_at is null do update
        set detail = a.detail || excluded.detail || jsonb_build_object(
              'count', (a.detail->>'count')::bigint + (excluded.detail->>'count')::bigint,
              'keys', (select coalesce(jsonb_agg(key), '[]')
                         from (select key from (
                                 select key, min(n) as n
                                   from jsonb_array_elements_text(a.detail->'keys' || (excluded.detail->'keys')) with ordinality k(key, n)
                                  group by key) known
                                order by n limit ${MAX_KEYS}) kept))`,
    [kind, archive, deliveryId, timestamp(now), JSON.stringify(detail)],
  );
}

/** Its cause is gone. */
export async function closeAlert(
  tx: Queryable,
  { kind, archive }: Pick<NewAlert, "kind" | "archive">,
  now: Instant,
): Promise<void> {
  await tx.query(
    `update archive_alerts set resolved_at = $3
      where kind = $1 and archive is not distinct from $2 and resolved_at is null`,
    [kind, archive, timestamp(now)],
  );
}

/** Nothing of these deliveries is given up any more. */
export async function closeGivenUp(tx: Queryable, deliveries: readonly number[], now: Instant): Promise<void> {
  await tx.query(
    `update archive_alerts a set resolved_at = $2
      where a.kind in ('given-up', 'bounced', 'not-renderable') and a.resolved_at is null and a.delivery_id = any($1)
        and (select coalesce(sum(c.given_up), 0) from archive_counters c
              where c.archive = a.archive and c.delivery_id = a.delivery_id) = 0`,
    [deliveries, timestamp(now)],
  );
}

/** The archive is removed: nobody can do anything about it any more. */
export async function closeAlertsOf(tx: Queryable, archive: number, now: Instant): Promise<void> {
  await tx.query("update archive_alerts set resolved_at = $2 where archive = $1 and resolved_at is null", [
    archive,
    timestamp(now),
  ]);
}

type AlertRow = {
  id: number;
  kind: AlertKind;
  archive: number | null;
  name: string | null;
  delivery_id: number | null;
  at: Instant;
  detail: NewAlert["detail"] & { keys: string[]; count: number };
};

/** Somebody has looked. Null: there is no such open alert. */
export async function resolveAlert(tx: Queryable, id: number, now: Instant): Promise<AlertRow | null> {
  const [row] = await tx.query<AlertRow>(
    `update archive_alerts a set resolved_at = $2 where id = $1 and resolved_at is null
     returning id, kind, archive, (select name from archives where id = a.archive) as name, delivery_id, at, detail`,
    [id, timestamp(now)],
  );
  return row ?? null;
}

/** Newest first. */
export function listOpenAlerts(db: Queryable): Promise<AlertRow[]> {
  return db.query<AlertRow>(
    `select a.id, a.kind, a.archive, r.name, a.delivery_id, a.at, a.detail
       from archive_alerts a left join archives r on r.id = a.archive
      where a.resolved_at is null order by a.id desc limit 100`,
  );
}

export async function isOpen(db: Queryable, { kind, archive }: Pick<NewAlert, "kind" | "archive">): Promise<boolean> {
  const rows = await db.query(
    "select 1 from archive_alerts where kind = $1 and archive is not distinct from $2 and resolved_at is null",
    [kind, archive],
  );
  return rows.length > 0;
}

export function presentAlert(row: AlertRow): ArchiveAlert {
  return {
    id: String(row.id),
    kind: row.kind,
    archiveId: row.archive === null ? null : String(row.archive),
    deliveryId: row.delivery_id === null ? null : String(row.delivery_id),
    at: formatInstant(row.at),
    message: describe(row),
    keys: row.detail.keys,
    count: row.detail.count,
  };
}

function describe({ kind, name, delivery_id, detail }: AlertRow): string {
  const { count, reply, limit } = detail;
  const archive = name === null ? "the archive" : `the archive "${name}"`;
  const of = delivery_id === null ? "" : ` of delivery ${delivery_id}`;
  const copies = count === 1 ? "1 copy" : `${count} copies`;
  const said = reply ? `: ${reply}` : "";
  switch (kind) {
    case "debt-50":
      return `Half of the debt limit is reached: ${copies} owed, ${limit} allowed`;
    case "debt-80":
      return `80 % of the debt limit is reached: ${copies} owed, ${limit} allowed`;
    case "debt-full":
      return `The debt limit is reached: ${copies} owed, ${limit} allowed. Deliveries with copies wait`;
    case "given-up":
      return `${copies}${of} given up: ${archive} did not take them in time${said}`;
    case "bounced":
      return `${copies}${of} accepted by ${archive} and returned later${said}`;
    case "failing":
      return `${archive.replace(/^t/, "T")} takes no copies${said}`;
    case "not-renderable":
      return `${copies}${of} cannot be made any more for ${archive}${said}`;
  }
}
