/** A tar archive (POSIX ustar) written and read as a stream, so that any `tar` can look into a backup. Entries are small: whole in memory. */
import { appError } from "../../platform/errors.ts";

const BLOCK = 512;
/** More than a backup ever writes into one entry. */
const ENTRY_MAX = 256 * 1024 * 1024;

export type Entry = { readonly name: string; readonly content: Buffer };

/** Header, content and padding of one entry. `mtime` in milliseconds. */
export function tarEntry(name: string, content: Buffer, mtime: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`the name ${name} is too long for an entry`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    header.write(value.toString(8).padStart(length - 1, "0"), at, length - 1, "latin1");
  header.write(name, 0, "utf8");
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(Math.floor(mtime / 1000), 136, 12);
  header.fill(" ", 148, 156);
  header.write("0", 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding]);
}

/** Two empty blocks. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** Sum of all bytes, with blanks where it stands itself. */
function checksum(header: Buffer): number {
  let sum = 0;
  for (const byte of header) sum += byte;
  return sum;
}

/** The entries in their order. Throws `backup-unusable` at what is no such archive, or is cut short. */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  const take = reader(stream);
  for (;;) {
    const header = await take(BLOCK);
    if (header === null) throw appError("backup-unusable", { detail: "it is cut short" });
    if (header.every((byte) => byte === 0)) return;
    const said = readOctal(header, 148, 8);
    header.fill(" ", 148, 156);
    if (header.toString("latin1", 257, 262) !== "ustar" || said !== checksum(header)) {
      throw appError("backup-unusable", { detail: "it is no backup of Envoi" });
    }
    const size = readOctal(header, 124, 12);
    if (!(size <= ENTRY_MAX)) throw appError("backup-unusable", { detail: "an entry is too large" });
    const name = header.toString("utf8", 0, 100).replace(/\0.*$/s, "");
    const content = await take(size);
    const padding = await take((BLOCK - (size % BLOCK)) % BLOCK);
    if (content === null || padding === null) throw appError("backup-unusable", { detail: "it is cut short" });
    yield { name, content };
  }
}

function readOctal(header: Buffer, at: number, length: number): number {
  const text = header.toString("latin1", at, at + length).replace(/[\0 ]+$/, "");
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** So many bytes of the stream at a time; null when it ends before. */
function reader(stream: AsyncIterable<Buffer>): (bytes: number) => Promise<Buffer | null> {
  const chunks = stream[Symbol.asyncIterator]();
  let waiting: Buffer[] = [];
  let size = 0;
  return async (bytes) => {
    while (size < bytes) {
      const next = await chunks.next();
      if (next.done === true) return null;
      waiting.push(next.value);
      size += next.value.length;
    }
    const all = waiting.length === 1 ? (waiting[0] ?? Buffer.alloc(0)) : Buffer.concat(waiting);
    waiting = [all.subarray(bytes)];
    size = all.length - bytes;
    return Buffer.from(all.subarray(0, bytes));
  };
}
