/** Copies of one zip are asked for one after the other: its directory is read once, and the file stays open for a moment. */
import { openZip, type ZipReader } from "./zip.ts";

const OPEN_MAX = 4;
const IDLE_MS = 2000;

type Held = { readonly reader: Promise<ZipReader>; users: number; idle: NodeJS.Timeout | undefined };

export type ZipCache = {
  /** Rejects with ENOENT when there is no such file. */
  use<T>(path: string, work: (zip: ZipReader) => Promise<T>): Promise<T>;
  /** Before the file goes. */
  forget(path: string): void;
};

export function createZipCache(): ZipCache {
  const zips = new Map<string, Held>();

  const forget = (path: string) => {
    const held = zips.get(path);
    zips.delete(path);
    if (held?.users === 0) close(held);
  };

  const hold = (path: string): Held => {
    const held = zips.get(path);
    if (held) return held;
    for (const [other, { users }] of zips) if (users === 0 && zips.size >= OPEN_MAX) forget(other);
    const opened: Held = { reader: openZip(path), users: 0, idle: undefined };
    zips.set(path, opened);
    return opened;
  };

  return {
    forget,
    async use(path, work) {
      const held = hold(path);
      clearTimeout(held.idle);
      held.users++;
      try {
        return await work(await held.reader);
      } catch (error) {
        if (zips.get(path) === held) zips.delete(path);
        throw error;
      } finally {
        held.users--;
        if (held.users === 0 && zips.get(path) === held) held.idle = setTimeout(() => forget(path), IDLE_MS).unref();
        else if (held.users === 0) close(held);
      }
    },
  };
}

function close(held: Held): void {
  clearTimeout(held.idle);
  held.reader.then(
    (reader) => reader.close(),
    () => {},
  );
}
