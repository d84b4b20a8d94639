/** Brings a backup into an empty database. All or nothing; what comes out of it is held until a person says go. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { z } from "zod";

import { type Instant, readInstant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { AppError, appError, errorCode, errorText } from "../../platform/errors.ts";
import { migrateTo } from "../../platform/migrate.ts";
import { type Held, holdCopy } from "../installation/index.ts";
import { writeDataFile } from "./files.ts";
import { type End, endSchema, FILE_PREFIX, type Manifest, manifestSchema, PIECE } from "./format.ts";
import { isEmptyDatabase, listTables, makeRoom, putKeysBack, setSequences, writeRows } from "./store.ts";
import { type Entry, readTar } from "./tar.ts";

/** So many part numbers are left out: what the original made after the backup has them. */
const PARTS_AHEAD = 4096 * 256;

export type Restored = Held & { readonly at: string; readonly rows: number };

/** Throws `backup-unusable`. Looks at nothing but its beginning. */
export async function readManifest(file: string): Promise<Manifest> {
  for await (const entry of readTar(open(file))) return manifestOf(entry);
  throw appError("backup-unusable", { detail: "it is empty" });
}

/** Throws `backup-unusable`, `database-not-empty`, `schema-newer`. */
export async function restoreBackup(db: Db, file: string, dataDir: string, now: Instant): Promise<Restored> {
  const manifest = await readManifest(file);
  if (!(await isEmptyDatabase(db, manifest.migrations))) throw appError("database-not-empty");
  await migrateTo(db.url, manifest.migrations);
  const files: Entry[] = [];
  const held = await db
    .transaction(async (tx) => {
      const rows = await fill(tx, manifest, file, files);
      const hold = { by: "envoi", reason: `restored from a backup of ${manifest.at}` };
      return { ...(await holdCopy(tx, hold, readInstant(manifest.at), now)), at: manifest.at, rows };
    })
    .catch((error: unknown) => {
      throw error instanceof AppError ? error : asUnusable(error);
    });
  for (const { name, content } of files) writeDataFile(dataDir, name.slice(FILE_PREFIX.length), content);
  await db.query("analyze");
  return held;
}

/** Of data that no database takes: PostgreSQL's class 22 and 23. */
function asUnusable(error: unknown): unknown {
  return /^2[23]|^Z_/.test(errorCode(error)) ? appError("backup-unusable", { detail: errorText(error) }) : error;
}

async function* open(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw appError("file-unreadable", { file, detail: errorText(error) });
  }
}

async function fill(tx: Tx, manifest: Manifest, file: string, files: Entry[]): Promise<number> {
  await checkTables(tx, manifest);
  const keys = await makeRoom(tx, manifest.partitions);
  const digests: Record<string, string> = {};
  const entries = withDigests(readTar(open(file)), digests);
  const rows: Record<string, number> = {};
  let end: End | null = null;
  let next = await entries.next();
  while (next.done !== true) {
    const entry = next.value;
    const table = PIECE.exec(entry.name)?.[1];
    if (table !== undefined) {
      next = await fillTable(tx, manifest, table, entry, entries, rows);
      continue;
    }
    if (entry.name === "end.json") end = parse(endSchema, entry);
    else if (entry.name.startsWith(FILE_PREFIX)) files.push(entry);
    else if (entry.name !== "manifest.json")
      throw appError("backup-unusable", { detail: `${entry.name} belongs nowhere` });
    next = await entries.next();
  }
  if (end === null) throw appError("backup-unusable", { detail: "it has no end" });
  checkEnd(end, digests, rows);
  await setSequences(tx, end.sequences, PARTS_AHEAD);
  await putKeysBack(tx, keys);
  return Object.values(rows).reduce((sum, n) => sum + n, 0);
}

/** Of another program, or made up. */
async function checkTables(tx: Tx, manifest: Manifest): Promise<void> {
  const known = new Map((await listTables(tx)).map(({ name, columns }) => [name, new Set(columns)]));
  for (const { name, columns } of manifest.tables) {
    const missing = columns.find((column) => known.get(name)?.has(column) !== true);
    if (missing !== undefined) throw appError("backup-unusable", { detail: `there is no column ${name}.${missing}` });
  }
}

async function* withDigests(entries: AsyncIterable<Entry>, digests: Record<string, string>): AsyncGenerator<Entry> {
  for await (const entry of entries) {
    if (entry.name !== "end.json") digests[entry.name] = createHash("sha256").update(entry.content).digest("base64");
    yield entry;
  }
}

const decompress = promisify(gunzip);

/** All pieces of one table, one behind the other; answers with what comes behind them. */
async function fillTable(
  tx: Tx,
  manifest: Manifest,
  name: string,
  first: Entry,
  entries: AsyncGenerator<Entry>,
  rows: Record<string, number>,
): Promise<IteratorResult<Entry>> {
  const table = manifest.tables.find((each) => each.name === name);
  if (table === undefined) throw appError("backup-unusable", { detail: `there is no table ${name}` });
  let next: IteratorResult<Entry> = { done: false, value: first };
  async function* pieces() {
    while (next.done !== true && PIECE.exec(next.value.name)?.[1] === name) {
      yield await decompress(next.value.content);
      next = await entries.next();
    }
  }
  rows[name] = (rows[name] ?? 0) + (await writeRows(tx, table, pieces()));
  return next;
}

function checkEnd(end: End, digests: Record<string, string>, rows: Record<string, number>): void {
  const wrong = Object.keys({ ...digests, ...end.digests }).find((name) => digests[name] !== end.digests[name]);
  if (wrong !== undefined) throw appError("backup-unusable", { detail: `${wrong} is damaged` });
  const short = Object.entries(end.rows).find(([name, n]) => (rows[name] ?? 0) !== n);
  if (short !== undefined) throw appError("backup-unusable", { detail: `of ${short[0]} rows are missing` });
}

function manifestOf(entry: Entry): Manifest {
  if (entry.name !== "manifest.json") throw appError("backup-unusable", { detail: "it is no backup of Envoi" });
  return parse(manifestSchema, entry);
}

function parse<T extends z.ZodType>(schema: T, { name, content }: Entry): z.output<T> {
  try {
    return schema.parse(JSON.parse(content.toString("utf8")));
  } catch {
    throw appError("backup-unusable", { detail: `${name} is not readable` });
  }
}
