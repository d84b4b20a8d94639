/**
 * Copies in the file system: folders of .eml files, Maildirs (their `cur` and `new`), mailbox files, zips of .eml files, in any mixture.
 * Links are not followed and other files are passed over. Files come in the order of the directory, so a million of them need no room.
 */
import { open, opendir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { ArchiveItem } from "../../core/archive/compare-copies.ts";
import { copyNamed } from "../../core/archive/match-copy-key.ts";
import { appError, errorText } from "../../platform/errors.ts";
import { MAX_COPY_BYTES, type ReadOptions, TOO_LARGE } from "./limits.ts";
import { readMbox } from "./read-mbox.ts";
import { readZip } from "./read-zip.ts";

type FileKind = "message" | "mbox" | "zip" | "other";

/** `path`: a folder or one file. Throws `archive-unreadable` when there is no such thing; whatever in it cannot be read is an item. */
export async function* readFolder(path: string, options: ReadOptions): AsyncGenerator<ArchiveItem> {
  const what = await stat(path).catch((error: unknown) => {
    throw appError("archive-unreadable", { what: path, detail: errorText(error) });
  });
  if (what.isDirectory()) return yield* walk(path, "", options);
  const kind = await kindOf(path);
  yield* readFile(dirname(path), basename(path), kind === "other" ? "message" : kind, options);
}

async function* walk(root: string, folder: string, options: ReadOptions): AsyncGenerator<ArchiveItem> {
  const folders: string[] = [];
  try {
    for await (const entry of await opendir(join(root, folder))) {
      const where = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(where);
      else if (entry.isFile()) yield* readFile(root, where, await kindOf(join(root, where)), options);
    }
  } catch (error) {
    if (folder === "") throw appError("archive-unreadable", { what: root, detail: errorText(error) });
    yield { kind: "unreadable", where: folder, detail: errorText(error) };
  }
  // what lies in the `tmp` of a Maildir has not been delivered yet
  const isMaildir = folders.some((name) => basename(name) === "cur");
  for (const name of folders) if (!isMaildir || basename(name) !== "tmp") yield* walk(root, name, options);
}

async function kindOf(path: string): Promise<FileKind> {
  const name = basename(path);
  if (/^(cur|new)$/.test(basename(dirname(path))) || /\.eml$/i.test(name)) return "message";
  if (/\.zip$/i.test(name)) return "zip";
  if (/\.mbox$/i.test(name)) return "mbox";
  return (await beginsWithFrom(path)) ? "mbox" : "other";
}

async function beginsWithFrom(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(5), 0, 5, 0);
      return buffer.toString("latin1", 0, bytesRead) === "From ";
    } finally {
      await file.close();
    }
  } catch {
    // of no kind that holds copies, as far as anybody can tell
    return false;
  }
}

async function* readFile(
  root: string,
  where: string,
  kind: FileKind,
  options: ReadOptions,
): AsyncGenerator<ArchiveItem> {
  const path = join(root, where);
  if (kind === "mbox") yield* readMbox(path, where);
  if (kind === "zip") yield* readZip(path, where, options);
  if (kind === "message") yield await readMessage(path, where, options);
}

async function readMessage(path: string, where: string, { isWanted }: ReadOptions): Promise<ArchiveItem> {
  const named = copyNamed(where);
  if (named && !isWanted(named)) return { kind: "foreign", where };
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > MAX_COPY_BYTES) return { kind: "unreadable", where, detail: TOO_LARGE };
      return { kind: "message", where, bytes: await file.readFile(), named, mayBeQuoted: false };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { kind: "unreadable", where, detail: errorText(error) };
  }
}
