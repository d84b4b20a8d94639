/**
 * The sender processes: one child each, started again when it dies (its journal is put in order at the start of the next
 * one). A child that loses its parent ends by itself.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

import { loadShapingFiles } from "../features/shaping/index.ts";
import type { Config, Routes } from "../platform/config.ts";
import type { Log } from "../platform/log.ts";

const ENTRY = fileURLToPath(new URL("./sender-process.ts", import.meta.url));
/** Signatures are made in libuv's pool: more threads than cores gain nothing. */
const SIGNING_THREADS = "4";
/**
 * A message lives for some milliseconds. With a young generation of this size most die there, and a sender stays below 250 MB; with the
 * default they are moved to the old one, which grows to 400 MB before it is swept (bench/README.md).
 */
const YOUNG_GENERATION_MB = 8;
/** Of what lives, 50 MB or so, the old generation may grow by so many percent before it is swept; V8 itself would let it triple. */
const OLD_GENERATION_GROWTH = 100;
/**
 * What a sender compiles is kept: the compiler of TypeScript, which is then not loaded, takes 25 MB. Where nothing can be written there,
 * Node goes without.
 */
const COMPILE_CACHE = fileURLToPath(new URL("../../node_modules/.cache/envoi", import.meta.url));
const RESTART_MIN_MS = 200;
const RESTART_MAX_MS = 10_000;
/** A sender that lived this long was healthy: its next restart is quick again. */
const HEALTHY_MS = 30_000;

/** What a sender process is told by its parent. */
export type SenderOrder = {
  readonly databaseUrl: string;
  readonly config: Config;
  readonly sandboxRoutes: Routes | null;
  readonly index: number;
};

export type Senders = {
  /** Process ids of the running senders. */
  pids(): number[];
  /** Lets messages on the wire finish, commits, gives parts back. */
  stop(): Promise<void>;
};

export function startSenders(databaseUrl: string, config: Config, sandboxRoutes: Routes | null, log: Log): Senders {
  // A mistake in the operator's rules is said here and once, not by each sender at each start.
  loadShapingFiles(config.dataDir);
  const children = new Map<number, ChildProcess>();
  let stopping = false;

  const start = (index: number, restartMs: number) => {
    if (stopping) return;
    const startedAt = performance.now();
    const child = fork(ENTRY, {
      execArgv: [
        "--disable-warning=ExperimentalWarning",
        `--max-semi-space-size=${YOUNG_GENERATION_MB}`,
        `--heap-growing-percent=${OLD_GENERATION_GROWTH}`,
      ],
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, UV_THREADPOOL_SIZE: SIGNING_THREADS },
      serialization: "advanced",
    });
    children.set(index, child);
    child.send({ databaseUrl, config, sandboxRoutes, index } satisfies SenderOrder);
    child.on("exit", (code, signal) => {
      children.delete(index);
      if (stopping) return;
      const pause = performance.now() - startedAt > HEALTHY_MS ? RESTART_MIN_MS : restartMs;
      log.warn({ index, code, signal, pause }, "a sender ended; starting it again");
      setTimeout(() => start(index, Math.min(RESTART_MAX_MS, pause * 2)), pause).unref();
    });
  };
  for (let index = 0; index < config.senders; index++) start(index, RESTART_MIN_MS);

  return {
    pids: () => [...children.values()].flatMap((child) => (child.pid === undefined ? [] : [child.pid])),
    stop: async () => {
      stopping = true;
      await Promise.all(
        [...children.values()].map(
          (child) =>
            new Promise<void>((resolve) => {
              child.once("exit", () => resolve());
              if (child.connected) child.disconnect();
              else child.kill("SIGTERM");
            }),
        ),
      );
    },
  };
}
