/** What lies in a folder of copies: hours, single copies, zips. Whatever has another name is not ours and not seen. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { parseCopyName } from "../../core/archive/copy-name.ts";
import { parseZipName } from "../../core/archive/zip-name.ts";
import { errorCode } from "../../platform/errors.ts";

const DAY = /^\d{4}-\d\d-\d\d$/;
const HOUR = /^\d\dh$/;

/** Oldest first, as `2026-05-04/13h`. */
export async function hourFolders(dir: string): Promise<string[]> {
  const folders: string[] = [];
  for (const day of await namesIn(dir, DAY)) {
    for (const hour of await namesIn(join(dir, day), HOUR)) folders.push(`${day}/${hour}`);
  }
  return folders;
}

/** In no order. */
export async function copiesIn(dir: string, folder: string): Promise<string[]> {
  const names = await readdirOrNothing(join(dir, folder));
  return names.map((name) => `${folder}/${name}`).filter((name) => parseCopyName(name) !== null);
}

/** Oldest first. */
export async function zipsIn(dir: string): Promise<string[]> {
  const zips: string[] = [];
  for (const day of await namesIn(join(dir, "archives"), DAY)) {
    const names = await readdirOrNothing(join(dir, "archives", day));
    const parsed = names.map((name) => `archives/${day}/${name}`).filter((zip) => parseZipName(zip) !== null);
    zips.push(...parsed.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)));
  }
  return zips;
}

async function namesIn(dir: string, pattern: RegExp): Promise<string[]> {
  return (await readdirOrNothing(dir)).filter((name) => pattern.test(name)).sort();
}

export async function readdirOrNothing(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}
