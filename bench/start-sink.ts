/** Starts the receiving server of a benchmark in a process of its own: sink.c where it can be compiled, else sink.ts. */
import { fork, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { SinkFigures, SinkReady } from "./sink.ts";

/** An answer to a recipient; `code` 250: the message was taken. */
export type Arrival = { readonly recipient: string; readonly at: number; readonly code: number };

export type Sink = {
  readonly language: "C" | "Node";
  readonly ports: readonly number[];
  figures(): Promise<SinkFigures>;
  /** Every answer so far; times are nanoseconds of process.hrtime. */
  arrivals(): Promise<Arrival[]>;
  /** The messages that were kept, as they were before dots were stuffed. */
  copies(): string[];
  stop(): Promise<void>;
};

export type SinkOptions = {
  /** An empty folder for the log and the kept messages. */
  readonly dir: string;
  readonly ports: number;
  readonly copyEvery: number;
  /** Milliseconds between what is answered and the answer. */
  readonly latency?: number;
  /** Refuses some recipients for good and some the first time. */
  readonly smart?: boolean;
  /** Offers STARTTLS: a Node program, whatever compilers there are. */
  readonly tls?: boolean;
};

const SOURCE = fileURLToPath(new URL("./sink.c", import.meta.url));
const NODE_SINK = fileURLToPath(new URL("./sink.ts", import.meta.url));

export async function startSink(options: SinkOptions): Promise<Sink> {
  mkdirSync(join(options.dir, "copies"), { recursive: true });
  const program = options.tls === true ? null : compile(options.dir);
  return program === null ? startNodeSink(options) : startCSink(program, options);
}

/** The sink uses epoll. Null: no Linux, or no compiler. */
function compile(dir: string): string | null {
  if (process.platform !== "linux") return null;
  const program = join(dir, "sink");
  if (existsSync(program)) return program;
  for (const compiler of ["cc", "gcc", "clang"]) {
    if (spawnSync(compiler, ["-O2", "-o", program, SOURCE]).status === 0) return program;
  }
  return null;
}

async function startCSink(
  program: string,
  { dir, ports, copyEvery, latency = 0, smart = false }: SinkOptions,
): Promise<Sink> {
  const log = join(dir, "arrivals.log");
  const wish = [String(latency), smart ? "1" : "0"];
  const child = spawn(program, [String(ports), log, join(dir, "copies"), String(copyEvery), ...wish], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<number[]> => {
    const { value, done } = await answers.next();
    if (done) throw new Error("the sink ended");
    return value.trim().split(" ").map(Number);
  };
  const figures = async (): Promise<SinkFigures> => {
    child.stdin.write("\n");
    const [accepted = 0, bytes = 0, connections = 0, firstAt = 0, lastAt = 0, micros = 0, refused = 0, deferred = 0] =
      await answer();
    return { accepted, bytes, connections, firstAt, lastAt, cpuSeconds: micros / 1e6, refused, deferred };
  };
  return {
    language: "C",
    ports: await answer(),
    figures,
    arrivals: async () => {
      await figures();
      return readLines(log, (line) => {
        const [at, recipient = "", code] = line.split(" ");
        return { recipient, at: Number(at), code: Number(code) };
      });
    },
    copies: () => readCopies(dir).map(fromWire),
    stop: () => ended(child, () => child.stdin.end()),
  };
}

async function startNodeSink(options: SinkOptions): Promise<Sink> {
  const { dir, ports, copyEvery, latency = 0, smart = false, tls = false } = options;
  const log = join(dir, "arrivals.log");
  const wish = [String(latency), smart ? "1" : "0", tls ? "1" : "0"];
  const child = fork(NODE_SINK, [log, String(ports), join(dir, "copies"), String(copyEvery), ...wish], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const exited = new Promise<never>((_, reject) => child.once("exit", () => reject(new Error("the sink ended"))));
  exited.catch(() => {});
  const answer = <T>() =>
    Promise.race([exited, new Promise<T>((resolve) => child.once("message", (message) => resolve(message as T)))]);
  const ready = await answer<SinkReady>();
  const figures = () => {
    const next = answer<SinkFigures>();
    child.send("figures");
    return next;
  };
  return {
    language: "Node",
    ports: ready.ports,
    figures,
    arrivals: async () =>
      readLines(log, (line) => {
        const [recipient = "", , at, code] = line.split("\t");
        return { recipient, at: Number(at), code: Number(code) };
      }),
    copies: () => readCopies(dir),
    stop: () => ended(child, () => child.disconnect()),
  };
}

function readLines(log: string, parse: (line: string) => Arrival): Arrival[] {
  return readFileSync(log, "utf8").split("\n").slice(0, -1).map(parse);
}

function readCopies(dir: string): string[] {
  const folder = join(dir, "copies");
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
}

/** Without the final dot, and lines that start with a dot as they were (RFC 5321 §4.5.2). */
function fromWire(data: string): string {
  return data.slice(0, -3).replace(/^\./gm, "");
}

function ended(child: ChildProcess, end: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    end();
  });
}
