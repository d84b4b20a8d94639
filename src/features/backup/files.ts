/** Files of the data directory that are nowhere else: the operators' own rules, and reactions that wait for the database. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";

import { appError, errorCode } from "../../platform/errors.ts";

const FOLDERS = ["shaping", "scanners", "tracking"];

/** Names relative to the data directory, with `/`. */
export function* dataFiles(dataDir: string): Generator<{ readonly name: string; readonly content: Buffer }> {
  for (const folder of FOLDERS) yield* filesIn(dataDir, folder);
}

function* filesIn(dataDir: string, folder: string): Generator<{ readonly name: string; readonly content: Buffer }> {
  for (const entry of readIfThere(() => readdirSync(join(dataDir, folder))) ?? []) {
    const name = `${folder}/${entry}`;
    const path = join(dataDir, name);
    const stat = readIfThere(() => statSync(path));
    if (stat?.isDirectory()) yield* filesIn(dataDir, name);
    else if (stat?.isFile()) {
      // Reactions that just came into the database are gone from here.
      const content = readIfThere(() => readFileSync(path));
      if (content !== null) yield { name, content };
    }
  }
}

function readIfThere<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

export function writeDataFile(dataDir: string, name: string, content: Buffer): void {
  const path = normalize(join(dataDir, name));
  const isOurs = FOLDERS.some((folder) => path.startsWith(join(dataDir, folder) + sep));
  if (!isOurs) throw appError("backup-unusable", { detail: `the file ${name} belongs nowhere` });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, content, { mode: 0o600 });
}
