/** The SQL of deliveries as things that people edit and read. Their parts and messages belong to analysis, mta and logs. */
import type { ChecklistItem, Delivery, DeliveryEvent, General } from "../../contract/index.ts";
import type { Inherited } from "../../core/delivery/origin.ts";
import type { ExclusionReason } from "../../core/delivery/status.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import { appError } from "../../platform/errors.ts";
import { readId } from "../../platform/paging.ts";
import { forgetFileOf } from "../audience/index.ts";
import type { Condition } from "../folders/index.ts";
import { presentDelivery, type DeliveryRow, type PartSums } from "./present.ts";
import { withoutEmpty } from "./without-empty.ts";

const COLUMNS = `id, label, folder_id, code, category, description, state, hold_reason, template_id, content, sender, audience, settings, version,
  analysed_version, created_at, updated_at, analysed_at, started_at, finished_at, valid_until, targeted, excluded,
  to_deliver, start_at, start_zone, start_not_after, start_by, proof_of, proof_number, (select p.settings->>'validityCap' from platform_settings p) as validity_cap`;

type Editable = Pick<Delivery, "label" | "content" | "sender" | "audience" | "settings"> & {
  [K in keyof General]?: General[K] | undefined;
};

export async function insertDelivery(
  tx: Tx,
  delivery: Editable,
  { templateId, inherited }: { readonly templateId: number | null; readonly inherited: unknown },
  now: Instant,
): Promise<DeliveryRow> {
  const rows = await tx.query<DeliveryRow>(
    `insert into deliveries (label, content, sender, audience, settings, folder_id, code, category, description, template_id,
            inherited, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) returning ${COLUMNS}`,
    [...editableParams(delivery), templateId, inherited === null ? null : JSON.stringify(inherited), timestamp(now)],
  );
  return rows[0] as DeliveryRow;
}

/** Saves an edit: a new version, and back to `editing`, because the last analysis no longer describes the delivery. */
export async function saveEdit(tx: Tx, id: number, delivery: Editable, now: Instant): Promise<DeliveryRow> {
  const rows = await tx.query<DeliveryRow>(
    `update deliveries set label = $1, content = $2, sender = $3, audience = $4, settings = $5,
            folder_id = $6, code = $7, category = $8, description = $9,
            version = version + 1, state = 'editing', hold_reason = null, updated_at = $10
      where id = $11 returning ${COLUMNS}`,
    [...editableParams(delivery), timestamp(now), id],
  );
  return rows[0] as DeliveryRow;
}

/**
 * A change that the analysis does not depend on: where it still described the delivery, it goes on doing so. Whoever has the
 * delivery open to edit it must not undo the change: as long as that is possible, it makes a new version.
 */
export async function savePace(
  tx: Tx,
  id: number,
  { speed, ...changes }: { speed?: number | null; priority?: Delivery["settings"]["priority"] },
  now: Instant,
): Promise<DeliveryRow> {
  const settings = speed === undefined || speed === null ? changes : { ...changes, speed };
  const rows = await tx.query<DeliveryRow>(
    `update deliveries d set settings = case when $2 then settings - 'speed' else settings end || $3::jsonb, updated_at = $4,
            version = version + e.step,
            analysed_version = case when analysed_version = version then version + e.step else analysed_version end
       from (select case when state in ('editing', 'ready') then 1 else 0 end as step from deliveries where id = $1) e
      where d.id = $1 returning ${COLUMNS}`,
    [id, speed === null, JSON.stringify(settings), timestamp(now)],
  );
  return rows[0] as DeliveryRow;
}

function editableParams(d: Editable): unknown[] {
  const sender = withoutEmpty(d.sender);
  const [folder, ...words] = generalParams(d);
  return [
    d.label,
    ...[d.content, sender, d.audience, d.settings].map((value) => JSON.stringify(value)),
    folder,
    ...words,
  ];
}

function generalParams({ folder, code = "", category = "", description = "" }: Partial<Editable>): unknown[] {
  return [folder ? Number(folder) : null, code, category, description];
}

