/**
 * Benchmark of sending: one campaign of personal, signed messages of about 10 kB to 20 destinations, from confirmation to
 * the reply to the last message; and the same campaign through nodemailer and through Postfix with opendkim, into the
 * same receiving server, in turn. bench/README.md says what is measured and what is not.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DOMAINS, makeSigning, members, SLOTS, type Signing } from "./campaign.ts";
import { openRig, type Rig } from "./envoi-rig.ts";
import type { InjectorOrder } from "./injector-process.ts";
import { checkExactlyOnce, checkSignatures, type Delivered, measureRun, medianOf, round } from "./measure.ts";
import type { NodemailerOrder } from "./nodemailer-process.ts";
import { startPostfix, whyNoPostfix } from "./postfix.ts";
import { cpuSecondsOf, cpuSecondsOfTree, peakRssMbOf } from "./process-usage.ts";
import { startProcess } from "./start-process.ts";
import { startSink, type Sink } from "./start-sink.ts";

export type SendBenchOptions = {
  readonly messages?: number;
  readonly senders?: number;
  readonly waiting?: number;
  readonly runs?: number;
  readonly dkim?: boolean;
  readonly peers?: "all" | "none";
  readonly nodemailerProcesses?: number;
  readonly connections?: number | null;
  readonly profileDir?: string | null;
};

type Settings = Required<SendBenchOptions>;

const DEFAULTS: Settings = {
  messages: 20_000,
  senders: 1,
  waiting: 0,
  runs: 3,
  dkim: true,
  peers: "all",
  nodemailerProcesses: 1,
  connections: null,
  profileDir: null,
};
/** Messages kept to verify their signatures: one in so many. */
const COPY_EVERY = 500;
const PEER_CONNECTIONS = 50;
const INJECTOR_CONNECTIONS = 20;

/** One run; CPU seconds are per 1,000 messages. */
type Run = Delivered & {
  readonly cpu: number | null;
  readonly databaseCpu?: number | null;
  readonly peakRssMb: number | null;
  readonly finishedSeconds?: number;
};

type System = {
  readonly name: string;
  readonly run: (round: number) => Promise<Run>;
  readonly stop: () => Promise<void>;
};

