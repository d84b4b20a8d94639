/**
 * Benchmark of what the live page and the message log ask: one delivery of 5,000,000 messages in parts of 1,000 with one
 * attempt and one copy for the archive each, in the partitions of the product, on the embedded PostgreSQL with its usual settings; caches as the
 * filling left them. Each query runs 30 times through the functions that the API uses.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

import { allocateParts } from "../src/features/analysis/partitions.ts";
import { listDeliveries } from "../src/features/deliveries/index.ts";
import { listLog, type LogQuery } from "../src/features/logs/list-log.ts";
import { streamLog } from "../src/features/logs/stream-log.ts";
import { listDestinations, loadIndicators } from "../src/features/logs/store.ts";
import { openDb, type Db } from "../src/platform/db.ts";
import { migrate } from "../src/platform/migrate.ts";
import { startEmbeddedPostgres } from "../src/platform/postgres/embedded.ts";

const ROWS = 5_000_000;
const PART = 1000;
const DOMAINS = 2000;
const RUNS = 30;

export type LiveQueryFigures = {
  readonly rows: number;
  /** Figures and destinations, as a push of the live stream reads them: slowest of all runs. */
  readonly livePageMs: number;
  /** Slowest run of the slowest kind of log page. */
  readonly logPageMs: number;
  readonly exportLinesPerSecond: number;
  readonly medianMs: Readonly<Record<string, number>>;
};

