/** Writes everything that lasts into one file, as it is at one moment, while the installation goes on. */
import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError, errorCode, errorText } from "../../platform/errors.ts";
import { dataFiles } from "./files.ts";
import { type End, FILE_PREFIX, FORMAT, type Manifest, pieceName } from "./format.ts";
import { sealKey } from "./sealed-key.ts";
import { describeServer, listPartitions, listSequences, listTables, readRows, takeSnapshot } from "./store.ts";
import { TAR_END, tarEntry } from "./tar.ts";

/** Of rows before they are compressed; a piece is in memory as a whole. */
const PIECE_BYTES = 8 * 1024 * 1024;
const LEVEL = 4;

export type BackupWish = {
  readonly dataDir: string;
  /** A file, or a folder that there is. Never replaces anything. */
  readonly to: string;
  readonly envoi: string;
  /** Null: the master key is not in the backup. */
  readonly secretKey: { readonly key: string; readonly passphrase: string } | null;
  readonly now: Instant;
  readonly onProgress?: (text: string) => void;
};

export type Backup = { readonly file: string; readonly at: string; readonly rows: number; readonly bytes: number };

/** Throws `backup-exists`, `disk-full`, `file-unreadable`. What it began is removed when it cannot be finished. */
export async function writeBackup(db: Db, wish: BackupWish): Promise<Backup> {
  const file = chooseFile(wish.to, wish.now);
  const draft = `${file}.part`;
  const out = openDraft(draft);
  try {
    const { at, rows } = await db.transaction((tx) => writeAll(tx, wish, out));
    out.write(TAR_END);
    const bytes = out.close();
    renameSync(draft, file);
    return { file, at, rows, bytes };
  } catch (error) {
    out.close();
    rmSync(draft, { force: true });
    if (errorCode(error) === "ENOSPC") throw appError("disk-full", { detail: file });
    throw error;
  }
}

function chooseFile(to: string, now: Instant): string {
  const isFolder = existsSync(to) && statSync(to).isDirectory();
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(":", "-");
  const file = isFolder ? join(to, `envoi-${stamp}Z.tar`) : to;
  if (existsSync(file)) throw appError("backup-exists", { file });
  return file;
}

type Out = { write(bytes: Buffer): void; close(): number };

function openDraft(path: string): Out {
  let fd: number | null;
  try {
    fd = openSync(path, "w", 0o600);
  } catch (error) {
    throw appError("file-unreadable", { file: path, detail: errorText(error) });
  }
  let bytes = 0;
  return {
    write: (data) => {
      if (fd === null) throw new Error("the backup is closed");
      for (let done = 0; done < data.length; ) done += writeSync(fd, data, done);
      bytes += data.length;
    },
    close: () => {
      if (fd === null) return bytes;
      fsyncSync(fd);
      closeSync(fd);
      fd = null;
      return bytes;
    },
  };
}

async function writeAll(tx: Tx, wish: BackupWish, out: Out): Promise<{ at: string; rows: number }> {
  await takeSnapshot(tx);
  const tables = await listTables(tx);
  const server = await describeServer(tx);
  const manifest: Manifest = {
    format: FORMAT,
    version: 1,
    ...server,
    envoi: wish.envoi,
    tables,
    partitions: await listPartitions(tx),
    secretKey: wish.secretKey === null ? null : sealKey(wish.secretKey.key, wish.secretKey.passphrase),
  };
  const end: End = { rows: {}, sequences: [], digests: {} };
  const put = (name: string, content: Buffer) => {
    end.digests[name] = createHash("sha256").update(content).digest("base64");
    out.write(tarEntry(name, content, wish.now));
  };
  put("manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  let rows = 0;
  for (const table of tables) {
    wish.onProgress?.(`${table.name} …`);
    rows += end.rows[table.name] = await writeTable(tx, table, put);
  }
  for (const { name, content } of dataFiles(wish.dataDir)) put(FILE_PREFIX + name, content);
  // Counters belong to no moment: read last they are past everything that was read.
  end.sequences = await listSequences(tx);
  out.write(tarEntry("end.json", Buffer.from(`${JSON.stringify(end)}\n`), wish.now));
  return { at: server.at, rows };
}

const compress = promisify(gzip);

async function writeTable(
  tx: Tx,
  table: Manifest["tables"][number],
  put: (name: string, content: Buffer) => void,
): Promise<number> {
  let waiting: Buffer[] = [];
  let size = 0;
  let pieces = 0;
  let rows = 0;
  const flush = async () => {
    if (size === 0) return;
    const content = await compress(Buffer.concat(waiting), { level: LEVEL });
    put(pieceName(table.name, ++pieces), content);
    waiting = [];
    size = 0;
  };
  for await (const chunk of readRows(tx, table)) {
    // COPY writes line breaks inside of values as \n: each of its own is the end of a row.
    for (const byte of chunk) if (byte === 10) rows++;
    waiting.push(chunk);
    size += chunk.length;
    if (size >= PIECE_BYTES) await flush();
  }
  await flush();
  return rows;
}
