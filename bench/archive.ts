/**
 * Benchmark of copies: the campaign of `send` without copies, with a copy before each message, strictly before, and after it, in turn. The
 * archive is a server of its own. The clock ends with the last message or the last copy, whichever comes later.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { seedArchive } from "../test/seed-delivery.ts";
import { type ArchiveWish, DOMAINS, makeSigning, members } from "./campaign.ts";
import { openRig, type Rig } from "./envoi-rig.ts";
import { checkExactlyOnce, checkSignatures, type Delivered, measureRun, medianOf, round } from "./measure.ts";
import { cpuSecondsOf, peakRssMbOf } from "./process-usage.ts";
import { startSink, type Sink } from "./start-sink.ts";

type ArchiveSettings = {
  readonly messages: number;
  readonly senders: number;
  readonly runs: number;
  readonly archiveConnections: number;
  readonly profileDir: string | null;
};

const DEFAULTS: ArchiveSettings = { messages: 20_000, senders: 1, runs: 3, archiveConnections: 10, profileDir: null };
const COPY_EVERY = 500;
const ADDRESS = "copies@archive.example";

const MODES: Readonly<Record<string, ArchiveWish | null>> = {
  none: null,
  before: { timing: "before", strict: false },
  strict: { timing: "before", strict: true },
  after: { timing: "after" },
};

type Run = Delivered & { readonly cpu: number | null; readonly peakRssMb: number | null };
type Bench = {
  readonly settings: ArchiveSettings;
  readonly rig: Rig;
  /** Of the recipients, and of the copies. */
  readonly sink: Sink;
  readonly archive: Sink;
};

export async function run(options: Partial<ArchiveSettings> = {}) {
  const settings = { ...DEFAULTS, ...options };
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const { signing, record } = makeSigning();
  const sinks: Sink[] = [];
  let rig: Rig | null = null;
  try {
    for (const [name, ports] of [["sink", DOMAINS] as const, ["archive", 1] as const]) {
      sinks.push(await startSink({ dir: join(dir, name), ports, copyEvery: COPY_EVERY }));
    }
    const [sink, archive] = sinks as [Sink, Sink];
    rig = await openRig({ ...settings, dir, signing, ports: sink.ports, waiting: 0, connections: null });
    const server = `127.0.0.1:${archive.ports[0]}`;
    const connections = settings.archiveConnections;
    await seedArchive(rig.ground.db, { target: { kind: "smtp", address: ADDRESS, server, tls: "none", connections } });
    const runs = await alternate({ settings, rig, sink, archive });
    for (const each of sinks) say(`${await checkSignatures(each.copies(), record)} kept messages verified by mailauth`);
    return summarise(runs, settings);
  } finally {
    await rig?.close();
    for (const sink of sinks) await sink.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function alternate(bench: Bench): Promise<Map<string, Run[]>> {
  const runs = new Map<string, Run[]>();
  for (let number = 1; number <= bench.settings.runs; number++) {
    for (const [name, wish] of Object.entries(MODES)) {
      const result = await measure(bench, `${name} ${number}`, wish);
      runs.set(name, [...(runs.get(name) ?? []), result]);
      const { messagesPerSecond, seconds, cpu, peakRssMb } = result;
      const rate = `${Math.round(messagesPerSecond)}/s in ${seconds.toFixed(2)} s`;
      say(`${number}. ${name}: ${rate}, CPU ${round(cpu, 3)} s per 1,000, ${peakRssMb} MB`);
    }
  }
  return runs;
}

async function measure(
  { settings: { messages }, rig, sink, archive }: Bench,
  label: string,
  wish: ArchiveWish | null,
): Promise<Run> {
  const delivery = await rig.prepare(label, wish ? { on: true, ...wish } : undefined);
  const before = (await archive.figures()).accepted;
  const senders = await rig.startSenders();
  try {
    const pids = senders.pids();
    const cpuBefore = cpuSecondsOf(pids);
    const startedAt = Number(process.hrtime.bigint());
    const delivered = await measureRun(sink, messages, () => rig.confirm(delivery));
    await rig.finished(delivery);
    await settled(rig, delivery, wish ? messages : 0);
    const cpu = cpuSecondsOf(pids);
    const copies = await archive.figures();
    checkExactlyOnce(delivered.arrivals, new Set(Array.from(members(messages), ({ email }) => email)));
    const made = copies.accepted - before;
    if (made !== (wish ? messages : 0)) throw new Error(`${made} copies of ${messages} messages`);
    const seconds = wish ? Math.max(delivered.seconds, (copies.lastAt - startedAt) / 1e9) : delivered.seconds;
    return {
      ...delivered,
      seconds,
      messagesPerSecond: messages / seconds,
      cpu: cpu === null || cpuBefore === null ? null : ((cpu - cpuBefore) / messages) * 1000,
      peakRssMb: peakRssMbOf(pids),
    };
  } finally {
    await senders.stop();
  }
}

/** Resolves when the ledger has every copy as archived, and nothing else. */
async function settled({ ground: { db } }: Rig, delivery: number, copies: number): Promise<void> {
  for (;;) {
    const [row] = await db.query<{ due: number; archived: number; given_up: number }>(
      `select coalesce(sum(due), 0)::int as due, coalesce(sum(archived), 0)::int as archived,
              coalesce(sum(given_up), 0)::int as given_up from archive_parts where delivery_id = $1`,
      [delivery],
    );
    if (row?.due === copies && row.archived === copies) return;
    if (!row || row.due > copies || row.given_up > 0) throw new Error(`the ledger counts ${JSON.stringify(row)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function summarise(runs: ReadonlyMap<string, readonly Run[]>, settings: ArchiveSettings) {
  const of = (name: string, pick: (run: Run) => number | null) => medianOf((runs.get(name) ?? []).map(pick));
  const without = of("none", (run) => run.messagesPerSecond);
  const figures = Object.keys(MODES).map((name) => {
    const rate = of(name, (run) => run.messagesPerSecond);
    const mode = {
      messagesPerSecond: round(rate),
      ratio: rate === null || without === null ? null : round(rate / without, 2),
      cpuSecondsPer1000: round(
        of(name, (run) => run.cpu),
        3,
      ),
      peakRssMb: of(name, (run) => run.peakRssMb),
    };
    return [name, mode] as const;
  });
  for (const [name, { messagesPerSecond, ratio }] of figures) say(`median ${name}: ${messagesPerSecond}/s, ${ratio}`);
  const { messages, senders, archiveConnections } = settings;
  return { messages, senders, runs: settings.runs, archiveConnections, ...Object.fromEntries(figures) };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
