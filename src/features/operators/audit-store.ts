/** The audit log: who changed what, when and from where. */
import type { Change } from "../../core/operators/changes.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { type Queryable, timestamp } from "../../platform/db.ts";
import type { Actor } from "./find-holder.ts";

export type AuditEntry = {
  readonly at: Instant;
  readonly actor: Pick<Actor, "label" | "operatorId" | "tokenId">;
  readonly address: string;
  readonly requestId: string | null;
  /** Verb or method: `create`, `update`, `remove`, `confirm`. */
  readonly action: string;
  readonly resource: string;
  readonly resourceId: string | null;
  /** Null: has begun. */
  readonly status: number | null;
  readonly changes: readonly Change[];
  readonly detail: Readonly<Record<string, unknown>>;
};

/** PostgreSQL's jsonb takes no NUL and no half surrogate pairs. */
const json = (value: unknown) => JSON.stringify(value).replaceAll("\\u0000", "").toWellFormed();

export async function recordAudit(db: Queryable, entry: AuditEntry): Promise<number> {
  const [row] = await db.query<{ id: number }>(
    `insert into audit_log (at, actor, operator_id, token_id, address, request_id, action, resource, resource_id, status, changes, detail)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
    [
      timestamp(entry.at),
      entry.actor.label,
      entry.actor.operatorId,
      entry.actor.tokenId,
      entry.address,
      entry.requestId,
      entry.action,
      entry.resource,
      entry.resourceId,
      entry.status,
      json(entry.changes),
      json(entry.detail),
    ],
  );
  return row?.id ?? 0;
}

type Ending = Pick<AuditEntry, "resourceId" | "status" | "changes">;

export async function completeAudit(db: Queryable, id: number, ending: Ending): Promise<void> {
  await db.query(
    "update audit_log set status = $2, changes = $3, resource_id = coalesce(resource_id, $4) where id = $1",
    [id, ending.status, json(ending.changes), ending.resourceId],
  );
}

/** A request that was refused changed nothing. */
export async function withdrawAudit(db: Queryable, id: number): Promise<void> {
  await db.query("delete from audit_log where id = $1", [id]);
}

export type AuditFilter = {
  readonly actor?: string | undefined;
  readonly operator?: number | undefined;
  readonly token?: string | undefined;
  readonly resource?: string | undefined;
  readonly id?: string | undefined;
  readonly action?: string | undefined;
  readonly address?: string | undefined;
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
};

type Row = {
  id: number;
  at: Instant;
  actor: string;
  operator_id: number | null;
  token_id: string | null;
  address: string;
  request_id: string | null;
  action: string;
  resource: string;
  resource_id: string | null;
  status: number | null;
  changes: Change[];
  detail: Record<string, unknown>;
};

/** Newest first, those before the one with the id `before`. */
export async function listAudit(db: Queryable, filter: AuditFilter, before: number | null, limit: number) {
  const rows = await db.query<Row>(
    `select * from audit_log
      where ($1::bigint is null or id < $1) and ($2::text is null or actor = $2) and ($3::bigint is null or operator_id = $3)
        and ($4::text is null or token_id = $4) and ($5::text is null or resource = $5)
        and ($6::text is null or resource_id = $6) and ($7::text is null or action = $7)
        and ($8::text is null or address = $8) and ($9::timestamptz is null or at >= $9)
        and ($10::timestamptz is null or at < $10)
      order by id desc limit $11`,
    [
      before,
      filter.actor ?? null,
      filter.operator ?? null,
      filter.token ?? null,
      filter.resource ?? null,
      filter.id ?? null,
      filter.action ?? null,
      filter.address ?? null,
      filter.since === undefined ? null : timestamp(filter.since),
      filter.until === undefined ? null : timestamp(filter.until),
      limit,
    ],
  );
  return rows.map((row) => ({
    id: String(row.id),
    at: formatInstant(row.at),
    actor: row.actor,
    operatorId: row.operator_id === null ? null : String(row.operator_id),
    tokenId: row.token_id,
    address: row.address,
    requestId: row.request_id,
    action: row.action,
    resource: row.resource,
    resourceId: row.resource_id,
    status: row.status,
    changes: row.changes,
    detail: row.detail,
  }));
}
