/**
 * Zips of copies: written with their SHA256SUMS (as `sha256sum -c` reads them), read one copy at a time. Reading trusts nothing that a
 * zip says about itself: neither the number nor the size of what is in it can make it take more memory than the bounds here.
 */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Entry, openPromise, type ZipFile as OpenZipFile } from "yauzl";
import { ZipFile } from "yazl";

import { errorText } from "../../platform/errors.ts";
import { COPY_MAX_BYTES, refused } from "./problems.ts";

export const SUMS = "SHA256SUMS";
/** More than any zip of ours holds. */
const ENTRIES_MAX = 200_000;

export type ZipReader = {
  /** Names as they stand in the zip, with the size each one claims. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Null: not in it. Rejects with `CopyStoreError` refused when it cannot be read or is larger than a copy. */
  read(name: string): Promise<Buffer | null>;
  /** Reads that run go on to their end. */
  close(): void;
};

/** Rejects with ENOENT when there is no such file. */
export async function openZip(path: string): Promise<ZipReader> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    const entries = await readDirectory(zip);
    return {
      sizes: new Map([...entries].map(([name, { uncompressedSize }]) => [name, uncompressedSize])),
      read: async (name) => {
        const entry = entries.get(name);
        return entry ? readEntry(zip, entry) : null;
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function readDirectory(zip: OpenZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > ENTRIES_MAX) throw refused(`a zip of ${zip.entryCount} files is none of ours`);
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entries.has(entry.fileName)) throw refused(`the zip has ${entry.fileName} twice`);
    entries.set(entry.fileName, entry);
  }
  return entries;
}

async function readEntry(zip: OpenZipFile, entry: Entry): Promise<Buffer> {
  if (entry.uncompressedSize > COPY_MAX_BYTES) throw refused(`${entry.fileName} in the zip is too large for a copy`);
  const chunks: Buffer[] = [];
  try {
    // The library stops at the first byte beyond the size that was claimed.
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  } catch (error) {
    throw refused(`${entry.fileName} in the zip cannot be read: ${errorText(error)}`);
  }
  return Buffer.concat(chunks);
}

export type ZipContent = { readonly name: string; readonly sha256: Buffer };

/** `read` is asked for one after the other; memory holds one of them. The time of each entry is `at`, its mode 600. */
export async function writeZip(
  file: FileHandle,
  contents: readonly ZipContent[],
  read: (content: ZipContent) => Promise<Buffer>,
  at: Date,
): Promise<void> {
  const zip = new ZipFile();
  const options = { mtime: at, mode: 0o100600 };
  for (const content of contents) {
    zip.addReadStreamLazy(content.name, options, (give) => {
      read(content).then(
        (bytes) => give(null, Readable.from([bytes], { objectMode: false })),
        (error: unknown) => give(error, Readable.from([])),
      );
    });
  }
  zip.addBuffer(
    Buffer.from(contents.map(({ name, sha256 }) => `${sha256.toString("hex")}  ${name}\n`).join("")),
    SUMS,
    options,
  );
  zip.end();
  const output = zip.outputStream as Readable;
  zip.on("error", (error) => output.destroy(error as Error));
  await file.writeFile(output);
}

/** What `writeZip` said is in the zip: name and SHA-256 of each. */
export async function readSums(zip: ZipReader): Promise<Map<string, Buffer>> {
  const text = (await zip.read(SUMS))?.toString("utf8");
  if (text === undefined) throw refused(`the zip has no ${SUMS}`);
  const sums = new Map<string, Buffer>();
  for (const line of text.split("\n").slice(0, -1)) {
    const match = /^([0-9a-f]{64}) {2}(.+)$/.exec(line);
    if (!match?.[1] || !match[2]) throw refused(`${SUMS} of the zip has a line that is no checksum`);
    sums.set(match[2], Buffer.from(match[1], "hex"));
  }
  return sums;
}

/** Rejects unless each copy can be read back as it should be. */
export async function checkZip(zip: ZipReader, contents: readonly ZipContent[]): Promise<void> {
  for (const { name, sha256 } of contents) {
    const bytes = await zip.read(name);
    if (bytes === null || !sha256Of(bytes).equals(sha256)) throw refused(`${name} cannot be read back from its zip`);
  }
}

export function sha256Of(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
