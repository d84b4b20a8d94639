/** The SQL of folders. */
import type { FolderTree } from "../../core/folder/place-folder.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type FolderRow = {
  id: number;
  tree: FolderTree;
  parent: number | null;
  label: string;
  version: number;
  created_at: Instant;
  updated_at: Instant;
};

const COLUMNS = "id, tree, parent_id as parent, label, version, created_at, updated_at";
/** What stands in a tree's folders. Proofs and single messages are in no list. */
const CONTENTS: Record<FolderTree, string> = {
  templates: "templates",
  deliveries: "deliveries",
};

/** All of a tree. */
export function loadFolders(db: Queryable, tree: FolderTree): Promise<FolderRow[]> {
  return db.query<FolderRow>(`select ${COLUMNS} from folders where tree = $1 order by id`, [tree]);
}

export async function countContents(db: Queryable, tree: FolderTree): Promise<ReadonlyMap<number, number>> {
  const rows = await db.query<{ folder_id: number; count: number }>(
    `select folder_id, count(*)::int as count from ${CONTENTS[tree]} where folder_id is not null group by folder_id`,
  );
  return new Map(rows.map((row) => [row.folder_id, row.count]));
}

export async function findFolder(db: Queryable, id: number): Promise<FolderRow | null> {
  const [row] = await db.query<FolderRow>(`select ${COLUMNS} from folders where id = $1`, [id]);
  return row ?? null;
}

/** Until the end of the transaction nobody else changes any folder: two moves at once could close a circle. */
export async function lockFolders(tx: Tx): Promise<void> {
  await tx.query("lock table folders in share row exclusive mode");
}

/** The folder stays until the end of the transaction. */
export async function keepFolder(tx: Tx, id: number): Promise<FolderRow | null> {
  const [row] = await tx.query<FolderRow>(`select ${COLUMNS} from folders where id = $1 for key share`, [id]);
  return row ?? null;
}

/** What keeps it from being removed; whoever puts something into it meanwhile waits. */
export async function findUse(tx: Tx, id: number): Promise<"folders" | "templates" | "deliveries" | null> {
  await tx.query("select 1 from folders where id = $1 for update", [id]);
  const [row] = await tx.query<{ use: "folders" | "templates" | "deliveries" | null }>(
    `select case when exists (select 1 from folders where parent_id = $1) then 'folders'
                 when exists (select 1 from templates where folder_id = $1 or execution_folder_id = $1) then 'templates'
                 when exists (select 1 from deliveries where folder_id = $1) then 'deliveries' end as use`,
    [id],
  );
  return row?.use ?? null;
}

export async function insertFolder(
  tx: Tx,
  folder: Pick<FolderRow, "tree" | "parent" | "label">,
  now: Instant,
): Promise<FolderRow> {
  const rows = await tx.query<FolderRow>(
    `insert into folders (tree, parent_id, label, created_at, updated_at) values ($1, $2, $3, $4, $4) returning ${COLUMNS}`,
    [folder.tree, folder.parent, folder.label, timestamp(now)],
  );
  return rows[0] as FolderRow;
}

export async function updateFolder(
  tx: Tx,
  id: number,
  { parent, label }: Pick<FolderRow, "parent" | "label">,
  now: Instant,
): Promise<FolderRow> {
  const rows = await tx.query<FolderRow>(
    `update folders set parent_id = $2, label = $3, version = version + 1, updated_at = $4 where id = $1 returning ${COLUMNS}`,
    [id, parent, label, timestamp(now)],
  );
  return rows[0] as FolderRow;
}

export async function deleteFolder(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from folders where id = $1", [id]);
}
