/** SQL of taking an import back, in batches: what it changed becomes what it was, whom it created goes again. */
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { NEXT_TIME } from "./recipient-store.ts";

export type UndoRow = {
  readonly id: number;
  readonly list_id: number | null;
  readonly first_recipient: number | null;
  readonly last_recipient: number | null;
  readonly undo_step: "changed" | "created" | "list";
  readonly undo_cursor: number;
};

/** People of a batch: its transaction keeps writers waiting. */
const BATCH = 5000;

export function listUndos(db: Queryable): Promise<{ id: number }[]> {
  return db.query("select id from imports where undo_state = 'running' order by undo_asked_at, id");
}

/** Null: somebody else did it. */
export async function lockUndo(tx: Tx, id: number): Promise<UndoRow | null> {
  const [row] = await tx.query<UndoRow>(
    `select id, list_id, first_recipient, last_recipient, undo_step, undo_cursor from imports
      where id = $1 and undo_state = 'running' for update`,
    [id],
  );
  return row ?? null;
}

export async function beginUndo(tx: Tx, id: number, by: string, now: Instant): Promise<void> {
  await tx.query("update imports set undo_state = 'running', undo_asked_at = $2, undone_by = $3 where id = $1", [
    id,
    timestamp(now),
    by,
  ]);
}

export type Batch = { readonly cursor: number | null; readonly total: number; readonly done: number };

/**
 * Whom nobody touched since becomes wholly what they were. Of others each value that still is what the import wrote becomes what it
 * was before it, and the rest stays.
 */
export async function restoreBatch(tx: Tx, { id, undo_cursor: cursor }: UndoRow, now: Instant): Promise<Batch> {
  const still = "o.attributes -> k is not distinct from nullif(p.written -> k, 'null')";
  const [batch] = await tx.query<Batch>(
    `with page as (
       select * from import_changes where import_id = $1 and recipient_id > $2 order by recipient_id limit ${BATCH}),
     wanted as (
       select o.id, o.updated_at = p.new_updated_at as untouched, p.updated_at,
              case when o.address = p.new_address then p.address else o.address end as address,
              case when o.updated_at = p.new_updated_at then p.attributes
                   else (o.attributes - array(select k from jsonb_object_keys(p.written) k where ${still}))
                        || (select coalesce(jsonb_object_agg(k, p.attributes -> k), '{}') from jsonb_object_keys(p.written) k
                             where ${still} and p.attributes ? k)
              end as attributes
         from page p join recipients o on o.id = p.recipient_id),
     done as (
       update recipients r
          set address = w.address, attributes = w.attributes,
              updated_at = case when w.untouched then w.updated_at else ${NEXT_TIME("$3")} end
         from wanted w
        where w.id = r.id and (w.untouched or (r.address, r.attributes) is distinct from (w.address, w.attributes))
       returning 1)
     select (select max(recipient_id) from page) as cursor, (select count(*) from page) as total,
            (select count(*) from done) as done`,
    [id, cursor, timestamp(now)],
  );
  return batch ?? { cursor: null, total: 0, done: 0 };
}

/** Whoever was changed, is on another list, subscribed to something, on the denylist or in a delivery stays. */
export async function removeBatch(tx: Tx, row: UndoRow): Promise<Batch> {
  // Without it a batch could be joined by reading all messages there are.
  await tx.query("set local enable_hashjoin = off");
  await tx.query("set local enable_mergejoin = off");
  const [batch] = await tx.query<Batch>(
    `with page as (
       select id from recipients where id > $2 and id >= $3 and id <= $4 and import_id = $1 order by id limit ${BATCH}),
     gone as (
       delete from recipients r using page p
        where r.id = p.id and r.updated_at = r.created_at and r.denylisted_at is null
          and not exists (select from messages m where m.recipient_id = r.id)
          and not exists (select from list_members m where m.recipient_id = r.id and m.list_id is distinct from $5)
          and not exists (select from subscriptions s where s.recipient_id = r.id)
       returning r.id),
     off_list as (delete from list_members m using gone g where m.recipient_id = g.id and m.list_id = $5)
     select (select max(id) from page) as cursor, (select count(*) from page) as total, (select count(*) from gone) as done`,
    [row.id, row.undo_cursor, row.first_recipient, row.last_recipient, row.list_id],
  );
  return batch ?? { cursor: null, total: 0, done: 0 };
}

export async function saveProgress(tx: Tx, { id, undo_step: step }: UndoRow, batch: Batch): Promise<void> {
  const restored = step === "changed" ? batch.done : 0;
  await tx.query(
    `update imports set undo_cursor = $2, undo_restored = undo_restored + $3, undo_removed = undo_removed + $4,
            undo_kept = undo_kept + $5 where id = $1`,
    [id, batch.cursor, restored, batch.done - restored, batch.total - batch.done],
  );
}

export async function beginStep(tx: Tx, id: number, step: UndoRow["undo_step"]): Promise<void> {
  await tx.query("update imports set undo_step = $2, undo_cursor = 0 where id = $1", [id, step]);
}

export async function endUndo(tx: Tx, id: number, now: Instant): Promise<void> {
  await tx.query("update imports set undo_state = 'completed', undoable = false, undone_at = $2 where id = $1", [
    id,
    timestamp(now),
  ]);
}

/** Whether something of it is left; a part at a time. */
export async function forgetChanges(db: Queryable, importId: number): Promise<boolean> {
  const rows = await db.query(
    `delete from import_changes where import_id = $1 and recipient_id in
       (select recipient_id from import_changes where import_id = $1 order by recipient_id limit 50000) returning 1`,
    [importId],
  );
  return rows.length > 0;
}

/** Imports whose changes are no longer needed: older than that, or taken back. */
export function listForgettable(db: Queryable, before: Instant): Promise<{ id: number }[]> {
  return db.query(
    `select id from imports i
      where (undoable and finished_at < $1 and undo_state is null)
         or (not undoable and exists (select from import_changes c where c.import_id = i.id))`,
    [timestamp(before)],
  );
}

export async function markForgotten(db: Queryable, importId: number): Promise<void> {
  await db.query("update imports set undoable = false where id = $1", [importId]);
}
