/**
 * Whose folder of events it is: its name says which process writes into it, so that another one can tell whether that process
 * still lives. The start time of the process goes along, because process ids come again, in containers at every start.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { errorCode } from "../../platform/errors.ts";

const NAME = /^(\d+)\.([0-9a-z]+)\.[0-9a-f]{8}$/;
/** A folder that its process has left. */
const NOBODY = "0.0";

/** Folder names of this process: one for as long as it writes, one for what it leaves behind. */
export function nameFolder(): { readonly ours: string; readonly left: string } {
  const random = randomBytes(4).toString("hex");
  return { ours: `${process.pid}.${startOf(process.pid)}.${random}`, left: `${NOBODY}.${random}` };
}

/** True when nobody writes there any more. False for names that are none of ours. */
export function isAbandoned(name: string): boolean {
  const match = NAME.exec(name);
  if (!match) return false;
  const pid = Number(match[1]);
  return !isAlive(pid) || startOf(pid) !== match[2];
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** Boot and clock tick at which a process started (proc_pid_stat(5), field 22); `0` where /proc does not say. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // the name of the program stands in brackets and may hold anything
    return `${boot}${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return "0";
  }
}
