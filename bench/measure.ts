/** One run of one system into the sink: timed, and checked that every message arrived exactly once with a good signature. */
import { dkimVerify } from "mailauth/lib/dkim/verify.js";

import type { SinkFigures } from "./sink.ts";
import type { Arrival, Sink } from "./start-sink.ts";

/** A run in which nothing arrives for this long is given up. */
const STALLED_MS = 120_000;
const LOOK_EVERY_MS = 50;

export type Delivered = {
  readonly messages: number;
  /** From the start until every message had its first answer. */
  readonly seconds: number;
  /** From then to the last final answer: retries of what was put off. */
  readonly tailSeconds: number;
  readonly messagesPerSecond: number;
  readonly bytesPerMessage: number;
  readonly connections: number;
  readonly sinkCpuSeconds: number;
  readonly accepted: number;
  readonly refused: number;
  readonly deferred: number;
  readonly arrivals: readonly Arrival[];
};

/** Calls `start` and waits until `expected` messages were taken or refused for good. */
export async function measureRun(sink: Sink, expected: number, start: () => Promise<void>): Promise<Delivered> {
  const before = await sink.figures();
  const startedAt = Number(process.hrtime.bigint());
  await start();
  await untilArrived(sink, finalOf(before) + expected);
  const after = await sink.figures();
  const arrivals = (await sink.arrivals()).slice(finalOf(before) + before.deferred);
  const seconds = (lastFirst(arrivals) - startedAt) / 1e9;
  return {
    messages: expected,
    seconds,
    tailSeconds: (after.lastAt - startedAt) / 1e9 - seconds,
    messagesPerSecond: expected / seconds,
    bytesPerMessage: Math.round((after.bytes - before.bytes) / (after.accepted - before.accepted)),
    connections: after.connections - before.connections,
    sinkCpuSeconds: after.cpuSeconds - before.cpuSeconds,
    accepted: after.accepted - before.accepted,
    refused: after.refused - before.refused,
    deferred: after.deferred - before.deferred,
    arrivals,
  };
}

const finalOf = ({ accepted, refused }: SinkFigures) => accepted + refused;

/** When the last message had its first answer. */
function lastFirst(arrivals: readonly Arrival[]): number {
  const seen = new Set<string>();
  let last = 0;
  for (const { recipient, at } of arrivals) {
    if (!seen.has(recipient)) last = at;
    seen.add(recipient);
  }
  return last;
}

async function untilArrived(sink: Sink, total: number): Promise<void> {
  let last = -1;
  let movedAt = performance.now();
  for (;;) {
    const arrived = finalOf(await sink.figures());
    if (arrived >= total) return;
    if (arrived !== last) movedAt = performance.now();
    else if (performance.now() - movedAt > STALLED_MS) throw new Error(`nothing arrives; ${total - arrived} missing`);
    last = arrived;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Every recipient has one final answer. */
export function checkExactlyOnce(arrivals: readonly Arrival[], expected: ReadonlySet<string>): void {
  const final = arrivals.filter(({ code }) => code < 400 || code >= 500);
  const seen = new Set(final.map(({ recipient }) => recipient));
  const twice = final.length - seen.size;
  const missing = [...expected].filter((address) => !seen.has(address)).length;
  const unknown = [...seen].filter((address) => !expected.has(address)).length;
  if (twice + missing + unknown > 0) {
    throw new Error(
      `${missing} messages missing, ${twice} twice, ${unknown} to addresses that are none of the members`,
    );
  }
}

/** How many of these messages were verified; throws when one is not signed or not as it was signed. */
export async function checkSignatures(copies: readonly string[], record: string): Promise<number> {
  const resolver = async () => [[record]];
  for (const copy of copies) {
    const { results } = await dkimVerify(Buffer.from(copy, "latin1"), { resolver });
    const status = results[0]?.status;
    if (results.length !== 1 || status?.result !== "pass") {
      throw new Error(`a signature is not good: ${status?.result ?? "none"} ${status?.comment ?? ""}`);
    }
  }
  return copies.length;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Null as soon as one of them is not known. */
export function medianOf(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((n) => n !== null);
  return known.length < numbers.length || known.length === 0 ? null : median(known);
}

export function round(n: number | null, digits = 0): number | null {
  return n === null ? null : Number(n.toFixed(digits));
}
