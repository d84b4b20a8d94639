/** The processes behind one data directory, found and killed as an operating system would: without a word. Linux. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Process ids of the direct children. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => Number(/^PPid:\t(\d+)/m.exec(readIfThere(`/proc/${child}/status`))?.[1]) === pid);
}

export function senderPids(mainPid: number): number[] {
  return childrenOf(mainPid).filter((pid) => readIfThere(`/proc/${pid}/cmdline`).includes("sender-process"));
}

/** Where the database of this data directory keeps its files. */
export function databaseDir(dataDir: string): string {
  const elsewhere = readIfThere(join(dataDir, "postgres-data")).trim();
  const own = join(dataDir, "postgres");
  if (elsewhere) return join(elsewhere, "data");
  return readIfThere(join(own, "PG_VERSION")) ? own : join(own, "data");
}

/** Null when no server runs. */
export function postmasterPid(dataDir: string): number | null {
  const pid = Number(readIfThere(join(databaseDir(dataDir), "postmaster.pid")).split("\n")[0]);
  return pid && isAlive(pid) ? pid : null;
}

export function isAlive(pid: number): boolean {
  return !["", "Z"].includes(/^State:\t(\S)/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? "");
}

export function kill9(...pids: number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It was gone already.
    }
  }
}

/** The server and everything it started, at once. */
export function killDatabase(dataDir: string): void {
  const pid = postmasterPid(dataDir);
  if (pid !== null) kill9(pid, ...childrenOf(pid));
}

export function databaseUrl(dataDir: string): string {
  const { port, password } = JSON.parse(readFileSync(join(dataDir, "postgres.json"), "utf8")) as {
    port: number;
    password: string;
  };
  return `postgres://envoi:${password}@127.0.0.1:${port}/envoi`;
}
