/**
 * Benchmark of single messages: how many are accepted a second, one request each and a hundred in a request, from a template and with content that no other message
 * has; and how long after its acceptance a message is handed to the receiving server, alone and while a delivery is sent as fast as it
 * goes. Every message must arrive exactly once.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startWeb } from "../src/roles/web.ts";
import { DOMAINS, makeSigning, routesTo } from "./campaign.ts";
import { ADMIN_TOKEN, openRig, type Rig } from "./envoi-rig.ts";
import { round } from "./measure.ts";
import type { MessagesLoadOrder, MessagesLoadResult } from "./messages-load.ts";
import { cpuSecondsOfTree } from "./process-usage.ts";
import { startProcess } from "./start-process.ts";
import { startSink, type Sink } from "./start-sink.ts";

const LOAD = new URL("./messages-load.ts", import.meta.url);
const LOOK_EVERY_MS = 50;

export type MessagesOptions = {
  readonly seconds?: number;
  readonly connections?: number;
  readonly bulk?: number;
  readonly rate?: number;
};

export async function run({ seconds = 10, connections = 32, bulk = 20_000, rate = 100 }: MessagesOptions = {}) {
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const sink = await startSink({ dir: join(dir, "sink"), ports: DOMAINS, copyEvery: 0 });
  try {
    const rig = await openRig({
      dir,
      messages: bulk,
      waiting: 0,
      senders: 1,
      signing: makeSigning().signing,
      connections: null,
      ports: sink.ports,
      profileDir: null,
    });
    try {
      return await measure(rig, sink, dir, { seconds, connections, rate });
    } finally {
      await rig.close();
    }
  } finally {
    await sink.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

type Load = Pick<MessagesLoadOrder, "seconds" | "connections" | "rate" | "template" | "batch" | "name">;
const BATCH = 100;

async function measure(
  rig: Rig,
  sink: Sink,
  dir: string,
  options: { seconds: number; connections: number; rate: number },
) {
  const delivery = await rig.prepare("bulk");
  const web = await startWeb(rig.ground);
  const senders = await rig.startSenders();
  const routes = routesTo(sink.ports);
  const load = async (wanted: Load) => {
    const resultPath = join(dir, `${wanted.name}.json`);
    const order: MessagesLoadOrder = { ...wanted, url: web.url, token: ADMIN_TOKEN, routes, resultPath };
    const helper = await startProcess(LOAD, order);
    helper.go();
    await helper.done();
    await helper.stop();
    return JSON.parse(readFileSync(resultPath, "utf8")) as MessagesLoadResult;
  };
  try {
    const template = await publish(web.url, routes);
    const full = { ...options, rate: null, batch: 1 };
    const before = usageOf(rig);
    const accepting = await load({ ...full, template, name: "full" });
    const used = usageOf(rig);
    await untilSent(rig, "full", accepting.accepted);
    const own = await load({ ...full, template: null, name: "own" });
    await untilSent(rig, "own", own.accepted);
    const batches = await load({ ...full, connections: 4, batch: BATCH, template, name: "batch" });
    await untilSent(rig, "batch", batches.accepted);
    const alone = await load({ ...options, batch: 1, template, name: "alone" });
    const handed = await untilSent(rig, "alone", alone.accepted);
    await rig.confirm(delivery);
    const beside = await load({
      ...options,
      seconds: Math.min(options.seconds, 5),
      batch: 1,
      template,
      name: "beside",
    });
    const handedBeside = await untilSent(rig, "beside", beside.accepted);
    await rig.finished(delivery);
    const arrivals = await sink.arrivals();
    if (new Set(arrivals.map(({ recipient }) => recipient)).size !== arrivals.length)
      throw new Error("one arrived twice");
    return {
      acceptedPerSecond: round(accepting.accepted / accepting.seconds),
      batchesAcceptedPerSecond: round(batches.accepted / batches.seconds),
      ownContentPerSecond: round(own.accepted / own.seconds),
      webCpuSecondsPer1000: round(((used.web - before.web) / accepting.accepted) * 1000, 2),
      databaseCpuSecondsPer1000: round(((used.database - before.database) / accepting.accepted) * 1000, 2),
      answerP50Ms: round(accepting.p50Ms),
      answerP99Ms: round(accepting.p99Ms),
      rate: options.rate,
      handedP50Ms: handed.p50,
      handedP99Ms: handed.p99,
      besideDeliveryP50Ms: handedBeside.p50,
      besideDeliveryP99Ms: handedBeside.p99,
    };
  } finally {
    await senders.stop();
    await web.close();
  }
}

/** CPU seconds so far: of this process, which the web role is in, and of PostgreSQL, which also serves the senders. */
function usageOf({ postmaster }: Rig): { readonly web: number; readonly database: number } {
  const { user, system } = process.cpuUsage();
  return {
    web: (user + system) / 1e6,
    database: postmaster === null ? Number.NaN : (cpuSecondsOfTree(postmaster) ?? Number.NaN),
  };
}

/** The id of a published template whose messages go to the sink. */
async function publish(url: string, routes: Readonly<Record<string, string>>): Promise<string> {
  const call = async (path: string, body: object) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string };
  };
  const paragraph = "<p>Thank you, {{ recipient.first_name }}. You can change your order until tonight.</p>\n";
  const { id } = await call("/templates", {
    label: "Receipt",
    content: {
      subject: "Order {{ recipient.number }}",
      html: `<html><body><h1>Order {{ recipient.number }}</h1>${paragraph.repeat(60)}<a href="https://shop.example/orders">Orders</a></body></html>`,
    },
    sender: { name: "Shop", address: "shop@shop.example" },
    settings: { routes },
  });
  await call(`/templates/${id}/actions/publish`, {});
  return id;
}

/** From acceptance to the server's reply, when all of these are sent. */
async function untilSent(
  { ground: { db } }: Rig,
  name: string,
  count: number,
): Promise<{ p50: number | null; p99: number | null }> {
  for (;;) {
    const [row] = await db.query<{ sent: number; p50: number; p99: number }>(
      `select count(*) filter (where m.status = 'sent') as sent,
              percentile_cont(0.5) within group (order by extract(epoch from a.at - s.accepted_at) * 1000) as p50,
              percentile_cont(0.99) within group (order by extract(epoch from a.at - s.accepted_at) * 1000) as p99
         from single_messages s
         join messages m on m.part_id = s.part_id and m.seq = s.seq
         left join message_attempts a on a.part_id = s.part_id and a.seq = s.seq and a.attempt = 1
        where s.external_id like $1 || '%'`,
      [name],
    );
    if (row?.sent === count) return { p50: round(row.p50), p99: round(row.p99) };
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
