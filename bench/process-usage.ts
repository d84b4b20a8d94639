/** What processes used: CPU time with all their threads, peak memory. From /proc: Linux only, elsewhere null. */
import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** User and system time of these processes so far, ended threads included. */
export function cpuSecondsOf(pids: readonly number[]): number | null {
  return sum(pids, (pid) => {
    const stat = readStat(pid);
    return stat && stat.own / TICKS_PER_SECOND;
  });
}

/** The same of a process and its children, those that ended included. */
export function cpuSecondsOfTree(pid: number): number | null {
  const root = readStat(pid);
  if (root === null) return null;
  const children = childrenOf(pid).map((child) => cpuSecondsOfTree(child) ?? 0);
  return (root.own + root.reaped) / TICKS_PER_SECOND + children.reduce((a, b) => a + b, 0);
}

/** The largest peak resident set among these processes, in MB. */
export function peakRssMbOf(pids: readonly number[]): number | null {
  const peaks = pids.map((pid) => {
    const kb = /VmHWM:\s+(\d+) kB/.exec(readProc(`${pid}/status`) ?? "")?.[1];
    return kb === undefined ? null : Number(kb) / 1024;
  });
  return peaks.includes(null) || peaks.length === 0 ? null : Math.round(Math.max(...peaks.map(Number)));
}

export function parentOf(pid: number): number | null {
  return readStat(pid)?.parent ?? null;
}

function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => readStat(other)?.parent === pid);
}

type Stat = { readonly parent: number; readonly own: number; readonly reaped: number };

/** proc_pid_stat(5): the name in brackets may hold anything; the fields after it are counted from 3. */
function readStat(pid: number): Stat | null {
  const text = readProc(`${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return { parent: field(4), own: field(14) + field(15), reaped: field(16) + field(17) };
}

function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return null;
  }
}

function sum(pids: readonly number[], each: (pid: number) => number | null): number | null {
  let total = 0;
  for (const pid of pids) {
    const value = each(pid);
    if (value === null) return null;
    total += value;
  }
  return total;
}
