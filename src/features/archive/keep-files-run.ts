/** What the keeping of files stands on: the places, one keeper at a time, and what went wrong in a run. */
import type { CopyStore } from "../../platform/copy-store.ts";
import type { CopyZips } from "../../platform/copy-zips.ts";
import type { Db } from "../../platform/db.ts";
import { errorText } from "../../platform/errors.ts";
import type { KnownArchive, KnownTarget } from "./known-archive.ts";

export type StoreTarget = Exclude<KnownTarget, { readonly kind: "smtp" }>;
export type FilesTarget = Extract<KnownTarget, { readonly kind: "files" }>;

export type FileKeeping = {
  readonly archives: readonly KnownArchive[];
  /** May throw `CopyStoreError`. */
  readonly openStore: (target: StoreTarget) => CopyStore;
  readonly openZips: (target: FilesTarget) => CopyZips;
};

export type FileProblem = { readonly archive: string; readonly detail: string };

export type KeeperRun = {
  readonly db: Db;
  readonly keeping: FileKeeping;
  /** Nobody else keeps files any more for us, or the process ends: begin nothing new. */
  readonly signal: AbortSignal;
  readonly problems: FileProblem[];
};

/** Of one kind in one run; more say nothing new. */
const PROBLEMS_MAX = 100;
const LOCK = "envoi archive files";

/** Runs `work` unless another process keeps files on this database; then null. */
export async function asOnlyKeeper<T>(
  db: Db,
  keeping: FileKeeping,
  signal: AbortSignal | undefined,
  work: (run: KeeperRun) => Promise<T>,
): Promise<T | null> {
  const lost = new AbortController();
  const lock = await db.tryLock(LOCK, () => lost.abort());
  if (lock === null) return null;
  try {
    const either = signal ? AbortSignal.any([signal, lost.signal]) : lost.signal;
    return await work({ db, keeping, signal: either, problems: [] });
  } finally {
    await lock.close();
  }
}

export function noteProblem(run: KeeperRun, archive: KnownArchive, error: unknown): void {
  if (run.problems.length < PROBLEMS_MAX) run.problems.push({ archive: archive.name, detail: errorText(error) });
}
