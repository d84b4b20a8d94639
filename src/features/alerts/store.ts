/** The SQL of alerts that were raised. */
import { ALERT_KIND_NAMES, type AlertKind } from "../../core/alert/alert-kinds.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type AlertRow = {
  readonly id: number;
  readonly kind: AlertKind;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly raisedAt: Instant;
  readonly seenAt: Instant;
  readonly resolvedAt: Instant | null;
  readonly acknowledgedAt: Instant | null;
  readonly acknowledgedBy: string | null;
  readonly toldAt: Instant | null;
  readonly resolutionToldAt: Instant | null;
};

const COLUMNS = `id, kind, subject, detail, raised_at as "raisedAt", seen_at as "seenAt", resolved_at as "resolvedAt",
  acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy", told_at as "toldAt",
  resolution_told_at as "resolutionToldAt"`;

export type NewAlert = Pick<AlertRow, "kind" | "subject" | "detail">;

/** Those that were not open before. Of one that was, what is known is renewed. */
export async function raiseAlerts(tx: Queryable, alerts: readonly NewAlert[], now: Instant): Promise<AlertRow[]> {
  const rows = await tx.query<AlertRow & { fresh: boolean }>(
    `insert into alerts as a (kind, subject, detail, raised_at, seen_at)
     select kind, subject, detail::jsonb, $1, $1 from unnest($2::text[], $3::text[], $4::text[]) as s(kind, subject, detail)
      order by kind, subject
     on conflict (kind, subject) where resolved_at is null do update set detail = excluded.detail, seen_at = excluded.seen_at
     returning ${COLUMNS}, xmax = 0 as fresh`,
    [
      timestamp(now),
      alerts.map(({ kind }) => kind),
      alerts.map(({ subject }) => subject),
      alerts.map(({ detail }) => JSON.stringify(detail)),
    ],
  );
  return rows.filter(({ fresh }) => fresh);
}

/** All of these kinds that were not seen at this look. */
export function resolveAlerts(tx: Queryable, kinds: readonly AlertKind[], now: Instant): Promise<AlertRow[]> {
  return tx.query<AlertRow>(
    `update alerts set resolved_at = $2 where resolved_at is null and kind = any($1) and seen_at < $2 returning ${COLUMNS}`,
    [kinds, timestamp(now)],
  );
}

/** The open ones, and those that are over and of which somebody was told. */
export function listUntold(tx: Queryable): Promise<AlertRow[]> {
  return tx.query<AlertRow>(
    `select ${COLUMNS} from alerts
      where kind = any($1) and (resolved_at is null or (told_at is not null and resolution_told_at is null)
            or id in (select id from alerts order by greatest(told_at, resolution_told_at) desc nulls last limit 1))
      order by id`,
    [ALERT_KIND_NAMES],
  );
}

export async function markTold(tx: Tx, open: readonly number[], over: readonly number[], now: Instant): Promise<void> {
  await tx.query("update alerts set told_at = $2 where id = any($1)", [open, timestamp(now)]);
  await tx.query("update alerts set resolution_told_at = $2 where id = any($1)", [over, timestamp(now)]);
}

export type AlertFilter = {
  readonly state?: "open" | "resolved" | undefined;
  readonly kind?: AlertKind | undefined;
};

/** Newest first. Kinds of a later version are left out. */
export function listAlerts(
  db: Queryable,
  { state, kind }: AlertFilter,
  before: number | null,
  limit: number,
): Promise<AlertRow[]> {
  return db.query<AlertRow>(
    `select ${COLUMNS} from alerts
      where ($1::bigint is null or id < $1) and ($2::text is null or ($2 = 'open') = (resolved_at is null))
        and kind = any($3) order by id desc limit $4`,
    [before, state ?? null, kind === undefined ? ALERT_KIND_NAMES : [kind], limit],
  );
}

/** Null: there is no such open alert. Who did so first stays. */
export async function acknowledge(db: Queryable, id: number, actor: string, now: Instant): Promise<AlertRow | null> {
  const [row] = await db.query<AlertRow>(
    `update alerts set acknowledged_at = coalesce(acknowledged_at, $3), acknowledged_by = coalesce(acknowledged_by, $2)
      where id = $1 and resolved_at is null returning ${COLUMNS}`,
    [id, actor, timestamp(now)],
  );
  return row ?? null;
}