export async function run(options: SendBenchOptions = {}) {
  const settings = { ...DEFAULTS, ...options };
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const { signing, record } = makeSigning();
  const used = settings.dkim ? signing : null;
  const sink = await startSink({ dir: join(dir, "sink"), ports: DOMAINS, copyEvery: COPY_EVERY });
  const systems: System[] = [];
  try {
    const rig = await openRig({ ...settings, dir, signing: used, ports: sink.ports });
    systems.push(envoi(rig, sink, settings));
    say(`PostgreSQL ${rig.postgresVersion}, sink in ${sink.language}, ${SLOTS} slots, ${describe(settings)}`);
    if (settings.peers === "all") {
      systems.push(
        ...nodemailers(sink, settings, used),
        ...(await postfix(join(dir, "postfix"), sink, settings, used)),
      );
    }
    const runs = await alternate(systems, settings, sink);
    if (used) say(`${await checkSignatures(sink.copies(), record)} kept messages verified by mailauth`);
    return summarise(runs, settings, rig.postgresVersion, sink.language);
  } finally {
    for (const system of systems) await system.stop();
    await sink.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function alternate(systems: readonly System[], settings: Settings, sink: Sink): Promise<Map<string, Run[]>> {
  const expected = new Set(Array.from(members(settings.messages), ({ email }) => email));
  const runs = new Map<string, Run[]>();
  for (let round = 1; round <= settings.runs; round++) {
    for (const system of systems) {
      const result = await system.run(round);
      checkExactlyOnce(result.arrivals, expected);
      runs.set(system.name, [...(runs.get(system.name) ?? []), result]);
      say(`${round}. ${describeRun(system.name, result)}`);
    }
  }
  const { accepted } = await sink.figures();
  const all = systems.length * settings.runs * settings.messages;
  if (accepted !== all) throw new Error(`${accepted} messages arrived in all, ${all} were sent`);
  return runs;
}

function envoi(rig: Rig, sink: Sink, { messages }: Settings): System {
  const postgresCpu = () => (rig.postmaster === null ? null : cpuSecondsOfTree(rig.postmaster));
  return {
    name: "envoi",
    run: async (round) => {
      const delivery = await rig.prepare(`run ${round}`);
      const senders = await rig.startSenders();
      try {
        const pids = senders.pids();
        const before = { cpu: cpuSecondsOf(pids), database: postgresCpu() };
        const startedAt = performance.now();
        const finished = rig.finished(delivery).then(() => (performance.now() - startedAt) / 1000);
        const delivered = await measureRun(sink, messages, () => rig.confirm(delivery));
        const finishedSeconds = await finished;
        const cpu = per1000(cpuSecondsOf(pids), before.cpu, messages);
        const databaseCpu = per1000(postgresCpu(), before.database, messages);
        await checkCounters(rig, delivery, messages);
        return { ...delivered, cpu, databaseCpu, peakRssMb: peakRssMbOf(pids), finishedSeconds };
      } finally {
        await senders.stop();
      }
    },
    stop: () => rig.close(),
  };
}

/** What the database says must be what the sink saw. */
async function checkCounters({ ground: { db } }: Rig, delivery: number, messages: number): Promise<void> {
  const [row] = await db.query<Record<string, number>>(
    `select (select sum(sent) from delivery_parts where delivery_id = $1)::int as parts,
            (select sum(sent) from destination_counters where delivery_id = $1)::int as destinations,
            (select count(*) from messages m join delivery_parts p on p.id = m.part_id
              where p.delivery_id = $1 and m.status = 'sent' and m.attempts = 1) as messages,
            (select count(*) from message_attempts a join delivery_parts p on p.id = a.part_id
              where p.delivery_id = $1 and a.kind = 'accepted') as attempts`,
    [delivery],
  );
  const wrong = Object.entries(row ?? {}).filter(([, count]) => count !== messages);
  if (wrong.length > 0) throw new Error(`the database counts ${JSON.stringify(row)}, the sink ${messages}`);
}

/** One process, and as many as asked for: each sends its share over its share of the connections. */
function nodemailers(sink: Sink, settings: Settings, signing: Signing | null): System[] {
  const { messages, nodemailerProcesses } = settings;
  const counts = [...new Set([1, nodemailerProcesses])];
  return counts.map((processes) => ({
    name: processes === 1 ? "nodemailer" : `nodemailer in ${processes} processes`,
    run: async () => {
      const cut = (i: number) => Math.round((messages * i) / processes);
      const helpers = await Promise.all(
        Array.from({ length: processes }, (_, i) => {
          const connections = Math.ceil(PEER_CONNECTIONS / processes);
          const order: NodemailerOrder = {
            port: sink.ports[0] ?? 0,
            from: cut(i),
            to: cut(i + 1),
            connections,
            signing,
          };
          return startProcess(new URL("./nodemailer-process.ts", import.meta.url), order);
        }),
      );
      const pids = helpers.map(({ pid }) => pid);
      const before = cpuSecondsOf(pids);
      const delivered = await measureRun(sink, messages, async () => {
        for (const helper of helpers) helper.go();
      });
      await Promise.all(helpers.map((helper) => helper.done()));
      const cpu = per1000(cpuSecondsOf(pids), before, messages);
      const peakRssMb = peakRssMbOf(pids);
      await Promise.all(helpers.map((helper) => helper.stop()));
      return { ...delivered, cpu, peakRssMb };
    },
    stop: async () => {},
  }));
}

async function postfix(dir: string, sink: Sink, { messages }: Settings, signing: Signing | null): Promise<System[]> {
  const missing = whyNoPostfix(signing !== null);
  if (missing !== null) {
    say(`Postfix does not take part: ${missing}`);
    return [];
  }
  const relay = await startPostfix({ dir, signing, ports: sink.ports });
  const cpuOf = () => relay.roots.reduce<number | null>((sum, root) => add(sum, cpuSecondsOfTree(root)), 0);
  const order: InjectorOrder = { port: relay.port, messages, connections: INJECTOR_CONNECTIONS };
  return [
    {
      name: "postfix",
      run: async () => {
        const injector = await startProcess(new URL("./injector-process.ts", import.meta.url), order);
        const before = cpuOf();
        const delivered = await measureRun(sink, messages, async () => injector.go());
        await injector.done();
        const cpu = per1000(cpuOf(), before, messages);
        await injector.stop();
        return { ...delivered, cpu, peakRssMb: null };
      },
      stop: () => relay.stop(),
    },
  ];
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function per1000(after: number | null, before: number | null, messages: number): number | null {
  return after === null || before === null ? null : ((after - before) / messages) * 1000;
}

function summarise(runs: ReadonlyMap<string, readonly Run[]>, settings: Settings, postgres: string, sink: string) {
  const rate = (name: string) => medianOf((runs.get(name) ?? []).map((r) => r.messagesPerSecond));
  const of = (name: string, pick: (r: Run) => number | null | undefined) =>
    medianOf((runs.get(name) ?? []).map((r) => pick(r) ?? null));
  const own = rate("envoi");
  const ratio = (name: string) => {
    const other = rate(name);
    return own === null || other === null ? null : round(own / other, 1);
  };
  const figures = {
    messages: settings.messages,
    waiting: settings.waiting,
    senders: settings.senders,
    dkim: settings.dkim,
    runs: settings.runs,
    messagesPerSecond: round(own),
    cpuSecondsPer1000: round(
      of("envoi", (r) => r.cpu),
      3,
    ),
    databaseCpuSecondsPer1000: round(
      of("envoi", (r) => r.databaseCpu),
      3,
    ),
    sinkCpuSecondsPer1000: round(
      of("envoi", (r) => (r.sinkCpuSeconds / r.messages) * 1000),
      3,
    ),
    peakRssMb: of("envoi", (r) => r.peakRssMb),
    finishedSeconds: round(
      of("envoi", (r) => r.finishedSeconds),
      2,
    ),
    bytesPerMessage: of("envoi", (r) => r.bytesPerMessage),
    vsPostfix: ratio("postfix"),
    vsNodemailer: ratio("nodemailer"),
    peers: Object.fromEntries(
      [...runs.keys()]
        .filter((name) => name !== "envoi")
        .map((name) => [
          name,
          {
            messagesPerSecond: round(rate(name)),
            cpuSecondsPer1000: round(
              of(name, (r) => r.cpu),
              3,
            ),
            ratio: ratio(name),
          },
        ]),
    ),
    postgres,
    sink,
  };
  say(describeFigures(figures));
  return figures;
}

function describeFigures(f: {
  readonly messagesPerSecond: number | null;
  readonly vsPostfix: number | null;
  readonly vsNodemailer: number | null;
}): string {
  const times = (n: number | null) => (n === null ? "not measured" : `${n} times`);
  return `median ${f.messagesPerSecond} messages/s; Postfix: ${times(f.vsPostfix)}, nodemailer: ${times(f.vsNodemailer)}`;
}

function describe({ messages, runs, senders, waiting, dkim }: Settings): string {
  const waits = waiting > 0 ? `, ${waiting} recipients waiting` : "";
  return `${messages} messages ${dkim ? "signed with RSA-2048" : "unsigned"}, ${senders} sender(s), ${runs} run(s)${waits}`;
}

function describeRun(name: string, r: Run): string {
  const parts = [
    `${name}: ${Math.round(r.messagesPerSecond)}/s in ${r.seconds.toFixed(2)} s`,
    `CPU ${round(r.cpu, 3)} s per 1,000`,
    ...(r.databaseCpu === undefined ? [] : [`PostgreSQL ${round(r.databaseCpu, 3)}`]),
    `sink ${round((r.sinkCpuSeconds / r.messages) * 1000, 3)}`,
    ...(r.peakRssMb === null ? [] : [`${r.peakRssMb} MB`]),
    `${r.bytesPerMessage} bytes`,
    `${r.connections} connections`,
    ...(r.finishedSeconds === undefined ? [] : [`finished after ${r.finishedSeconds.toFixed(2)} s`]),
  ];
  return parts.join(", ");
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
