/**
 * The embedded PostgreSQL of a data directory: created, started, found running, recovered, stopped.
 *
 * Several processes may use one data directory (a server and a command beside it). Each leaves a file with its process id
 * in `postgres-users/`; whoever leaves last stops the server, and a small watcher does so when the users died without
 * leaving (kill -9). A server that dies under its users is started again by one of them. It runs in a session of its own,
 * so that Ctrl-C reaches us first.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";

import { appError, errorCode, errorText } from "../errors.ts";
import { writeOnce } from "../write-once.ts";
import { placePostgres, type Placement } from "./placement.ts";

export type EmbeddedPostgres = {
  readonly url: string;
  /** Stops the server unless somebody else still uses it. */
  close(): Promise<void>;
};

type Access = { readonly port: number; readonly password: string };

const START_TRIES = 20;
const START_PAUSE_MS = 500;
const LOOK_AFTER_MS = 500;

/** Test databases may trade durability for speed. */
export type EmbeddedOptions = { readonly settings?: Readonly<Record<string, string>> };

export async function startEmbeddedPostgres(dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  try {
    mkdirSync(join(dataDir, "postgres-users"), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw appError("data-dir-unusable", { dir: dataDir, detail: errorText(error) });
  }
  const userFile = join(dataDir, "postgres-users", String(process.pid));
  writeFileSync(userFile, "");
  try {
    const place = await placePostgres(dataDir);
    const access = await ensureRunning(dataDir, place, options);
    const letGo = keepRunning(dataDir, place, options);
    return {
      url: urlOf(access),
      close: async () => {
        await letGo();
        rmSync(userFile, { force: true });
        if (!otherUsers(dataDir)) await stop(place);
      },
    };
  } catch (error) {
    rmSync(userFile, { force: true });
    throw error;
  }
}

function urlOf(access: Access): string {
  return `postgres://envoi:${access.password}@127.0.0.1:${access.port}/envoi`;
}

/** Starts the server or finds it running; tries again while an old one is still going down. */
async function ensureRunning(dataDir: string, place: Placement, options: EmbeddedOptions): Promise<Access> {
  let problem = "";
  for (let i = 0; i < START_TRIES; i++) {
    const access = readAccess(dataDir);
    if (access && runningServer(place)) {
      if (await answers(access)) return access;
    } else {
      const started = await start(dataDir, place, options);
      if (started.kind === "running") return started.access;
      problem = started.problem;
      if (started.kind === "hopeless") break;
    }
    await delay(START_PAUSE_MS);
  }
  throw appError("database-start-failed", { detail: problem || "the running server does not answer" });
}

/** Starts the server again whenever it is gone although we still use it. Answers with the way to end that. */
function keepRunning(dataDir: string, place: Placement, options: EmbeddedOptions): () => Promise<void> {
  let starting: Promise<unknown> | null = null;
  const timer = setInterval(() => {
    if (starting !== null || isAlive(namedPid(place))) return;
    // A failure is not the end: whatever was in the way may be gone at the next look.
    starting = ensureRunning(dataDir, place, options)
      .catch(() => {})
      .finally(() => {
        starting = null;
      });
  }, LOOK_AFTER_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await starting;
  };
}

type Started =
  | { kind: "running"; access: Access }
  | { kind: "again"; problem: string }
  | { kind: "hopeless"; problem: string };

async function start(dataDir: string, place: Placement, options: EmbeddedOptions): Promise<Started> {
  // Only one process at a time creates or starts the server; the others find it running.
  const lock = takeStartLock(dataDir);
  if (lock === null) return { kind: "again", problem: "another process is starting the server" };
  try {
    const known = readAccess(dataDir);
    const password = known?.password ?? randomBytes(18).toString("base64url");
    if (!existsSync(place.data)) initialise(dataDir, place, password);
    disownStalePid(place);
    const port = await choosePort(known?.port);
    const access = { port, password };
    writeAccess(dataDir, access);
    const failure = await launch(dataDir, place, access, options);
    if (failure === null) {
      watch(dataDir, place);
      return { kind: "running", access };
    }
    const again = /already exists|still in use|could not bind|Address already in use|starting up|recovery/i.test(
      failure,
    );
    return { kind: again ? "again" : "hopeless", problem: failure };
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeStartLock(dataDir: string): string | null {
  const lock = join(dataDir, "postgres-starting");
  try {
    if (writeOnce(lock, String(process.pid))) return lock;
  } catch (error) {
    throw appError("data-dir-unusable", { dir: dataDir, detail: errorText(error) });
  }
  if (isAlive(Number(readIfThere(lock)))) return null;
  rmSync(lock, { force: true });
  return takeStartLock(dataDir);
}

/**
 * initdb into a draft folder that is renamed when complete: a kill in between leaves nothing half made. Each try has a
 * folder of its own, because the initdb of a killed process may still be writing.
 */
function initialise(dataDir: string, place: Placement, password: string): void {
  removeDrafts(place);
  const draft = `${place.data}.new-${randomBytes(4).toString("hex")}`;
  const passwordFile = `${draft}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (place.user) chownSync(passwordFile, place.user.uid, place.user.gid);
  const args = [
    "-D",
    draft,
    "-U",
    "envoi",
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--no-locale",
    "--no-sync",
  ];
  const result = spawnSync(join(place.programs, "bin", "initdb"), args, {
    ...identity(place),
    encoding: "utf8",
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" },
  });
  rmSync(passwordFile, { force: true });
  if (result.status !== 0) {
    const detail = `initdb: ${(result.stderr || String(result.error)).trim().split("\n").slice(-3).join(" ")}`;
    throw appError(/No space left/.test(detail) ? "disk-full" : "database-start-failed", { detail });
  }
  // The password must be known before the folder gets its final name, else a kill in between locks us out.
  writeAccess(dataDir, { port: 0, password });
  renameSync(draft, place.data);
}

function removeDrafts(place: Placement): void {
  const parent = dirname(place.data);
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    if (!name.startsWith(`${basename(place.data)}.new-`)) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Somebody still writes into it; it goes next time.
    }
  }
}

function identity(place: Placement): { uid?: number; gid?: number } {
  return place.user ? { uid: place.user.uid, gid: place.user.gid } : {};
}

/** Null when the server answers; otherwise the last lines that it logged. */
async function launch(
  dataDir: string,
  place: Placement,
  access: Access,
  options: EmbeddedOptions,
): Promise<string | null> {
  const log = join(dataDir, "postgres.log");
  rmSync(log, { force: true });
  const out = openSync(log, "a", 0o600);
  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(access.port),
    max_connections: "100",
    shared_buffers: "256MB",
    work_mem: "32MB",
    maintenance_work_mem: "256MB",
    max_wal_size: "4GB",
    checkpoint_timeout: "15min",
    wal_level: "minimal",
    max_wal_senders: "0",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    ...options.settings,
  };
  const child = spawn(
    join(place.programs, "bin", "postgres"),
    ["-D", place.data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    { ...identity(place), cwd: "/", detached: true, stdio: ["ignore", out, out], env: { LC_ALL: "C", TZ: "UTC" } },
  );
  closeSync(out);
  child.unref();
  let exited = false;
  let spawnError = "";
  child.once("exit", () => {
    exited = true;
  });
  child.once("error", (error) => {
    exited = true;
    spawnError = errorText(error);
  });
  // Crash recovery after a kill may take a while; the process ending is the only failure.
  while (!exited) {
    if (await answers(access)) {
      await createDatabase(access);
      return null;
    }
    await delay(50);
  }
  return spawnError || (readIfThere(log) ?? "").trim().split("\n").slice(-4).join(" ");
}

async function answers(access: Access): Promise<boolean> {
  const client = maintenanceClient(access);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    await client.end().catch(() => {});
    // Refused login: somebody else's server took the port.
    if (errorCode(error) === "28P01") throw appError("database-login-failed", { detail: errorText(error) });
    return false;
  }
}

async function createDatabase(access: Access): Promise<void> {
  const client = maintenanceClient(access);
  await client.connect();
  const { rowCount } = await client.query("select 1 from pg_database where datname = 'envoi'");
  if (rowCount === 0) await client.query("create database envoi");
  await client.end();
}

function maintenanceClient(access: Access): Client {
  const client = new Client({
    connectionString: urlOf(access).replace(/envoi$/, "postgres"),
    connectionTimeoutMillis: 2000,
  });
  client.on("error", () => {});
  return client;
}

function readAccess(dataDir: string): Access | null {
  const text = readIfThere(join(dataDir, "postgres.json"));
  if (!text) return null;
  try {
    return JSON.parse(text) as Access;
  } catch {
    return null;
  }
}

function writeAccess(dataDir: string, access: Access): void {
  const path = join(dataDir, "postgres.json");
  writeFileSync(`${path}.new`, JSON.stringify(access), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

async function choosePort(wanted: number | undefined): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | null>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(null));
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        const free = typeof address === "object" && address ? address.port : null;
        server.close(() => resolve(free));
      });
    });
  return (wanted && (await tryPort(wanted))) || (await tryPort(0)) || 54321;
}

/** The postmaster's process id when it is alive and really is a PostgreSQL of this folder. */
function runningServer(place: Placement): number | null {
  const pid = namedPid(place);
  return isAlive(pid) && commandOf(pid).includes(place.data) ? pid : null;
}

/** The process id in postmaster.pid, dead or alive; 0 without one. */
function namedPid(place: Placement): number {
  return Number(readIfThere(pidFile(place))?.split("\n")[0]) || 0;
}

function pidFile(place: Placement): string {
  return join(place.data, "postmaster.pid");
}

/**
 * After a crash the file may name a process id that something else has got since; PostgreSQL would then refuse to start.
 * Its parent's id it takes for stale (CreateLockFile in miscinit.c). The file itself must stay: by it PostgreSQL finds out
 * whether backends of the dead server still have the data open.
 */
function disownStalePid(place: Placement): void {
  if (!isAlive(namedPid(place)) || runningServer(place) !== null) return;
  const rest = (readIfThere(pidFile(place)) ?? "").split("\n").slice(1);
  writeFileSync(pidFile(place), [process.pid, ...rest].join("\n"));
}

function commandOf(pid: number): string {
  return (
    readIfThere(`/proc/${pid}/cmdline`) ??
    spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout
  );
}

/** Live processes other than this one that use the server; files of dead ones are removed. */
function otherUsers(dataDir: string): boolean {
  const dir = join(dataDir, "postgres-users");
  let others = false;
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    if (Number(name) === process.pid) continue;
    if (isAlive(Number(name))) others = true;
    else rmSync(join(dir, name), { force: true });
  }
  return others;
}

/** Fast shutdown (SIGINT): open transactions roll back, everything committed is on disk. */
async function stop(place: Placement): Promise<void> {
  const pid = runningServer(place);
  if (pid === null) return;
  process.kill(pid, "SIGINT");
  while (isAlive(pid) && runningServer(place) === pid) await delay(20);
}

/** A shell in a session of its own that stops the server once no user is left. */
function watch(dataDir: string, place: Placement): void {
  const pid = runningServer(place);
  if (pid === null || process.platform === "win32") return;
  const script = `while kill -0 ${pid} 2>/dev/null; do
    alive=
    for f in "$0"/*; do p=\${f##*/}; if [ "$p" != "*" ] && kill -0 "$p" 2>/dev/null; then alive=1; break; fi; done
    if [ -z "$alive" ]; then kill -INT ${pid} 2>/dev/null; exit; fi
    sleep 1
  done`;
  spawn("/bin/sh", ["-c", script, join(dataDir, "postgres-users")], {
    detached: true,
    stdio: "ignore",
    cwd: "/",
  }).unref();
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
