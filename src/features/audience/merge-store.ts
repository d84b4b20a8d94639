/**
 * SQL that makes the staged rows of an import recipients of a new list; one transaction makes everything visible at once. What people
 * were before is kept beside, so that it can be taken back (undo-store.ts).
 */
import type { Attribute } from "../../core/audience/attribute.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { loadAttributeSchema } from "./attribute-store.ts";
import { keepFileRows } from "./file-rows-store.ts";
import type { ImportRules } from "./import-rules.ts";
import { lockRecipients } from "./recipients-lock.ts";

export type Merge = {
  readonly importId: number;
  readonly label: string;
  readonly rules: ImportRules;
  /** As they were when the rows were read. */
  readonly attributes: readonly Attribute[];
  readonly columns: readonly string[];
  readonly addressColumn: string;
  /** Rows may have nulls: of JSON lines, and of types that no text stands for when blank. */
  readonly mayErase: boolean;
  readonly now: Instant;
};

type Created = { readonly created: number; readonly first: number | null; readonly last: number | null };
const NOBODY: Created = { created: 0, first: null, last: null };

/** Completes the import; nothing is visible before the commit. Of a dry run only its errors and counts ever are, of a file its rows. */
export async function mergeStaged(session: Tx, merge: Merge): Promise<void> {
  await session.query("analyze import_rows");
  await session.query("begin");
  try {
    await session.query("set local work_mem = '128MB'");
    // One merge at a time: two that touch the same recipients in different order would deadlock.
    await lockRecipients(session, "alone");
    await assertSameTypes(session, merge);
    await rejectDuplicates(session, merge.addressColumn);
    const { created, listId } = await take(session, merge);
    await insertErrors(session, merge.importId);
    await completeImport(session, merge, listId, created);
    await session.query("commit");
  } catch (error) {
    await session.query("rollback").catch(() => {});
    throw error;
  }
}

/** `listId` null: there is no list. */
async function take(session: Tx, merge: Merge): Promise<{ created: Created; listId: number | null }> {
  const { mode, dryRun } = merge.rules;
  if (mode === "file") {
    if (!dryRun) await keepFileRows(session, merge.importId);
    return { created: NOBODY, listId: null };
  }
  return dryRun ? { created: await countNew(session, merge), listId: null } : mergeRows(session, merge);
}

/** The values were read by types that may have changed since; under the lock they no longer can. */
async function assertSameTypes(session: Tx, { attributes, label }: Merge): Promise<void> {
  if (JSON.stringify(await loadAttributeSchema(session)) === JSON.stringify(attributes)) return;
  const detail = "the types of attributes were changed while the file was read";
  throw appError("import-interrupted", { file: label, detail });
}

/** The first row of an address wins. */
function rejectDuplicates(session: Tx, column: string): Promise<unknown> {
  return session.query(
    `update import_rows r
     set reason = 'duplicate', "column" = $1, value = r.address, detail = 'the same address as in line ' || d.first
     from (select line, first_value(line) over same as first, row_number() over same as number
           from import_rows where reason is null window same as (partition by match_key order by line)) d
     where d.number > 1 and d.line = r.line`,
    [column],
  );
}

async function mergeRows(session: Tx, merge: Merge): Promise<{ created: Created; listId: number }> {
  const { mode } = merge.rules;
  const nulls = await hasNulls(session, merge);
  const created = mode === "update" ? NOBODY : await insertNew(session, merge, nulls);
  if (mode === "update") await skipStrangers(session, merge.addressColumn);
  if ((await countAccepted(session)) > created.created) {
    if (mode === "create") await skipPresent(session, merge);
    else await updatePresent(session, merge, nulls);
  }
  return { created, listId: await createList(session, merge.label, merge.now) };
}

async function countNew(session: Tx, merge: Merge): Promise<Created> {
  if (merge.rules.mode === "create") await skipPresent(session, merge);
  if (merge.rules.mode === "update") await skipStrangers(session, merge.addressColumn);
  const [row] = await session.query<{ created: number }>(
    `select count(*) as created from import_rows s
      where reason is null and not exists (select from recipients r where r.match_key = s.match_key)`,
  );
  return { ...NOBODY, created: row?.created ?? 0 };
}

/** Null in a staged row: the value is to be erased. */
async function hasNulls(session: Tx, { mayErase }: Merge): Promise<boolean> {
  if (!mayErase) return false;
  const rows = await session.query("select 1 from import_rows where attributes @? '$.* ? (@ == null)' limit 1");
  return rows.length > 0;
}

