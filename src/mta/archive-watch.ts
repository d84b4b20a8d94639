/** Archives and their limits as they are now: read again when somebody changed them, so that a change acts within seconds. */
import { type Duration, parseDuration, DAY, SECOND, type Instant } from "../core/time.ts";
import { type KnownArchive, loadArchives } from "../features/archive/index.ts";
import { loadSettings } from "../features/settings/index.ts";
import type { Db } from "../platform/db.ts";
import type { MasterKey } from "../platform/seal.ts";
import { readArchiveMarks, countOwed } from "./store-copies.ts";

const EVERY: Duration = 2 * SECOND;
const GIVE_UP_AFTER: Duration = 7 * DAY;

export type ArchiveWatch = {
  readonly archives: () => ReadonlyMap<number, KnownArchive>;
  readonly giveUpAfter: () => Duration;
  /** Why no delivery with copies may go on: too much is owed. */
  obstacle(): string | null;
  /** Reads again what is older than two seconds, or all. */
  refresh(all?: boolean): Promise<void>;
};

/** `onRetry`: somebody wants what is owed tried at once. */
export function createArchiveWatch(
  db: Db,
  masterKey: MasterKey,
  now: () => Instant,
  onRetry: () => void,
): ArchiveWatch {
  let archives: ReadonlyMap<number, KnownArchive> = new Map();
  let giveUpAfter = GIVE_UP_AFTER;
  let debtLimit = Number.POSITIVE_INFINITY;
  let owed = 0;
  let seen: string | null = null;
  let retriedAt: number | null = null;
  let readAt = Number.NEGATIVE_INFINITY;

  return {
    archives: () => archives,
    giveUpAfter: () => giveUpAfter,
    obstacle: () =>
      owed < debtLimit
        ? null
        : `${owed} copies are owed to archives; the limit is ${debtLimit}, so messages with copies wait`,
    refresh: async (all = false) => {
      if (!all && now() - readAt < EVERY) return;
      readAt = now();
      const { mark, retried } = await readArchiveMarks(db);
      if (seen !== null && retried !== retriedAt) onRetry();
      retriedAt = retried;
      if (mark !== seen) {
        archives = new Map((await loadArchives(db, masterKey)).map((archive) => [archive.id, archive]));
        const { archive } = await loadSettings(db);
        giveUpAfter = parseDuration(archive.giveUpAfter) ?? GIVE_UP_AFTER;
        debtLimit = archive.debtLimit;
        seen = mark;
      }
      owed = archives.size === 0 ? 0 : await countOwed(db);
    },
  };
}
