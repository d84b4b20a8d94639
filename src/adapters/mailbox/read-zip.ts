/** The .eml files of a zip, one after the other. A damaged one is reported; the others are read. */
import { openPromise, type Entry, type ZipFile } from "yauzl";

import type { ArchiveItem } from "../../core/archive/compare-copies.ts";
import { copyNamed } from "../../core/archive/match-copy-key.ts";
import { errorText } from "../../platform/errors.ts";
import { MAX_COPY_BYTES, type ReadOptions, TOO_LARGE } from "./limits.ts";

export async function* readZip(path: string, where: string, options: ReadOptions): AsyncGenerator<ArchiveItem> {
  try {
    const zip = await openPromise(path, { autoClose: false });
    try {
      for await (const entry of zip.eachEntry()) {
        if (/\.eml$/i.test(entry.fileName)) yield await readEntry(zip, entry, `${where}#${entry.fileName}`, options);
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    yield { kind: "unreadable", where, detail: errorText(error) };
  }
}

async function readEntry(zip: ZipFile, entry: Entry, where: string, { isWanted }: ReadOptions): Promise<ArchiveItem> {
  const named = copyNamed(entry.fileName);
  if (named && !isWanted(named)) return { kind: "foreign", where };
  if (entry.uncompressedSize > MAX_COPY_BYTES) return { kind: "unreadable", where, detail: TOO_LARGE };
  try {
    const chunks: Buffer[] = [];
    // the size in the directory is checked against what comes: no entry grows beyond it
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) chunks.push(chunk);
    return { kind: "message", where, bytes: Buffer.concat(chunks), named, mayBeQuoted: false };
  } catch (error) {
    return { kind: "unreadable", where, detail: errorText(error) };
  }
}
