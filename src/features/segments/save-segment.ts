/** Makes, replaces and deletes segments. A tree never comes to be a part of itself, however many change trees at once. */
import type { Segment as SavedSegment, SegmentInput } from "../../contract/segments.ts";
import { explain } from "../../core/segment/explain.ts";
import type { Segment } from "../../core/segment/segment.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import { mustRead } from "./check-tree.ts";
import { loadNames } from "./names-store.ts";
import { expand } from "./prepare.ts";
import {
  deleteSegment,
  findSegment,
  findUsers,
  insertSegment,
  lockSegment,
  lockTrees,
  updateSegment,
} from "./store.ts";

export async function createSegment(db: Db, input: SegmentInput, now: Instant): Promise<SavedSegment> {
  return db.transaction(async (tx) => {
    await lockTrees(tx);
    const tree = await mustRead(tx, input.tree);
    await expand(tx, tree);
    return withWords(tx, await insertSegment(tx, input.label, tree, now));
  });
}

export async function readSavedSegment(db: Queryable, id: number): Promise<SavedSegment> {
  const segment = await findSegment(db, id);
  if (!segment) throw appError("not-found", { what: "segment", id });
  return withWords(db, segment);
}

export async function replaceSegment(
  db: Db,
  id: number,
  input: SegmentInput,
  seen: Seen,
  now: Instant,
): Promise<SavedSegment> {
  return db.transaction(async (tx) => {
    await lockTrees(tx);
    await lockSeen(tx, id, seen);
    const tree = await mustRead(tx, input.tree);
    const saved = await updateSegment(tx, id, input.label, tree, now);
    // Looked at after it was written, so that a circle through itself is seen; the error takes it back.
    await expand(tx, { segment: String(id) });
    return withWords(tx, saved);
  });
}

/** Refused while something names it. */
export async function removeSegment(db: Db, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    await lockTrees(tx);
    const { label } = await lockSeen(tx, id, seen);
    const users = await findUsers(tx, id);
    if (users.length > 0) throw appError("segment-in-use", { label, users: users.join(", ") });
    await deleteSegment(tx, id);
  });
}

async function lockSeen(tx: Tx, id: number, seen: Seen): Promise<SavedSegment> {
  const segment = await lockSegment(tx, id);
  if (!segment) throw appError("not-found", { what: "segment", id });
  assertSeen(segment.version, seen, `segment ${id}`);
  return segment;
}

async function withWords(db: Queryable, segment: SavedSegment): Promise<SavedSegment> {
  return { ...segment, explanation: await wordsOf(db, segment.tree) };
}

/** The tree in words, with the labels of what it names. */
export async function wordsOf(db: Queryable, tree: Segment): Promise<string> {
  return explain(tree, await loadNames(db, tree));
}
