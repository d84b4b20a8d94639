/**
 * The embedded PostgreSQL of a data directory: created, started, found running, recovered, stopped.
 *
 * Several processes may use one data directory (a server and a command beside it). Each leaves a file with its process id
 * in `postgres-users/`; whoever leaves last stops the server, and a small watcher does so when the users died without
 * leaving (kill -9). A server that dies under its users is started again by one of them. It runs in a session of its own,
 * so that Ctrl-C reaches us first.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { appError, errorText } from "../errors.ts";
import { writeOnce } from "../write-once.ts";
import { readAccess, readIfThere, urlOf, writeAccess, type Access } from "./access.ts";
import { initialise } from "./initialise.ts";
import { placePostgres, type Placement } from "./placement.ts";
import { disownStalePid, isAlive, namedPid, runningServer } from "./postmaster-pid.ts";
import { answers, launch, stop, watch } from "./server.ts";

export type EmbeddedPostgres = {
  readonly url: string;
  /** Stops the server unless somebody else still uses it. */
  close(): Promise<void>;
};

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
    const failure = await launch(dataDir, place, access, options.settings ?? {});
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
