/** Copies as files: `<dir>/2026-05-04/13h/42-1207-5-sent.eml`, mode 600 in folders of mode 700; copies in zips can be listed and read too. */
import { open, stat, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";

import { parseCopyName } from "../../core/archive/copy-name.ts";
import { formatZipped, parseZipName, parseZipped } from "../../core/archive/zip-name.ts";
import { CopyStoreError, type CopyStore } from "../../platform/copy-store.ts";
import { errorCode } from "../../platform/errors.ts";
import { copiesIn, hourFolders, zipsIn } from "./folders.ts";
import { asCopyStoreError, assertSameHour, COPY_MAX_BYTES, refused, translated } from "./problems.ts";
import { createZipCache, type ZipCache } from "./zip-cache.ts";
import { sha256Of, SUMS } from "./zip.ts";
import { createFileWriter, type FileWriter } from "./write-file.ts";

type Listed = { readonly name: string; readonly size: number };

/** Sizes asked for at once. */
const STATS = 64;

/** `directory`: made when the first copy comes. A zip that cannot be read is listed by its own name; reading that says why. */
export function openFileStore(directory: string): CopyStore {
  const dir = resolve(directory);
  const writer = createFileWriter();
  const zips = createZipCache();
  return {
    put: async (name, bytes, sha256) => {
      const path = pathOf(dir, name);
      if (sha256Of(bytes).toString("base64") !== sha256)
        throw refused(`${name}: the bytes are not those of the checksum`);
      await translated(writer.write(path, (file) => file.writeFile(bytes)));
    },
    rename: async (from, to) => {
      assertSameHour(from, to);
      await translated(renameFile(writer, pathOf(dir, from), pathOf(dir, to), from));
    },
    read: async (name) => {
      const zipped = parseZipped(name);
      if (zipped) return readZipped(zips, join(dir, zipped.zip), name.slice(name.indexOf("#") + 1));
      return readFile(parseZipName(name) ? join(dir, name) : pathOf(dir, name));
    },
    list: (prefix) => list(dir, zips, prefix),
    remove: async (name) => {
      const path = parseZipName(name) ? join(dir, name) : pathOf(dir, name);
      zips.forget(path);
      await translated(unlink(path).catch(unlessMissing));
    },
  };
}

/** Nothing but names of copies reaches the file system. */
function pathOf(dir: string, name: string): string {
  if (parseCopyName(name) === null) throw refused(`${JSON.stringify(name.slice(0, 200))} is no name of a copy`);
  return join(dir, name);
}

async function renameFile(writer: FileWriter, from: string, to: string, name: string): Promise<void> {
  try {
    await writer.rename(from, to);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    const isThere = await stat(to).then(
      () => true,
      () => false,
    );
    if (!isThere) throw new CopyStoreError("missing", `${name} is not there`, { cause: error });
  }
}

async function readFile(path: string): Promise<Buffer | null> {
  try {
    const file = await open(path, "r");
    try {
      if ((await file.stat()).size > COPY_MAX_BYTES) throw refused(`${path} is too large for a copy`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw asCopyStoreError(error);
  }
}

async function readZipped(zips: ZipCache, path: string, name: string): Promise<Buffer | null> {
  try {
    return await zips.use(path, (zip) => zip.read(name));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw asCopyStoreError(error);
  }
}

async function* list(dir: string, zips: ZipCache, prefix: string): AsyncGenerator<Listed> {
  for (const folder of await translated(hourFolders(dir))) {
    if (!`${folder}/`.startsWith(prefix) && !prefix.startsWith(`${folder}/`)) continue;
    const names = (await translated(copiesIn(dir, folder))).filter((name) => name.startsWith(prefix));
    for (let at = 0; at < names.length; at += STATS) {
      const sized = await Promise.all(names.slice(at, at + STATS).map((name) => sizeOf(dir, name)));
      for (const one of sized) if (one) yield one;
    }
  }
  for (const zip of await translated(zipsIn(dir))) {
    if (zip.startsWith(prefix) || prefix.startsWith(zip)) yield* listZip(dir, zips, zip, prefix);
  }
}

/** Null: renamed or removed meanwhile. */
async function sizeOf(dir: string, name: string): Promise<Listed | null> {
  try {
    return { name, size: (await stat(join(dir, name))).size };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw asCopyStoreError(error);
  }
}

async function* listZip(dir: string, zips: ZipCache, zip: string, prefix: string): AsyncGenerator<Listed> {
  let sizes: ReadonlyMap<string, number>;
  try {
    sizes = await zips.use(join(dir, zip), async (reader) => reader.sizes);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") yield { name: zip, size: 0 };
    return;
  }
  for (const [name, size] of sizes) {
    if (name === SUMS) continue;
    const location = formatZipped({ zip, name });
    if (location.startsWith(prefix) && parseZipped(location)) yield { name: location, size };
  }
}

function unlessMissing(error: unknown): void {
  if (errorCode(error) !== "ENOENT") throw error;
}
