/** The zips of a folder of copies: `archives/YYYY-MM-DD/HHh-NNNN.zip`, each complete from the moment it has its name. */
import { link, open, rmdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { formatZipName, parseZipName } from "../../core/archive/zip-name.ts";
import { HOUR } from "../../core/time.ts";
import type { CheckedCopy, CopyZips } from "../../platform/copy-zips.ts";
import { errorCode } from "../../platform/errors.ts";
import { copiesIn, hourFolders, readdirOrNothing, zipsIn } from "./folders.ts";
import { COPY_MAX_BYTES, refused, translated } from "./problems.ts";
import { checkZip, openZip, readSums, sha256Of, writeZip, type ZipContent } from "./zip.ts";
import { createFileWriter, isDraft, type FileWriter } from "./write-file.ts";

/** A draft that nobody has written to for so long belongs to a process that was killed. */
const ABANDONED = HOUR;

export function openCopyZips(directory: string): CopyZips {
  const dir = resolve(directory);
  const writer = createFileWriter();
  return {
    folders: () => translated(hourFolders(dir)),
    names: (folder) => translated(copiesIn(dir, folder)),
    zips: () => translated(zipsIn(dir)),
    entries: (zip) => translated(readEntries(dir, zip)),
    write: (folder, copies) => translated(write(dir, writer, folder, copies)),
    removeFolder: (folder) => translated(removeFolder(dir, folder)),
  };
}

async function readEntries(dir: string, name: string): Promise<Map<string, Buffer>> {
  const folder = parseZipName(name)?.folder;
  if (folder === undefined) throw refused(`${name} is no name of a zip`);
  const zip = await openZip(join(dir, name));
  try {
    const sums = await readSums(zip);
    return new Map([...sums].map(([copy, sha256]) => [`${folder}/${copy}`, sha256]));
  } finally {
    zip.close();
  }
}

async function write(
  dir: string,
  writer: FileWriter,
  folder: string,
  copies: readonly CheckedCopy[],
): Promise<{ zip: string | null; different: string[] }> {
  const { good, different } = await sortOut(dir, copies);
  if (good.length === 0) return { zip: null, different };
  const read = async ({ name }: ZipContent) => {
    const bytes = await readCopy(join(dir, folder, name));
    if (bytes === null) throw refused(`${folder}/${name} went away while it was zipped`);
    return bytes;
  };
  const zip = await nextZip(dir, folder);
  const path = join(dir, zip);
  await removeDrafts(dirname(path));
  const at = new Date(`${folder.slice(0, 10)}T${folder.slice(11, 13)}:00:00Z`);
  await writer.write(
    path,
    (file) => writeZip(file, good, read, at),
    (draft) => finishZip(draft, path, good),
  );
  return { zip, different };
}

/** `good` by their names in the zip. */
async function sortOut(
  dir: string,
  copies: readonly CheckedCopy[],
): Promise<{ good: ZipContent[]; different: string[] }> {
  const good: ZipContent[] = [];
  const different: string[] = [];
  for (const { name, sha256 } of copies) {
    const bytes = await readCopy(join(dir, name));
    if (bytes !== null && sha256Of(bytes).equals(sha256)) good.push({ name: basename(name), sha256 });
    else different.push(name);
  }
  return { good, different };
}

async function finishZip(draft: string, path: string, contents: readonly ZipContent[]): Promise<void> {
  const reader = await openZip(draft);
  try {
    await checkZip(reader, contents);
  } finally {
    reader.close();
  }
  // Unlike a rename, a link never replaces a zip that somebody else made meanwhile.
  await link(draft, path);
  await unlink(draft);
}

/** Null: not there, or no copy. */
async function readCopy(path: string): Promise<Buffer | null> {
  let file;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  try {
    return (await file.stat()).size > COPY_MAX_BYTES ? null : await file.readFile();
  } finally {
    await file.close();
  }
}

async function nextZip(dir: string, folder: string): Promise<string> {
  const names = await readdirOrNothing(join(dir, dirname(formatZipName({ folder, number: 1 }))));
  let last = 0;
  for (const name of names) {
    const parsed = parseZipName(`archives/${folder.slice(0, 10)}/${name}`);
    if (parsed?.folder === folder) last = Math.max(last, parsed.number);
  }
  return formatZipName({ folder, number: last + 1 });
}

async function removeDrafts(folder: string): Promise<void> {
  for (const name of (await readdirOrNothing(folder)).filter(isDraft)) {
    const path = join(folder, name);
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
    if (changed !== null && changed < Date.now() - ABANDONED) await unlink(path).catch(() => {});
  }
}

async function removeFolder(dir: string, folder: string): Promise<void> {
  await removeDrafts(join(dir, folder));
  for (const path of [join(dir, folder), join(dir, dirname(folder))]) {
    try {
      await rmdir(path);
    } catch (error) {
      if (/^(ENOTEMPTY|EEXIST|ENOENT)$/.test(errorCode(error))) return;
      throw error;
    }
  }
}
