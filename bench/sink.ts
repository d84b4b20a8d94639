/**
 * A receiving server in a process of its own, for crash tests, and for benchmarks where sink.c cannot be compiled: accepts
 * everything and counts. Started by `fork`: sends `{port, ports}` when it listens and answers any message with its figures.
 * Arguments, all optional: a log file (one line for each accepted recipient, `RECIPIENT<TAB>MESSAGE-ID<TAB>NANOSECONDS` of
 * process.hrtime, before the batch's turn of the event loop ends), the number of ports, and a folder and n: every n-th
 * message is kept there.
 */
import { openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { type SandboxMessage, startSandbox } from "../src/sandbox/index.ts";

export type SinkReady = { readonly port: number; readonly ports: readonly number[] };
export type SinkFigures = {
  readonly accepted: number;
  readonly bytes: number;
  readonly connections: number;
  /** Nanoseconds of process.hrtime at the first and last message; 0 before. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of this process, so that it can be told from the sender's. */
  readonly cpuSeconds: number;
};

const [logFile, portCount = "1", copyDir, copyEvery = "0"] = process.argv.slice(2);
const log = logFile === undefined ? null : openSync(logFile, "a");
let firstAt = 0;
let lastAt = 0;
let messages = 0;

function record(batch: readonly SandboxMessage[]): void {
  lastAt = Number(process.hrtime.bigint());
  if (messages === 0) firstAt = lastAt;
  if (log !== null) writeSync(log, batch.map((m) => `${m.rcptTo}\t${messageId(m.raw)}\t${lastAt}\n`).join(""));
  for (const { raw } of batch) {
    if (copyDir !== undefined && messages % Number(copyEvery) === 0) {
      writeFileSync(join(copyDir, `${messages}.eml`), raw);
    }
    messages++;
  }
}

function messageId(raw: Uint8Array): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const end = bytes.indexOf("\r\n\r\n");
  const head = bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
  return /^message-id:\s*(\S+)/im.exec(head)?.[1] ?? "";
}

const sinks = await Promise.all(
  Array.from({ length: Number(portCount) }, () => startSandbox({ profile: "accept", onMessages: record })),
);
const ports = sinks.map(({ port }) => port);
process.send?.({ port: ports[0] ?? 0, ports } satisfies SinkReady);
process.on("message", () => {
  const sum = { accepted: 0, bytes: 0, connections: 0 };
  for (const stats of sinks.map((sink) => sink.stats())) {
    sum.accepted += stats.accepted;
    sum.bytes += stats.bytes;
    sum.connections += stats.connections;
  }
  const { user, system } = process.cpuUsage();
  process.send?.({ ...sum, firstAt, lastAt, cpuSeconds: (user + system) / 1e6 } satisfies SinkFigures);
});
process.on("disconnect", () => process.exit(0));