/**
 * What a delivery is found by can be changed at any time. Nothing of it goes into messages: an analysis that described the
 * delivery still does.
 */
export async function saveGeneral(tx: Tx, id: number, general: Partial<General>, now: Instant): Promise<DeliveryRow> {
  const rows = await tx.query<DeliveryRow>(
    `update deliveries set folder_id = $2, code = $3, category = $4, description = $5, updated_at = $6, version = version + 1,
            analysed_version = case when analysed_version = version then version + 1 else analysed_version end
      where id = $1 returning ${COLUMNS}`,
    [id, ...generalParams(general), timestamp(now)],
  );
  return rows[0] as DeliveryRow;
}

export async function findDelivery(db: Queryable, id: number): Promise<DeliveryRow | null> {
  const [row] = await db.query<DeliveryRow>(`select ${COLUMNS} from deliveries where id = $1`, [id]);
  return row ?? null;
}

/** By the id in a path; throws `not-found`. */
export async function mustFind(db: Queryable, id: string): Promise<DeliveryRow> {
  const row = await findDelivery(db, readId(id, "delivery"));
  if (!row) throw appError("not-found", { what: "delivery", id });
  return row;
}

/** As the contract shows it; throws `not-found`. */
export async function readDelivery(db: Queryable, id: string): Promise<Delivery> {
  return presentDelivery(await mustFind(db, id));
}

/** What its template said when it was made. */
export async function findInherited(db: Queryable, id: number): Promise<Inherited | null> {
  const [row] = await db.query<{ inherited: Inherited | null }>("select inherited from deliveries where id = $1", [id]);
  return row?.inherited ?? null;
}

export type DeliveryWithManifest = {
  readonly delivery: Delivery;
  /** What its messages are made from; null while it can be edited and was not analysed since. */
  readonly manifest: Manifest | null;
};

export async function findDeliveryWithManifest(db: Queryable, id: number): Promise<DeliveryWithManifest | null> {
  const [row] = await db.query<DeliveryRow & { manifest: Manifest | null }>(
    `select ${COLUMNS}, case when analysed_version = version and state <> 'analysing' then manifest end as manifest
       from deliveries where id = $1`,
    [id],
  );
  return row ? { delivery: presentDelivery(row), manifest: row.manifest } : null;
}

export async function lockDelivery(tx: Tx, id: number): Promise<DeliveryRow | null> {
  const [row] = await tx.query<DeliveryRow>(`select ${COLUMNS} from deliveries where id = $1 for update`, [id]);
  return row ?? null;
}

const MADE_BY_ANALYSIS = [
  "exclusions",
  "suppressed_exclusions",
  "delivery_exclusions",
  "destination_counters",
  "checklist_items",
  "capacity_uses",
  "delivery_approvals",
  "delivery_waves",
];

/** With all that an analysis made. Events stay: they say who deleted it. */
export async function deleteDelivery(tx: Tx, id: number): Promise<void> {
  await tx.query(
    `with old as (delete from delivery_parts where delivery_id = $1 returning id)
     delete from messages m using old where m.part_id = old.id`,
    [id],
  );
  await forgetFileOf(tx, id);
  for (const table of MADE_BY_ANALYSIS) {
    await tx.query(`delete from ${table} where delivery_id = $1`, [id]);
  }
  await tx.query("delete from deliveries where id = $1", [id]);
}

/** Newest first, those before `before`. */
export function listDeliveryRows(
  db: Db,
  before: number | null,
  limit: number,
  filter: Condition,
): Promise<(Omit<DeliveryRow, "content" | "sender" | "audience" | "settings"> & PartSums)[]> {
  return db.query(
    `select d.id, d.label, d.folder_id, d.code, d.category, d.state, d.hold_reason, d.created_at, d.started_at, d.finished_at,
            d.targeted, d.excluded, d.to_deliver, ${SUMS}
       from (select * from deliveries where kind = 'campaign' and ($1::bigint is null or id < $1) and ${filter.sql}
              order by id desc limit $2) d ${SUMS_OF_PARTS}
      order by d.id desc`,
    [before, limit, ...filter.params],
  );
}