export async function run(options: { readonly rows?: number } = {}): Promise<LiveQueryFigures> {
  const rows = options.rows ?? ROWS;
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  const server = await startEmbeddedPostgres(join(dir, "data"));
  try {
    await migrate(server.url);
    const db = await openDb(server.url);
    try {
      console.log(`${rows} messages, ${availableParallelism()} cores, Node ${process.version}`);
      const start = performance.now();
      const filled = await fill(db, rows);
      console.log(`filled in ${Math.round((performance.now() - start) / 1000)} s`);
      return await measure(db, filled, rows);
    } finally {
      await db.close();
    }
  } finally {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

type Filled = { readonly id: number; readonly first: number; readonly parts: number };

/**
 * Of a thousand messages 20 failed, 10 wait for a retry, the rest was sent; the last fifth of the parts is untouched. The
 * very last part but those holds the only message with reason account-disabled.
 */
async function fill(db: Db, rows: number): Promise<Filled> {
  const parts = Math.ceil(rows / PART);
  const [delivery] = await db.query<{ id: number }>(
    `insert into deliveries (label, state, content, sender, audience, created_at, updated_at, targeted, to_deliver)
     values ('bench', 'in-progress', '{}', '{}', '{"all":true}', now(), now(), $1, $1) returning id`,
    [parts * PART],
  );
  const id = delivery?.id ?? 0;
  const first = await allocateParts(db, parts, Date.now());
  const done = first + Math.floor(parts * 0.8);
  await db.query(
    `insert into delivery_parts (id, delivery_id, domain, to_deliver, pending, retrying, sent, failed)
     select p, $1, case when p % 2 = 0 then 'd' || p % 10 || '.example' end, ${PART},
            case when p < $4 then 0 else ${PART} end, case when p < $4 then 10 else 0 end,
            case when p < $4 then ${PART} - 30 else 0 end, case when p < $4 then 20 else 0 end
       from generate_series($2::bigint, $3::bigint) p`,
    [id, first, first + parts - 1, done],
  );
  await db.query(
    `insert into messages (part_id, seq, recipient_id, address, vars, status, type, reason, attempts, final_at)
     select p, s, (p - $1) * ${PART} + s + 1,
            'user' || (p - $1) * ${PART} + s || '@d' || case when p % 2 = 0 then p % 10 else 10 + (p + s) % 1990 end || '.example',
            '{"first_name": "Marie", "city": "Paris"}', v.status, v.type, v.reason, (p < $3)::int, now()
       from generate_series($1::bigint, $2::bigint) p, generate_series(0, ${PART - 1}) s,
            lateral (select case when p >= $3 then 'pending' when s % 50 = 7 then 'failed'
                                 when s % 100 = 9 then 'taken-into-account' else 'sent' end as status,
                            case when p < $3 and s % 50 = 7 then 'hard' when p < $3 and s % 100 = 9 then 'soft' end as type,
                            case when p < $3 and s % 50 = 7 then
                                   case when p = $3 - 1 and s = 957 then 'account-disabled' else 'user-unknown' end
                                 when p < $3 and s % 100 = 9 then 'mailbox-full' end as reason) v`,
    [first, first + parts - 1, done],
  );
  await db.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, stage, code, enhanced, reply, mx, source_ip, duration_ms)
     select p, s, 1, now(), 'accepted', 'dot', 250, '2.0.0', '250 2.0.0 OK: queued as ' || p || '-' || s, 'mx1.example', '192.0.2.1', 80
       from generate_series($1::bigint, $2::bigint) p, generate_series(0, ${PART - 1}) s`,
    [first, done - 1],
  );
  await db.query(
    `insert into archive_copies (part_id, seq, archive, state, attempts, due_since, archived_at, reply, digest)
     select p, s, 1, case when s % 100 = 3 then 'owed' else 'archived' end, 1, now(), now(), '250 2.0.0 OK: queued', sha256('x')
       from generate_series($1::bigint, $2::bigint) p, generate_series(0, ${PART - 1}) s`,
    [first, done - 1],
  );
  await db.query(
    `insert into archive_parts (part_id, delivery_id, due, archived, owed, due_at)
     select p, $1, case when p < $4 then ${PART} else 0 end, case when p < $4 then ${PART * 0.99} else 0 end,
            case when p < $4 then ${PART * 0.01} else 0 end, case when p < $4 then now() end
       from generate_series($2::bigint, $3::bigint) p`,
    [id, first, first + parts - 1, done],
  );
  await db.query(
    `insert into destination_counters (delivery_id, domain, sender, to_deliver, sent, last_reply, last_reply_at)
     select $1, 'd' || d || '.example', case when s = 0 then '' else 'sender-' || s end, 1000, 500, '250 2.0.0 OK', now()
       from generate_series(0, ${DOMAINS - 1}) d, generate_series(0, 4) s`,
    [id],
  );
  await db.query(
    `insert into recipients (id, address, match_key, domain, created_at, updated_at) overriding system value
     select n, a, a, 'x', now(), now() from messages m, lateral (select m.recipient_id as n, m.address as a) r
      where part_id = $1`,
    [first + Math.floor(parts / 2)],
  );
  await db.query("vacuum analyze");
  return { id, first, parts };
}

async function measure(db: Db, { id, first, parts }: Filled, rows: number): Promise<LiveQueryFigures> {
  const middle = first + Math.floor(parts / 2);
  const [someone] = await db.query<{ address: string }>("select address from recipients limit 1");
  const page = (query: LogQuery) => () => listLog(db, id, query, 100);
  const deep = `${middle}-500`;
  const results = {
    live: await time("live page", async () => {
      await loadIndicators(db, id, Date.now());
      await listDestinations(db, id, null, 100);
    }),
    list: await time("list of deliveries", () => listDeliveries(db, null, 100)),
    first: await time("log: first page", page({})),
    deep: await time("log: deep page", page({ cursor: deep })),
    failed: await time("log: status=failed", page({ status: "failed", cursor: deep })),
    pending: await time("log: status=pending (last fifth)", page({ status: "pending" })),
    reason: await time("log: reason=mailbox-full", page({ reason: "mailbox-full" })),
    rare: await time("log: reason that one message has", page({ reason: "account-disabled" })),
    domain: await time("log: domain with parts of its own", page({ domain: ["d4.example", "d4.example"] })),
    small: await time("log: domain in mixed parts", page({ domain: ["d1500.example", "d1500.example"] })),
    recipient: await time("log: one recipient", page({ recipient: someone?.address })),
  };
  const start = performance.now();
  let lines = 0;
  await streamLog(db, id, () => void lines++);
  const linesPerSecond = Math.round(lines / ((performance.now() - start) / 1000));
  console.log(`whole log: ${lines} lines, ${linesPerSecond} lines/s`);
  const { live, list: _list, ...log } = results;
  return {
    rows,
    livePageMs: live.max,
    logPageMs: Math.max(...Object.values(log).map((each) => each.max)),
    exportLinesPerSecond: linesPerSecond,
    medianMs: Object.fromEntries(Object.entries(results).map(([name, each]) => [name, each.median])),
  };
}

async function time(name: string, query: () => Promise<unknown>): Promise<{ median: number; max: number }> {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await query();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const round = (ms = 0) => Math.round(ms * 10) / 10;
  const result = { median: round(times[RUNS / 2]), max: round(times.at(-1)) };
  console.log(`${name.padEnd(36)} median ${result.median} ms, slowest ${result.max} ms`);
  return result;
}
