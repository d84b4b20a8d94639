/**
 * Benchmark of what operators see: how long after the receiving server's reply a message is `sent` in the API, while
 * sending goes as fast as it can. A sample of messages, spread over the delivery, is looked for in the database every 20 ms;
 * once there, it is asked of the API over HTTP, and the answer ends the measurement. So the 20 ms and the request are
 * included, and so is the work of asking, which competes with the senders.
 */
import { mkdtempSync, rmSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startWeb } from "../src/roles/web.ts";
import { DOMAINS, makeSigning } from "./campaign.ts";
import { ADMIN_TOKEN, openRig, type Rig } from "./envoi-rig.ts";
import { measureRun, round } from "./measure.ts";
import { startSink, type Sink } from "./start-sink.ts";

const LOOK_EVERY_MS = 20;

type Sample = { readonly part_id: number; readonly seq: number; readonly address: string };

export async function run({ messages = 20_000, samples = 500 }: { messages?: number; samples?: number } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const sink = await startSink({ dir: join(dir, "sink"), ports: DOMAINS, copyEvery: 0 });
  try {
    const rig = await openRig({
      dir,
      messages,
      waiting: 0,
      senders: 1,
      signing: makeSigning().signing,
      connections: null,
      ports: sink.ports,
      profileDir: null,
    });
    try {
      return await measure(rig, sink, messages, samples);
    } finally {
      await rig.close();
    }
  } finally {
    await sink.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(rig: Rig, sink: Sink, messages: number, count: number) {
  const delivery = await rig.prepare("latency");
  const samples = await chooseSamples(rig, delivery, messages, count);
  const web = await startWeb(rig.ground);
  const senders = await rig.startSenders();
  try {
    const seen = watch(rig, web.url, samples);
    const delivered = await measureRun(sink, messages, () => rig.confirm(delivery));
    const visibleAt = await seen;
    const repliedAt = new Map(delivered.arrivals.map(({ recipient, at }) => [recipient, at]));
    const waits = samples
      .map(({ address }) => ((visibleAt.get(address) ?? Number.NaN) - (repliedAt.get(address) ?? Number.NaN)) / 1e6)
      .toSorted((a, b) => a - b);
    if (waits.some((ms) => !(ms >= 0))) throw new Error("a message was visible before its reply, or never");
    const at = (share: number) => round(waits[Math.min(waits.length - 1, Math.ceil(waits.length * share) - 1)] ?? null);
    return {
      messages,
      messagesPerSecond: round(delivered.messagesPerSecond),
      samples: waits.length,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  } finally {
    await senders.stop();
    await web.close();
  }
}

/** Every n-th message of the delivery. */
function chooseSamples({ ground: { db } }: Rig, delivery: number, messages: number, count: number): Promise<Sample[]> {
  return db.query<Sample>(
    `select part_id, seq, address from (
       select m.part_id, m.seq, m.address, row_number() over (order by m.part_id, m.seq) as n
         from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1) numbered
      where n % greatest(1, $2::int / $3::int) = 0`,
    [delivery, messages, count],
  );
}

/** When each sample was first shown as sent, in nanoseconds of process.hrtime. */
async function watch({ ground: { db } }: Rig, url: string, samples: readonly Sample[]): Promise<Map<string, number>> {
  const visibleAt = new Map<string, number>();
  const asked: Promise<void>[] = [];
  let left = samples;
  while (left.length > 0) {
    const rows = await db.query<Sample>(
      `select part_id, seq, address from messages
        where (part_id, seq) in (select * from unnest($1::bigint[], $2::int[])) and status = 'sent'`,
      [left.map(({ part_id }) => part_id), left.map(({ seq }) => seq)],
    );
    const found = new Set(rows.map(({ address }) => address));
    left = left.filter(({ address }) => !found.has(address));
    for (const row of rows) {
      asked.push(untilShown(url, row).then((at) => void visibleAt.set(row.address, at)));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  await Promise.all(asked);
  return visibleAt;
}

async function untilShown(url: string, { part_id, seq }: Sample): Promise<number> {
  for (;;) {
    const response = await fetch(`${url}/api/v1/messages/${part_id}-${seq}`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    if (!response.ok) throw new Error(`the API answers ${response.status}`);
    const { status } = (await response.json()) as { status: string };
    if (status === "sent") return Number(process.hrtime.bigint());
  }
}
