/**
 * Names of copies in folders and object stores follow what became of their messages (core/archive/copy-name). The name is changed first,
 * then its row; whatever is cut short between both is found by doing it again.
 */
import type { CopyProgress } from "../../core/archive/copy-name.ts";
import { formatCopyName, parseCopyName } from "../../core/archive/copy-name.ts";
import { progressOf, type ReachedProgress } from "../../core/archive/copy-progress.ts";
import { type Instant, MINUTE } from "../../core/time.ts";
import { CopyStoreError, type CopyStore } from "../../platform/copy-store.ts";
import type { Db } from "../../platform/db.ts";
import { asOnlyKeeper, noteProblem, type FileKeeping, type FileProblem, type KeeperRun } from "./keep-files-run.ts";
import {
  claimPart,
  loadDueParts,
  loadPart,
  releasePart,
  saveLocations,
  type LedgerMessage,
  type LedgerPart,
  type Move,
} from "./keep-files-store.ts";
import type { KnownArchive } from "./known-archive.ts";

export type KeptFiles = { readonly renamed: number; readonly problems: readonly FileProblem[] };

/** A keeper that was killed leaves its part for so long. */
const CLAIM = 5 * MINUTE;
/** Before an archive that cannot rename is asked again. */
const POSTPONE = MINUTE;
const PARTS_AT_ONCE = 100;
const RENAMES_AT_ONCE = 50;
const STEPS: readonly CopyProgress[] = ["made", "sent", "sent-archived"];

/** Ends when nothing is due at `now`, or when `signal` says so. */
export async function keepFiles(db: Db, keeping: FileKeeping, now: Instant, signal?: AbortSignal): Promise<KeptFiles> {
  const idle = { renamed: 0, problems: [] };
  if ((await loadDueParts(db, now, 1)).length === 0) return idle;
  const kept = await asOnlyKeeper(db, keeping, signal, (run) => renameDue(run, now));
  return kept ?? idle;
}

async function renameDue(run: KeeperRun, now: Instant): Promise<KeptFiles> {
  const stores = openStores(run);
  const claim = now + CLAIM;
  let renamed = 0;
  for (;;) {
    const parts = await loadDueParts(run.db, now, PARTS_AT_ONCE);
    for (const part of parts) {
      if (run.signal.aborted) break;
      if (!(await claimPart(run.db, part, claim))) continue;
      const result = await renamePart(run, stores, part.partId);
      renamed += result.renamed;
      await releasePart(run.db, part.partId, claim, result.complete ? null : now + POSTPONE);
    }
    if (parts.length === 0 || run.signal.aborted) return { renamed, problems: run.problems };
  }
}

/** Those that failed in this run are null. */
type Stores = Map<KnownArchive, CopyStore | null>;

function openStores(run: KeeperRun): Stores {
  const stores: Stores = new Map();
  for (const archive of run.keeping.archives) {
    if (archive.target.kind === "smtp") continue;
    try {
      stores.set(archive, run.keeping.openStore(archive.target));
    } catch (error) {
      noteProblem(run, archive, error);
      stores.set(archive, null);
    }
  }
  return stores;
}

async function renamePart(
  run: KeeperRun,
  stores: Stores,
  partId: number,
): Promise<{ renamed: number; complete: boolean }> {
  const part = await loadPart(run.db, partId);
  let renamed = 0;
  let complete = true;
  for (const [archive, store] of stores) {
    const moves = part ? planMoves(part, archive.id) : [];
    if (moves.length === 0) continue;
    const result = store ? await renameAll(run, archive, store, partId, moves) : { renamed: 0, works: false };
    renamed += result.renamed;
    if (result.works) continue;
    stores.set(archive, null);
    complete = false;
  }
  return { renamed, complete: complete && !run.signal.aborted };
}

type Rename = Move & { readonly to: string };

function planMoves(part: LedgerPart, archive: number): Rename[] {
  const moves: Rename[] = [];
  for (const [seq, message] of part.messages) {
    const copy = message.copies.get(archive);
    // Of what is owed the name says where it is to be put. What lies in a zip keeps its name.
    const location = copy?.state === "archived" ? copy.location : null;
    const name = location ? parseCopyName(location) : null;
    if (!location || !name) continue;
    const { progress } = reachedBy(part, message, archive, name.progress);
    if (progress !== name.progress) moves.push({ seq, from: location, to: formatCopyName({ ...name, progress }) });
  }
  return moves;
}

/** What the name of the copy in `archive` should say. */
export function reachedBy(
  { wish }: LedgerPart,
  { status, copies }: LedgerMessage,
  archive: number,
  named: CopyProgress,
): ReachedProgress {
  const others = wish.archives.filter((id) => id !== archive).map((id) => copies.get(id)?.state ?? null);
  return progressOf({ status, timing: wish.timing, named, others });
}

/** Stops where the store fails; what went well is in the ledger. */
async function renameAll(
  run: KeeperRun,
  archive: KnownArchive,
  store: CopyStore,
  partId: number,
  moves: readonly Rename[],
): Promise<{ renamed: number; works: boolean }> {
  let renamed = 0;
  for (let at = 0; at < moves.length && !run.signal.aborted; at += RENAMES_AT_ONCE) {
    const some = moves.slice(at, at + RENAMES_AT_ONCE);
    const results = await Promise.allSettled(some.map((move) => rename(store, move)));
    const done = some.filter((_, i) => results[i]?.status === "fulfilled");
    renamed += (await saveLocations(run.db, partId, archive.id, done)).size;
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    // What somebody removed by hand is told, and for the proof of the archive (verify) to find: no reason to stop.
    for (const missing of failures.filter(isMissing)) noteProblem(run, archive, missing);
    const failure = failures.find((one) => !isMissing(one));
    if (failure === undefined) continue;
    if (!(failure instanceof CopyStoreError)) throw failure;
    noteProblem(run, archive, failure);
    return { renamed, works: false };
  }
  return { renamed, works: true };
}

/** A run that was cut short may have left the copy under a name between both. */
async function rename(store: CopyStore, { from, to }: Rename): Promise<void> {
  const [first, last] = [parseCopyName(from), parseCopyName(to)];
  const between = first && last ? STEPS.slice(STEPS.indexOf(first.progress) + 1, STEPS.indexOf(last.progress)) : [];
  try {
    await store.rename(from, to);
  } catch (error) {
    const [progress] = between;
    if (!isMissing(error) || !first || !progress) throw error;
    await store.rename(formatCopyName({ ...first, progress }), to);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof CopyStoreError && error.problem === "missing";
}
