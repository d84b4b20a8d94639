/** The .eml files of a zip, one after the other. A damaged one is reported; the others are read. */
import type { ArchiveItem } from "../../core/archive/compare-copies.ts";
import { copyNamed } from "../../core/archive/match-copy-key.ts";
import { errorText } from "../../platform/errors.ts";
import { openZip, type ZipReader } from "../copy-store/zip.ts";
import type { ReadOptions } from "./limits.ts";

export async function* readZip(path: string, where: string, options: ReadOptions): AsyncGenerator<ArchiveItem> {
  try {
    const zip = await openZip(path);
    try {
      for (const name of zip.sizes.keys()) if (/\.eml$/i.test(name)) yield await readEntry(zip, name, where, options);
    } finally {
      zip.close();
    }
  } catch (error) {
    yield { kind: "unreadable", where, detail: errorText(error) };
  }
}

async function readEntry(zip: ZipReader, name: string, file: string, { isWanted }: ReadOptions): Promise<ArchiveItem> {
  const where = `${file}#${name}`;
  const named = copyNamed(name);
  if (named && !isWanted(named)) return { kind: "foreign", where };
  try {
    const bytes = await zip.read(name);
    if (bytes === null) return { kind: "unreadable", where, detail: "not in the zip" };
    return { kind: "message", where, bytes, named, mayBeQuoted: false };
  } catch (error) {
    return { kind: "unreadable", where, detail: errorText(error) };
  }
}
