/**
 * A receiving server in a process of its own, for benchmarks and crash tests: accepts everything and counts. Started by `fork`:
 * sends `{port}` when it listens and answers any message with its figures. With a file name as argument it appends one line for
 * each accepted recipient, `RECIPIENT<TAB>MESSAGE-ID`, before the batch's turn of the event loop ends.
 */
import { openSync, writeSync } from "node:fs";

import { type SandboxMessage, startSandbox } from "../src/sandbox/index.ts";

export type SinkReady = { readonly port: number };
export type SinkFigures = {
  readonly accepted: number;
  readonly bytes: number;
  readonly connections: number;
  /** Of this process, so that it can be told from the sender's. */
  readonly cpuSeconds: number;
};

const [logFile] = process.argv.slice(2);
const log = logFile === undefined ? null : openSync(logFile, "a");

function record(batch: readonly SandboxMessage[]): void {
  if (log !== null) writeSync(log, batch.map((m) => `${m.rcptTo}\t${messageId(m.raw)}\n`).join(""));
}

function messageId(raw: Uint8Array): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const end = bytes.indexOf("\r\n\r\n");
  const head = bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
  return /^message-id:\s*(\S+)/im.exec(head)?.[1] ?? "";
}

const sink = await startSandbox({ profile: "accept", onMessages: record });
process.send?.({ port: sink.port } satisfies SinkReady);
process.on("message", () => {
  const { accepted, bytes, connections } = sink.stats();
  const { user, system } = process.cpuUsage();
  process.send?.({ accepted, bytes, connections, cpuSeconds: (user + system) / 1e6 } satisfies SinkFigures);
});
process.on("disconnect", () => process.exit(0));
