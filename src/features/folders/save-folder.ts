/** Makes, renames, moves and removes folders, one change at a time. What is in a folder moves with it. */
import type { Folder, FolderChange, FolderInput } from "../../contract/index.ts";
import { DEEPEST, type FolderTree, MOST_FOLDERS, placeFolder, wayTo } from "../../core/folder/place-folder.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import * as store from "./store.ts";

/** All of a tree, each after the one that it is in, by name. */
export async function listFolders(db: Queryable, tree: FolderTree): Promise<Folder[]> {
  const [rows, counts] = await Promise.all([store.loadFolders(db, tree), store.countContents(db, tree)]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const shown = rows.map((row) => ({
    id: String(row.id),
    tree: row.tree,
    label: row.label,
    parent: row.parent === null ? null : String(row.parent),
    path: wayTo(byId, row.id).map(({ label }) => label),
    count: counts.get(row.id) ?? 0,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  }));
  return shown.toSorted((a, b) => compare(a.path, b.path));
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [level, label] of a.entries()) {
    const other = b[level];
    if (other === undefined) return 1;
    const order = label.localeCompare(other, "en");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

export async function createFolder(db: Db, input: FolderInput, now: Instant): Promise<Folder> {
  return db.transaction(async (tx) => {
    await store.lockFolders(tx);
    const place = { id: null, parent: numberOf(input.parent), label: input.label };
    await refuseMisplaced(tx, input.tree, place);
    const { id } = await store.insertFolder(tx, { ...place, tree: input.tree }, now);
    return readFolder(tx, id);
  });
}

/** Renames it, moves it, or both. */
export async function changeFolder(
  db: Db,
  id: number,
  change: FolderChange,
  seen: Seen,
  now: Instant,
): Promise<Folder> {
  return db.transaction(async (tx) => {
    const folder = await lockOne(tx, id, seen);
    const parent = change.parent === undefined ? folder.parent : numberOf(change.parent);
    const place = { id, parent, label: change.label ?? folder.label };
    await refuseMisplaced(tx, folder.tree, place);
    await store.updateFolder(tx, id, place, now);
    return readFolder(tx, id);
  });
}

/** Throws `folder-in-use`: only an empty folder can go. */
export async function removeFolder(db: Db, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    const { label } = await lockOne(tx, id, seen);
    const use = await store.findUse(tx, id);
    if (use !== null) throw appError("folder-in-use", { label, use });
    await store.deleteFolder(tx, id);
  });
}

export async function readFolder(db: Queryable, id: number): Promise<Folder> {
  const row = await store.findFolder(db, id);
  const found = row && (await listFolders(db, row.tree)).find((folder) => folder.id === String(id));
  if (!found) throw appError("not-found", { what: "folder", id });
  return found;
}

/** What is wrong with putting something into this folder; the folder stays until the end of the transaction. */
export async function checkFolder(
  tx: Tx,
  id: string | null | undefined,
  tree: FolderTree,
  pointer: string,
): Promise<FieldError[]> {
  if (id === null || id === undefined) return [];
  const folder = await store.keepFolder(tx, Number(id));
  if (folder?.tree === tree) return [];
  const message = folder ? `Folder ${id} is one of ${folder.tree}` : `There is no folder ${id}`;
  return [{ pointer, code: "not-found", message }];
}

async function lockOne(tx: Tx, id: number, seen: Seen): Promise<store.FolderRow> {
  await store.lockFolders(tx);
  const folder = await store.findFolder(tx, id);
  if (!folder) throw appError("not-found", { what: "folder", id });
  assertSeen(folder.version, seen, `folder ${id}`);
  return folder;
}

const REFUSALS = {
  "no-parent": { pointer: "/parent", message: "There is no such folder in this tree" },
  circle: { pointer: "/parent", message: "A folder cannot be in itself, or in one that it contains" },
  "too-deep": { pointer: "/parent", message: `Folders are at most ${DEEPEST} levels deep` },
  taken: { pointer: "/label", message: "There is a folder of this name already" },
  "too-many": { pointer: "/tree", message: `There are at most ${MOST_FOLDERS} folders` },
} as const;

async function refuseMisplaced(tx: Tx, tree: FolderTree, place: Parameters<typeof placeFolder>[1]): Promise<void> {
  const { kind } = placeFolder(await store.loadFolders(tx, tree), place);
  if (kind === "placed") return;
  const error = { ...REFUSALS[kind], code: kind };
  throw appError("invalid-input", { detail: `${error.pointer}: ${error.message}` }, [error]);
}

const numberOf = (id: string | null | undefined) => (id === null || id === undefined ? null : Number(id));
