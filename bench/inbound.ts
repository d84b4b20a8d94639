/**
 * Benchmark of mail that comes back: bounces by SMTP through the inbound role and the worker into the delivery log. The roles run in
 * one process of their own, as `envoi start` runs them; PostgreSQL (embedded, fsync on) and the servers that bring the mails share the
 * cores. After each run every message must have the status that its mail asks for, and every mail must be done.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { mintTag } from "../src/core/tracking/token.ts";
import { allocateParts } from "../src/features/analysis/partitions.ts";
import { loadTokenKeys, openMasterKey } from "../src/features/secrets/index.ts";
import { openDb, type Db } from "../src/platform/db.ts";
import { INBOUND_CHANNEL } from "../src/platform/events.ts";
import { migrate } from "../src/platform/migrate.ts";
import { startEmbeddedPostgres } from "../src/platform/postgres/embedded.ts";
import { type BenchMail, bringMails, formOf, makeMail } from "./inbound-mails.ts";
import type { InboundOrder } from "./inbound-process.ts";
import { medianOf, round } from "./measure.ts";
import { cpuSecondsOf, peakRssMbOf } from "./process-usage.ts";
import { type Helper, startProcess } from "./start-process.ts";

const PART = 1000;
const DOMAINS = 200;
const LOOK_EVERY_MS = 20;
const STALLED_MS = 120_000;

type Options = { readonly mails?: number; readonly runs?: number; readonly connections?: number };
type Bench = Required<Options> & { readonly db: Db; readonly env: Record<string, string>; readonly dir: string };
type Phase = {
  readonly perSecond: number;
  readonly cpuSecondsPer1000: number | null;
  readonly peakRssMb: number | null;
};
type Figures = { readonly whole: Phase; readonly receiving: Phase; readonly processing: Phase };

export async function run({ mails = 10_000, runs = 3, connections = 16 }: Options) {
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  const server = await startEmbeddedPostgres(join(dir, "data"));
  try {
    await migrate(server.url);
    const db = await openDb(server.url);
    try {
      const env = { DATABASE_URL: server.url, ENVOI_DATA_DIR: dir, ENVOI_TRANSPORT: "direct", ENVOI_LOG_LEVEL: "warn" };
      await db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
        JSON.stringify({ bounceDomain: "back.example" }),
      ]);
      const bench = { mails, runs, connections, db, env, dir };
      const results: Figures[] = [];
      for (let i = 0; i < runs; i++) {
        const figures = { whole: await measureWhole(bench), ...(await measureParts(bench)) };
        console.log(JSON.stringify(figures));
        results.push(figures);
      }
      const median = (part: keyof Figures) => medians(results.map((figures) => figures[part]));
      return {
        mails,
        runs,
        connections,
        whole: median("whole"),
        receiving: median("receiving"),
        processing: median("processing"),
      };
    } finally {
      await db.close();
    }
  } finally {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function medians(phases: readonly Phase[]) {
  return {
    perSecond: round(medianOf(phases.map(({ perSecond }) => perSecond))),
    cpuSecondsPer1000: round(medianOf(phases.map(({ cpuSecondsPer1000 }) => cpuSecondsPer1000)), 2),
    peakRssMb: round(medianOf(phases.map(({ peakRssMb }) => peakRssMb))),
  };
}

/** From the first byte to the last effect in the log, both roles in one process. */
async function measureWhole(bench: Bench): Promise<Phase> {
  const { deliveryId, mails } = await seed(bench);
  const { helper, port } = await startRoles(bench, "inbound,worker");
  const phase = await timed(helper, mails.length, async () => {
    await bringMails(port, mails, bench.connections);
    await untilDone(bench.db);
  });
  await helper.stop();
  await check(bench.db, deliveryId, mails);
  return phase;
}

/** Received with no worker running, then worked off with nothing more coming in. */
async function measureParts(bench: Bench): Promise<Pick<Figures, "receiving" | "processing">> {
  const { db } = bench;
  const { deliveryId, mails } = await seed(bench);
  const inbound = await startRoles(bench, "inbound");
  const receiving = await timed(inbound.helper, mails.length, () => bringMails(inbound.port, mails, bench.connections));
  await inbound.helper.stop();
  await db.query("update inbound_mails set next_attempt_at = 'infinity'");
  await db.query("vacuum analyze inbound_mails");
  const worker = await startRoles(bench, "worker");
  const processing = await timed(worker.helper, mails.length, async () => {
    await db.query("update inbound_mails set next_attempt_at = received_at");
    await db.query("select pg_notify($1, '')", [INBOUND_CHANNEL]);
    await untilDone(db);
  });
  await worker.helper.stop();
  await check(db, deliveryId, mails);
  return { receiving, processing };
}

