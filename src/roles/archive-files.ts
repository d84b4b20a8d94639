/** The chores of copies in folders and object stores, with all they need, for the worker. */
import { keepFiles, loadArchives, storeAway, type FileKeeping, type FileProblem } from "../features/archive/index.ts";
import { openCopyStore, openZips } from "./copy-stores.ts";
import type { Ground } from "./ground.ts";

export type ArchiveFiles = {
  /** Names follow what became of messages. */
  keep(signal: AbortSignal): Promise<void>;
  /** What is done with goes into zips, and what is too old goes. */
  storeAway(signal: AbortSignal): Promise<void>;
};

export type ArchiveFilesGround = Pick<Ground, "db" | "log" | "masterKey"> & {
  readonly config: Pick<Ground["config"], "dataDir">;
};

export function createArchiveFiles({ db, log, masterKey, config }: ArchiveFilesGround): ArchiveFiles {
  const keeping = async (): Promise<FileKeeping> => ({
    archives: await loadArchives(db, masterKey),
    openStore: (target) => openCopyStore(target, config),
    openZips: (target) => openZips(target, config),
  });
  const say = (problems: readonly FileProblem[]) => {
    for (const { archive, detail } of problems) log.warn({ archive, detail }, "copies could not be looked after");
  };
  return {
    async keep(signal) {
      const { problems } = await keepFiles(db, await keeping(), Date.now(), signal);
      say(problems);
    },
    async storeAway(signal) {
      const { zipped, zips, purged, problems } = await storeAway(db, await keeping(), Date.now(), signal);
      if (zipped > 0) log.info({ copies: zipped, zips }, "copies zipped");
      if (purged > 0) log.info({ copies: purged }, "old copies removed");
      say(problems);
    },
  };
}