async function countAccepted(session: Tx): Promise<number> {
  const [row] = await session.query<{ accepted: number }>(
    "select count(*) as accepted from import_rows where reason is null",
  );
  return row?.accepted ?? 0;
}

/** Ids are given in ascending order while nobody else creates recipients in great number: the range they lie in is small. */
async function insertNew(session: Tx, { importId, now }: Merge, nulls: boolean): Promise<Created> {
  const [row] = await session.query<Created>(
    `with made as (
       insert into recipients (address, match_key, domain, attributes, created_at, updated_at, import_id)
       select address, match_key, domain, ${nulls ? "jsonb_strip_nulls(attributes)" : "attributes"}, $1, $1, $2
         from import_rows s
        where reason is null and not exists (select from recipients r where r.match_key = s.match_key)
       on conflict (match_key) do nothing returning id)
     select count(*) as created, min(id) as first, max(id) as last from made`,
    [timestamp(now), importId],
  );
  return row ?? NOBODY;
}

/** Denylist and quarantine are no business of an import: neither is written here. */
async function updatePresent(session: Tx, { importId, now }: Merge, nulls: boolean): Promise<void> {
  const merged = (written: string) => {
    const both = `r.attributes || ${written}`;
    return nulls ? `jsonb_strip_nulls(${both})` : both;
  };
  await session.query(
    `with kept as (
       insert into import_changes
         (import_id, recipient_id, address, new_address, attributes, written, updated_at, new_updated_at)
       select $1, r.id, r.address, s.address, r.attributes, s.attributes, r.updated_at,
              greatest($2, r.updated_at + interval '1 ms')
         from import_rows s join recipients r using (match_key)
        where s.reason is null and r.import_id is distinct from $1
          and (r.address, r.attributes) is distinct from (s.address, ${merged("s.attributes")})
        order by r.id
       returning recipient_id, new_address, written, new_updated_at)
     update recipients r
        set address = k.new_address, attributes = ${merged("k.written")}, updated_at = k.new_updated_at
       from kept k where k.recipient_id = r.id`,
    [importId, timestamp(now)],
  );
}

function skipPresent(session: Tx, { importId, addressColumn }: Merge): Promise<unknown> {
  return session.query(
    `update import_rows s
        set reason = 'already-there', "column" = $2, value = s.address, detail = 'a recipient has this address already'
       from recipients r
      where r.match_key = s.match_key and s.reason is null and r.import_id is distinct from $1`,
    [importId, addressColumn],
  );
}

function skipStrangers(session: Tx, addressColumn: string): Promise<unknown> {
  return session.query(
    `update import_rows s
        set reason = 'not-there', "column" = $1, value = s.address, detail = 'no recipient has this address'
      where s.reason is null and not exists (select from recipients r where r.match_key = s.match_key)`,
    [addressColumn],
  );
}

async function createList(session: Tx, label: string, now: Instant): Promise<number> {
  const [list] = await session.query<{ id: number }>(
    "insert into lists (label, created_at) values ($1, $2) returning id",
    [label, timestamp(now)],
  );
  const id = list?.id ?? 0;
  await session.query(
    `insert into list_members (list_id, recipient_id)
     select $1, r.id from import_rows s join recipients r using (match_key) where s.reason is null order by r.id`,
    [id],
  );
  return id;
}

function insertErrors(session: Tx, importId: number): Promise<unknown> {
  return session.query(
    `insert into import_errors (import_id, line, "column", value, reason, detail, address, match_key)
     select $1, line, "column", value, reason, detail, address, match_key from import_rows where reason is not null order by line`,
    [importId],
  );
}

function completeImport(session: Tx, merge: Merge, listId: number | null, made: Created): Promise<unknown> {
  return session.query(
    `update imports i
     set status = 'completed', list_id = $2, finished_at = $3, columns = $4, created = $5, undoable = not dry_run and not $8,
         first_recipient = $6, last_recipient = $7,
         total = s.total, updated = case when $8 then 0 else s.accepted - $5 end, skipped = s.skipped, failed = s.total - s.accepted - s.skipped
     from (select count(*)::int as total, count(*) filter (where reason is null)::int as accepted,
                  count(*) filter (where reason in ('duplicate', 'already-there', 'not-there'))::int as skipped
             from import_rows) s
     where i.id = $1`,
    [
      merge.importId,
      listId,
      timestamp(merge.now),
      JSON.stringify(merge.rules.dryRun ? [] : merge.columns),
      made.created,
      made.first,
      made.last,
      merge.rules.mode === "file",
    ],
  );
}