/** Columns of SUMS_OF_PARTS: a `PartSums`. */
export const SUMS = "sums.*, copies.*";

/**
 * Counters of the deliveries `d`, never count(*) over messages: one row for each part is read, a thousandth of the messages. Seeds are in
 * none of them. Those of copies stand apart, in rows of their own: nothing of them gets into the figures of messages, and copies of
 * messages to seeds are not among those of messages to recipients.
 */
export const SUMS_OF_PARTS = `
  cross join lateral (
  select count(*) as parts, coalesce(sum(p.pending), 0) as waiting, coalesce(sum(p.retrying), 0) as retrying, coalesce(sum(p.sent), 0) as sent,
         coalesce(sum(p.failed), 0) as failed, coalesce(sum(p.cancelled), 0) as cancelled,
         coalesce(sum(p.in_doubt), 0) as in_doubt
    from delivery_parts p where p.delivery_id = d.id and not p.seeds) sums
  cross join lateral (select ${["due", "archived", "owed", "given_up"].map(sumsOfCopies).join(", ")}
    from archive_parts c left join delivery_parts p on p.id = c.part_id
   where c.delivery_id = d.id) copies`;

function sumsOfCopies(state: string): string {
  return `coalesce(sum(c.${state}) filter (where p.seeds is not true), 0) as copies_${state},
          coalesce(sum(c.${state}) filter (where p.seeds), 0) as seed_copies_${state}`;
}

export async function loadExclusionCounts(db: Db, id: number): Promise<Partial<Record<ExclusionReason, number>>> {
  const rows = await db.query<{ reason: ExclusionReason; count: number }>(
    "select reason, count from delivery_exclusions where delivery_id = $1 and count > 0 order by reason",
    [id],
  );
  return Object.fromEntries(rows.map((row) => [row.reason, row.count]));
}

type ItemRow = Pick<ChecklistItem, "id" | "level" | "title" | "detail"> & { rule: string | null; at: Instant | null };

export async function loadChecklistItems(db: Db, id: number): Promise<ChecklistItem[]> {
  const rows = await db.query<ItemRow>(
    "select id, level, title, detail, rule, at from checklist_items where delivery_id = $1 order by position",
    [id],
  );
  return rows.map(({ rule, at, ...item }) => ({
    ...item,
    ...(rule === null ? {} : { rule }),
    ...(at === null ? {} : { at: formatInstant(at) }),
  }));
}

type EventRow = { id: number; at: Instant; kind: string; actor: string; detail: Record<string, unknown> };

/** Oldest first, those after `after`. */
export async function listEvents(db: Db, id: number, after: number, limit: number): Promise<DeliveryEvent[]> {
  const rows = await db.query<EventRow>(
    `select id, at, kind, actor, detail from delivery_events
      where delivery_id = $1 and id > $2 order by id limit $3`,
    [id, after, limit],
  );
  return rows.map(presentEvent);
}

/** Newest first, those before `before`. */
export async function listEventsBackwards(
  db: Db,
  id: number,
  before: number | null,
  limit: number,
): Promise<DeliveryEvent[]> {
  const rows = await db.query<EventRow>(
    `select id, at, kind, actor, detail from delivery_events
      where delivery_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [id, before, limit],
  );
  return rows.map(presentEvent);
}

function presentEvent(row: EventRow): DeliveryEvent {
  return { id: String(row.id), at: formatInstant(row.at), kind: row.kind, actor: row.actor, detail: row.detail };
}

const AUDIENCES = {
  list: "select 1 from lists where id = $1",
  import: "select 1 from imports where id = $1 and options ->> 'mode' is distinct from 'file'",
  // One that was read to its end, and whose rows are there.
  file: `select 1 from imports
          where id = $1 and options ->> 'mode' = 'file' and status = 'completed' and not dry_run and rows_removed_at is null`,
};

export async function audienceExists(db: Queryable, kind: keyof typeof AUDIENCES, id: string): Promise<boolean> {
  const rows = await db.query(AUDIENCES[kind], [id]);
  return rows.length > 0;
}