async function timed({ pid }: Helper, count: number, work: () => Promise<void>): Promise<Phase> {
  const cpu = cpuSecondsOf([pid]);
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const used = cpuSecondsOf([pid]);
  return {
    perSecond: Math.round(count / seconds),
    cpuSecondsPer1000: cpu === null || used === null ? null : round(((used - cpu) / count) * 1000, 2),
    peakRssMb: peakRssMbOf([pid]),
  };
}

async function startRoles({ env }: Bench, roles: string): Promise<{ helper: Helper; port: number }> {
  const port = await freePort();
  const given = { ...env, ENVOI_ROLES: roles, ENVOI_INBOUND: `127.0.0.1:${port}` };
  const order: InboundOrder = { env: given };
  return { helper: await startProcess(new URL("inbound-process.ts", import.meta.url), order), port };
}

function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
  });
  return promise;
}

/** A delivery whose messages were all sent a minute ago, in parts of a thousand, and a mail for each. */
async function seed({ db, mails: count, dir }: Bench): Promise<{ deliveryId: number; mails: BenchMail[] }> {
  const now = Date.now();
  for (const table of ["inbound_mails", "quarantine", "quarantine_history", "reply_texts", "recipients"]) {
    await db.query(`delete from ${table}`);
  }
  const [delivery] = await db.query<{ id: number }>(
    `insert into deliveries (label, state, content, sender, audience, settings, manifest, created_at, updated_at, started_at)
     values ('bench', 'finished', '{}', '{}', '{}', '{}', '{"links": []}', $1, $1, $1) returning id`,
    [new Date(now - 3_600_000)],
  );
  const deliveryId = delivery?.id ?? 0;
  const first = await allocateParts(db, Math.ceil(count / PART), now);
  await db.query(
    `insert into delivery_parts (id, delivery_id, to_deliver, pending, sent, due_at)
     select $1 + n, $2, least($4, $3 - n * $4), 0, least($4, $3 - n * $4), null
       from generate_series(0, ($3 - 1) / $4) as n`,
    [first, deliveryId, count, PART],
  );
  await db.query(
    `insert into messages (part_id, seq, address, vars, status, attempts, final_at)
     select $1 + n / $3, n % $3, 'person' || n || '@d' || n % $5 || '.example', '{}', 'sent', 1, $4
       from generate_series(0, $2::int - 1) as n`,
    [first, count, PART, new Date(now - 60_000), DOMAINS],
  );
  await db.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, stage, code, reply)
     select part_id, seq, 1, final_at, 'accepted', 'dot', 250, '250 ok' from messages where part_id >= $1`,
    [first],
  );
  await db.query("analyze");
  const masterKey = await openMasterKey(db, { secretKey: null, dataDir: dir }, now);
  const { current } = await loadTokenKeys(db, masterKey);
  const mails = Array.from({ length: count }, (_, n) => {
    const key = { partId: first + Math.floor(n / PART), seq: n % PART };
    const tag = mintTag(current, key);
    const address = `person${n}@d${n % DOMAINS}.example`;
    return makeMail(
      n,
      address,
      `bounces+${tag}@back.example`,
      `${key.partId}-${key.seq}.mi1a2b.${tag}@news.shop.example`,
    );
  });
  return { deliveryId, mails };
}

async function untilDone(db: Db): Promise<void> {
  let last = -1;
  let movedAt = performance.now();
  for (;;) {
    const [row] = await db.query<{ waiting: number }>(
      "select count(*) as waiting from inbound_mails where state = 'waiting'",
    );
    const waiting = row?.waiting ?? 0;
    if (waiting === 0) return;
    if (waiting !== last) movedAt = performance.now();
    else if (performance.now() - movedAt > STALLED_MS) throw new Error(`nothing is worked off; ${waiting} mails wait`);
    last = waiting;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Every mail had its effect once. */
async function check(db: Db, deliveryId: number, mails: readonly BenchMail[]): Promise<void> {
  const counts = { delayed: 0, complaint: 0, failed: 0 };
  for (const [number] of mails.entries()) {
    const form = formOf(number);
    counts[form === "delayed" || form === "complaint" ? form : "failed"]++;
  }
  const [found] = await db.query<Record<string, number>>(
    `select (select sum(failed) from delivery_parts where delivery_id = $1) as parts,
            (select count(*) from messages m join delivery_parts p on p.id = m.part_id
              where p.delivery_id = $1 and m.status = 'failed' and m.attempts = 2) as failed,
            (select count(*) from messages m join delivery_parts p on p.id = m.part_id
              where p.delivery_id = $1 and m.status = 'sent' and m.reason = 'mailbox-full') as delayed,
            (select sum(recipients) from tracking_counters where delivery_id = $1 and kind = 'complaint') as complaint`,
    [deliveryId],
  );
  const expected = { parts: counts.failed, ...counts };
  for (const [name, wanted] of Object.entries(expected)) {
    if (Number(found?.[name] ?? 0) !== wanted) {
      throw new Error(`${name}: ${found?.[name]} instead of ${wanted}; the mails did not do what they say`);
    }
  }
}
