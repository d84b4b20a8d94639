/** Zips and purges the copies in folders, archive by archive: one that fails keeps no other from it. */
import type { Instant } from "../../core/time.ts";
import { CopyStoreError } from "../../platform/copy-store.ts";
import type { Db } from "../../platform/db.ts";
import { purgeHours } from "./keep-files-purge.ts";
import { asOnlyKeeper, noteProblem, type FileKeeping, type FileProblem, type KeeperRun } from "./keep-files-run.ts";
import { zipHours } from "./keep-files-zip.ts";
import type { KnownArchive } from "./known-archive.ts";

export type StoredAway = {
  /** Copies, and the new zips that they are in. */
  zipped: number;
  zips: number;
  purged: number;
  readonly problems: readonly FileProblem[];
};

/** Waits for nobody: when another process does it, it does nothing. */
export async function storeAway(db: Db, keeping: FileKeeping, now: Instant, signal?: AbortSignal): Promise<StoredAway> {
  const idle: StoredAway = { zipped: 0, zips: 0, purged: 0, problems: [] };
  const isWanted = ({ target }: KnownArchive) => target.kind === "files" && (target.zip || target.purgeAfter !== null);
  const archives = keeping.archives.filter(isWanted);
  if (archives.length === 0) return idle;
  const stored = await asOnlyKeeper(db, keeping, signal, async (run) => {
    const sum: StoredAway = { ...idle, problems: run.problems };
    for (const archive of archives) await storeAwayOne(run, archive, now, sum);
    return sum;
  });
  return stored ?? idle;
}

async function storeAwayOne(run: KeeperRun, archive: KnownArchive, now: Instant, sum: StoredAway): Promise<void> {
  const { target } = archive;
  if (target.kind !== "files") return;
  try {
    const place = { archive, target, store: run.keeping.openStore(target), zips: run.keeping.openZips(target) };
    if (target.purgeAfter !== null) sum.purged += await purgeHours(run, place, now - target.purgeAfter);
    if (!target.zip) return;
    const { copies, zips } = await zipHours(run, place, now);
    sum.zipped += copies;
    sum.zips += zips;
  } catch (error) {
    if (!(error instanceof CopyStoreError)) throw error;
    noteProblem(run, archive, error);
  }
}
