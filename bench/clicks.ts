/**
 * Benchmark of clicks: how many a second one web process redirects and stores, and how long a visitor waits at a fixed rate. In
 * turn with a peer: a bare Fastify that inserts one row per click. Server, visitors and PostgreSQL (embedded, fsync on) are processes of
 * their own on the same cores. After each run every click that was answered must be in the database and in the counters.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { loadTrackingIndicators } from "../src/features/tracking/index.ts";
import { openDb, type Db } from "../src/platform/db.ts";
import { migrate } from "../src/platform/migrate.ts";
import { startEmbeddedPostgres } from "../src/platform/postgres/embedded.ts";
import { createTrackedDelivery } from "../test/tracking-rig.ts";
import type { ClicksLoadOrder, ClicksLoadResult } from "./clicks-load.ts";
import type { ClicksServerOrder } from "./clicks-server.ts";
import { medianOf, round } from "./measure.ts";
import { cpuSecondsOf, peakRssMbOf } from "./process-usage.ts";
import { startProcess } from "./start-process.ts";

const TARGET = "https://www.shop.example/catalogue/item?campaign=bench#top";
const MESSAGES = 20_000;
const LINKS = 8;

type Options = {
  readonly rate?: number;
  readonly seconds?: number;
  readonly runs?: number;
  readonly connections?: number;
};
type System = ClicksServerOrder["system"];
type Bench = Required<Options> & { readonly db: Db; readonly databaseUrl: string; readonly dir: string };
type Figures = {
  readonly clicksPerSecond: number;
  readonly cpuSecondsPer1000: number | null;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakRssMb: number | null;
};

export async function run({ rate = 3000, seconds = 5, runs = 3, connections = 32 }: Options) {
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  const server = await startEmbeddedPostgres(join(dir, "data"));
  try {
    await migrate(server.url);
    const db = await openDb(server.url);
    try {
      const bench = { rate, seconds, runs, connections, db, databaseUrl: server.url, dir };
      const results: Record<System, Figures[]> = { envoi: [], peer: [] };
      for (let i = 0; i < runs; i++) {
        for (const system of ["envoi", "peer"] as const) {
          const figures = await measure(bench, system, i);
          console.log(`${system}: ${JSON.stringify(figures)}`);
          results[system].push(figures);
        }
      }
      const envoi = medians(results.envoi);
      const peer = medians(results.peer);
      const ratio = (envoi.clicksPerSecond ?? Number.NaN) / (peer.clicksPerSecond ?? Number.NaN);
      return { rate, seconds, runs, connections, envoi, peer, timesPeer: round(ratio, 1) };
    } finally {
      await db.close();
    }
  } finally {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** First as fast as it goes, then at the fixed rate. */
async function measure(bench: Bench, system: System, number: number): Promise<Figures> {
  const { db, databaseUrl, dir, connections, seconds, rate } = bench;
  const now = Date.now();
  const links = Array.from({ length: LINKS }, () => ({ url: TARGET }));
  const { deliveryId, partId } = await createTrackedDelivery(db, {
    links,
    messages: MESSAGES,
    startedAt: now,
    sentAt: now - 3_600_000,
  });
  const port = await freePort();
  const dataDir = join(dir, `${system}-${number}`);
  mkdirSync(dataDir);
  const order: ClicksServerOrder = { system, port, databaseUrl, dataDir, target: TARGET };
  const server = await startProcess(new URL("./clicks-server.ts", import.meta.url), order);
  const load = {
    port,
    connections,
    deliveryId,
    partId,
    messages: MESSAGES,
    links: LINKS,
    target: TARGET,
    resultPath: join(dataDir, "result.json"),
  };
  try {
    const warmUp = await click({ ...load, rate: null, seconds: 1 });
    const cpuBefore = cpuSecondsOf([server.pid]);
    const fast = await click({ ...load, rate: null, seconds });
    const steady = await click({ ...load, rate, seconds });
    const peakRssMb = peakRssMbOf([server.pid]);
    server.go();
    await server.done();
    const cpuAfter = cpuSecondsOf([server.pid]);
    await check(db, system, deliveryId, [warmUp, fast, steady]);
    const cpu = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
    return {
      clicksPerSecond: Math.round(fast.answered / fast.seconds),
      cpuSecondsPer1000: round(cpu === null ? null : (cpu / (fast.answered + steady.answered)) * 1000, 3),
      p50Ms: round(steady.p50Ms, 1) ?? Number.NaN,
      p99Ms: round(steady.p99Ms, 1) ?? Number.NaN,
      peakRssMb,
    };
  } finally {
    await server.stop();
  }
}

async function click(order: ClicksLoadOrder): Promise<ClicksLoadResult> {
  const load = await startProcess(new URL("./clicks-load.ts", import.meta.url), order);
  load.go();
  await load.done();
  await load.stop();
  return JSON.parse(readFileSync(order.resultPath, "utf8")) as ClicksLoadResult;
}

async function check(db: Db, system: System, deliveryId: number, results: readonly ClicksLoadResult[]): Promise<void> {
  const expected = results.reduce((sum, { answered }) => sum + answered, 0);
  const table = system === "peer" ? "peer_clicks" : "tracking_events";
  const [row] = await db.query<{ count: number }>(`select count(*) from ${table}`);
  await db.query(`truncate ${table}`);
  if (row?.count !== expected) throw new Error(`${system}: ${row?.count} clicks stored, ${expected} answered`);
  if (system === "peer") return;
  const { clicks } = await loadTrackingIndicators(db, deliveryId);
  if (clicks.total !== expected) throw new Error(`the counters say ${clicks.total} of ${expected} clicks`);
}

function medians(figures: readonly Figures[]) {
  return {
    clicksPerSecond: round(medianOf(figures.map((f) => f.clicksPerSecond))),
    cpuSecondsPer1000: round(medianOf(figures.map((f) => f.cpuSecondsPer1000)), 3),
    p50Ms: round(medianOf(figures.map((f) => f.p50Ms)), 1),
    p99Ms: round(medianOf(figures.map((f) => f.p99Ms)), 1),
    peakRssMb: round(medianOf(figures.map((f) => f.peakRssMb))),
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
