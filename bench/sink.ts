/**
 * A receiving server in a process of its own, for crash tests, and for benchmarks where sink.c cannot be compiled: accepts
 * everything and counts. Started by `fork`: sends `{port, ports}` when it listens and answers any message with its figures.
 * Arguments, all optional: a log file (one line for each recipient that was answered, `RECIPIENT<TAB>MESSAGE-ID<TAB>NANOSECONDS<TAB>CODE`
 * of process.hrtime, before the batch's turn of the event loop ends), the number of ports, a folder and n: every n-th
 * message is kept there; then a latency in milliseconds, and `smart` and `tls` (1 or 0) of smtp-server.ts, which serves when one of
 * the three is given.
 */
import { openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { type SandboxMessage, startSandbox } from "../src/sandbox/index.ts";
import { listen, share } from "./smtp-server.ts";

export type SinkReady = { readonly port: number; readonly ports: readonly number[] };
export type SinkFigures = {
  readonly accepted: number;
  readonly bytes: number;
  readonly connections: number;
  /** Recipients refused for good, and for now. */
  readonly refused: number;
  readonly deferred: number;
  /** Nanoseconds of process.hrtime at the first and last answer to a recipient; 0 before. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of this process, so that it can be told from the sender's. */
  readonly cpuSeconds: number;
};

const [logFile, portCount = "1", copyDir, copyEvery = "0", latency = "0", smart = "0", tls = "0"] =
  process.argv.slice(2);
const log = logFile === undefined ? null : openSync(logFile, "a");
let firstAt = 0;
let lastAt = 0;
let messages = 0;

function record(batch: readonly SandboxMessage[]): void {
  note(batch.map((m) => ({ recipient: m.rcptTo, id: messageId(m.raw), code: 250 })));
  for (const { raw } of batch) keep(raw);
}

function note(answers: readonly { recipient: string; id: string; code: number }[]): void {
  lastAt = Number(process.hrtime.bigint());
  if (firstAt === 0) firstAt = lastAt;
  if (log === null) return;
  writeSync(log, answers.map(({ recipient, id, code }) => `${recipient}\t${id}\t${lastAt}\t${code}\n`).join(""));
}

/** `isStuffed`: lines that start with a dot have one too many (RFC 5321 §4.5.2). */
function keep(raw: Uint8Array, isStuffed = false): void {
  if (copyDir !== undefined && messages % Number(copyEvery) === 0) {
    const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("latin1");
    writeFileSync(join(copyDir, `${messages}.eml`), isStuffed ? text.replace(/^\./gm, "") : text, "latin1");
  }
  messages++;
}

function messageId(raw: Uint8Array): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const end = bytes.indexOf("\r\n\r\n");
  const head = bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
  return /^message-id:\s*(\S+)/im.exec(head)?.[1] ?? "";
}

type Serving = { readonly ports: readonly number[]; figures(): Omit<SinkFigures, "firstAt" | "lastAt" | "cpuSeconds"> };

async function serveSimply(): Promise<Serving> {
  const sinks = await Promise.all(
    Array.from({ length: Number(portCount) }, () => startSandbox({ profile: "accept", onMessages: record })),
  );
  return {
    ports: sinks.map(({ port }) => port),
    figures: () => {
      const sum = { accepted: 0, bytes: 0, connections: 0, refused: 0, deferred: 0 };
      for (const stats of sinks.map((sink) => sink.stats())) {
        sum.accepted += stats.accepted;
        sum.bytes += stats.bytes;
        sum.connections += stats.connections;
      }
      return sum;
    },
  };
}

async function serveSmartly(): Promise<Serving> {
  const sum = { accepted: 0, bytes: 0, refused: 0, deferred: 0 };
  const shared = share({
    latency: Number(latency),
    smart: smart === "1",
    tls: tls === "1",
    onRecipient: (recipient, code, raw) => {
      note([{ recipient, id: raw ? messageId(raw) : "", code }]);
      if (raw) {
        sum.accepted++;
        sum.bytes += raw.length;
        keep(raw, true);
      } else if (code === 451) sum.deferred++;
      else sum.refused++;
    },
  });
  const ports = await Promise.all(Array.from({ length: Number(portCount) }, () => listen(shared)));
  return { ports, figures: () => ({ ...sum, connections: shared.connections }) };
}

const serving = await ([latency, smart, tls].every((value) => value === "0") ? serveSimply() : serveSmartly());
process.send?.({ port: serving.ports[0] ?? 0, ports: serving.ports } satisfies SinkReady);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ ...serving.figures(), firstAt, lastAt, cpuSeconds: (user + system) / 1e6 } satisfies SinkFigures);
});
process.on("disconnect", () => process.exit(0));
