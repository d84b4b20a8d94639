/**
 * Writes files that are there as a whole or not at all: a draft in the same folder, fsync, rename, fsync of the folder. A draft that a
 * killed process left starts with a dot and is nobody's copy.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename, unlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { errorCode } from "../../platform/errors.ts";
import { createFolderSync } from "./folder-sync.ts";

export type FileWriter = {
  /** `finish` gives the draft its name; by default it replaces what has that name. */
  write(path: string, fill: (file: FileHandle) => Promise<void>, finish?: Finish): Promise<void>;
  /** Both in one folder. Rejects with ENOENT when `from` is not there. */
  rename(from: string, to: string): Promise<void>;
};

type Finish = (draft: string, path: string) => Promise<void>;

/** A folder may be removed as empty between its making and the first file in it. */
const TRIES = 3;

export const isDraft = (name: string) => name.startsWith(".") && name.endsWith(".tmp");

/** Folders are made when needed, readable by this user only. Longer than a screen because the functions inside share its state. */
export function createFileWriter(): FileWriter {
  const sync = createFolderSync();
  const folders = new Map<string, Promise<void>>();

  const makeFolder = async (folder: string) => {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let made = folder; first !== undefined; made = dirname(made)) {
      await sync(dirname(made));
      if (made === first || made === dirname(made)) return;
    }
  };

  const folderOf = (path: string): Promise<void> => {
    const folder = dirname(path);
    const made = folders.get(folder) ?? makeFolder(folder);
    folders.set(folder, made);
    return made;
  };

  const openDraft = async (path: string): Promise<{ draft: string; file: FileHandle }> => {
    const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
    for (let tried = 1; ; tried++) {
      try {
        await folderOf(path);
        return { draft, file: await open(draft, "wx", 0o600) };
      } catch (error) {
        folders.delete(dirname(path));
        if (errorCode(error) !== "ENOENT" || tried === TRIES) throw error;
      }
    }
  };

  return {
    async write(path, fill, finish = rename) {
      const { draft, file } = await openDraft(path);
      try {
        try {
          await fill(file);
          await file.sync();
        } finally {
          await file.close();
        }
        await finish(draft, path);
      } catch (error) {
        await unlink(draft).catch(() => {});
        throw error;
      }
      await sync(dirname(path));
    },
    async rename(from, to) {
      await rename(from, to);
      await sync(dirname(to));
    },
  };
}
