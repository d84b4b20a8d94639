/** SQL of files that are a delivery's own target: their rows are kept beside the audience and never become recipients. */
import { DAY, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { UNDO_FOR_DAYS } from "./store.ts";

/** The rows that can be taken. Those of a repeated address, too: a delivery may want them (`population.duplicates`). */
export async function keepFileRows(session: Tx, importId: number): Promise<void> {
  await session.query(
    `insert into file_rows (import_id, line, address, match_key, domain, attributes, is_repeated)
     select $1, line, address, match_key, domain, jsonb_strip_nulls(attributes), reason is not null
       from import_rows where reason is null or reason = 'duplicate' order by line`,
    [importId],
  );
}

/** Of a delivery that is being deleted: its file goes with it, unless another delivery names it too. */
export async function forgetFileOf(tx: Tx, deliveryId: number): Promise<void> {
  const files = await tx.query<{ id: number }>(
    `select (d.audience ->> 'file')::bigint as id from deliveries d
      where d.id = $1 and d.audience ? 'file'
        and not exists (select from deliveries o where o.id <> d.id and o.audience ->> 'file' = d.audience ->> 'file')`,
    [deliveryId],
  );
  await removeRows(
    tx,
    files.map(({ id }) => id),
  );
}

/**
 * Nightly: files that nobody needs. No delivery named one while imports could be taken back, or those that did were over before `logs`, and so have
 * no log left that the rows belong to. A delivery that is under way keeps its file.
 */
export async function forgetFiles(db: Queryable, now: Instant, logs: Instant): Promise<void> {
  const files = await db.query<{ id: number }>(
    `select i.id from imports i
      where i.options ->> 'mode' = 'file' and i.rows_removed_at is null and not i.dry_run and i.finished_at < $1
        and not exists (
          select from deliveries d
           where d.audience ->> 'file' = i.id::text
             and (d.state not in ('editing', 'ready', 'finished', 'stopped')
                  or coalesce(d.finished_at, d.updated_at) >= $2))`,
    [timestamp(now - UNDO_FOR_DAYS * DAY), timestamp(logs)],
  );
  await removeRows(
    db,
    files.map(({ id }) => id),
  );
}

/** What the file said of refused rows goes, too. */
async function removeRows(db: Queryable, files: readonly number[]): Promise<void> {
  if (files.length === 0) return;
  await db.query("update imports set rows_removed_at = now() where id = any($1::bigint[])", [files]);
  await db.query("delete from file_rows where import_id = any($1::bigint[])", [files]);
  await db.query("delete from import_errors where import_id = any($1::bigint[])", [files]);
}
