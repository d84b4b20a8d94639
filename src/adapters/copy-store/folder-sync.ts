/**
 * Makes names in folders survive a power failure (fsync of the folder). Everything that happens in a folder while one fsync runs waits
 * for the next one together, so fifty writers cost one or two of them, not fifty.
 */
import { open } from "node:fs/promises";

type Waiting = { running: Promise<void>; next: Promise<void> | null };

export type FolderSync = (folder: string) => Promise<void>;

export function createFolderSync(sync: FolderSync = syncNow): FolderSync {
  const folders = new Map<string, Waiting>();
  const start = (folder: string): Promise<void> => {
    const running = sync(folder).finally(() => {
      if (folders.get(folder)?.next === null) folders.delete(folder);
    });
    const waiting = folders.get(folder);
    if (waiting) Object.assign(waiting, { running, next: null });
    else folders.set(folder, { running, next: null });
    return running;
  };
  return (folder) => {
    const waiting = folders.get(folder);
    if (!waiting) return start(folder);
    // The one that runs may have begun before the caller's name was there.
    waiting.next ??= waiting.running.catch(() => {}).then(() => start(folder));
    return waiting.next;
  };
}

/** Windows has no such call for folders. */
async function syncNow(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
