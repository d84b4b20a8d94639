/** The SQL of recipients that are added to a delivery that has begun. */
import type { Addition } from "../../contract/additions.ts";
import type { Audience } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type AdditionRow = {
  readonly id: number;
  readonly delivery_id: number;
  readonly audience: Audience;
  readonly again: boolean;
  readonly asked_by: string;
  readonly asked_at: Instant;
  readonly ended_at: Instant | null;
  readonly error: string | null;
  readonly targeted: number;
  readonly excluded: number;
  readonly to_deliver: number;
};

const COLUMNS = "id, delivery_id, audience, again, asked_by, asked_at, ended_at, error, targeted, excluded, to_deliver";

export async function insertAddition(
  tx: Tx,
  deliveryId: number,
  { audience, again }: Pick<AdditionRow, "audience" | "again">,
  by: string,
  now: Instant,
): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    "insert into delivery_additions (delivery_id, audience, again, asked_by, asked_at) values ($1, $2, $3, $4, $5) returning id",
    [deliveryId, JSON.stringify(audience), again, by, timestamp(now)],
  );
  return row?.id ?? 0;
}

/** Null: somebody was faster. */
export async function lockAddition(tx: Tx, id: number): Promise<AdditionRow | null> {
  const [row] = await tx.query<AdditionRow>(
    `select ${COLUMNS} from delivery_additions where id = $1 and ended_at is null for update`,
    [id],
  );
  return row ?? null;
}

export async function endAddition(
  tx: Tx,
  id: number,
  end: { readonly error: string } | Pick<AdditionRow, "targeted" | "excluded" | "to_deliver">,
  now: Instant,
): Promise<void> {
  const { error, targeted, excluded, to_deliver } =
    "error" in end ? { ...end, targeted: 0, excluded: 0, to_deliver: 0 } : { ...end, error: null };
  await tx.query(
    "update delivery_additions set ended_at = $2, error = $3, targeted = $4, excluded = $5, to_deliver = $6 where id = $1",
    [id, timestamp(now), error, targeted, excluded, to_deliver],
  );
}

/** The latest first. */
export async function listAdditions(
  db: Queryable,
  deliveryId: number,
  before: number | null,
  limit: number,
): Promise<Addition[]> {
  const rows = await db.query<AdditionRow>(
    `select ${COLUMNS} from delivery_additions
      where delivery_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [deliveryId, before, limit],
  );
  return rows.map((row) => ({
    id: String(row.id),
    audience: row.audience,
    again: row.again,
    askedBy: row.asked_by,
    askedAt: formatInstant(row.asked_at),
    endedAt: row.ended_at === null ? null : formatInstant(row.ended_at),
    error: row.error,
    targeted: row.targeted,
    excluded: row.excluded,
    toDeliver: row.to_deliver,
  }));
}

/** What the analysis counted, and what was added. Identity: targeted = excluded + to deliver on both sides. */
export async function addCounts(
  tx: Tx,
  id: number,
  added: Pick<AdditionRow, "targeted" | "excluded" | "to_deliver"> & { readonly textMessages: number },
  now: Instant,
): Promise<void> {
  await tx.query(
    `update deliveries set targeted = targeted + $2, excluded = excluded + $3, to_deliver = to_deliver + $4, updated_at = $6,
            analysis = jsonb_set(analysis, '{textMessages}', to_jsonb(coalesce((analysis->>'textMessages')::int, 0) + $5))
      where id = $1`,
    [id, added.targeted, added.excluded, added.to_deliver, added.textMessages, timestamp(now)],
  );
}

/** New parts may be leased from now on; archives get their ledgers, if the delivery has any. */
export async function openParts(
  tx: Tx,
  id: number,
  { first, count }: { readonly first: number; readonly count: number },
  now: Instant,
): Promise<void> {
  const last = first + count - 1;
  await tx.query("update delivery_parts set due_at = $4 where delivery_id = $1 and id between $2 and $3", [
    id,
    first,
    last,
    timestamp(now),
  ]);
  await tx.query(
    `insert into archive_parts (part_id, delivery_id)
     select p.id, p.delivery_id from delivery_parts p join deliveries d on d.id = p.delivery_id and d.archive is not null
      where p.delivery_id = $1 and p.id between $2 and $3`,
    [id, first, last],
  );
}
