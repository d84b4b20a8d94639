/** Whether the server of a folder runs: what postmaster.pid says, and what is true of it. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { errorCode } from "../errors.ts";
import { readIfThere } from "./access.ts";
import type { Placement } from "./placement.ts";

/** The postmaster's process id when it is alive and really is a PostgreSQL of this folder. */
export function runningServer(place: Placement): number | null {
  const pid = namedPid(place);
  return isAlive(pid) && commandOf(pid).includes(place.data) ? pid : null;
}

/** The process id in postmaster.pid, dead or alive; 0 without one. */
export function namedPid(place: Placement): number {
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
export function disownStalePid(place: Placement): void {
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

export function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
