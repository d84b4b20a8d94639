/** The systems that the benchmark of sending compares: Envoi, nodemailer and Postfix with opendkim, each behind one shape. */
import type { Signing, Size } from "./campaign.ts";
import type { Rig } from "./envoi-rig.ts";
import type { InjectorOrder } from "./injector-process.ts";
import { type Delivered, measureRun } from "./measure.ts";
import type { NodemailerOrder } from "./nodemailer-process.ts";
import { startPostfix } from "./postfix.ts";
import { cpuSecondsOf, cpuSecondsOfTree, peakRssMbOf } from "./process-usage.ts";
import { startProcess } from "./start-process.ts";
import type { Sink } from "./start-sink.ts";

const PEER_CONNECTIONS = 50;
/** Each waits for Postfix's disk and milter at every message; fewer hand over more slowly than Postfix delivers. */
const INJECTOR_CONNECTIONS = 50;

/** One run; CPU seconds are per 1,000 messages. */
export type Run = Delivered & {
  readonly cpu: number | null;
  readonly databaseCpu?: number | null;
  readonly peakRssMb: number | null;
  readonly finishedSeconds?: number;
};

export type System = {
  readonly name: string;
  readonly run: (round: number) => Promise<Run>;
  readonly stop: () => Promise<void>;
  /** Of the peer's programs, where they tell. */
  readonly version?: string;
};

/** `name`: of the kind of receiving server, when there are several. */
export function envoi(rig: Rig, sink: Sink, messages: number, name = "envoi"): System {
  const postgresCpu = () => (rig.postmaster === null ? null : cpuSecondsOfTree(rig.postmaster));
  return {
    name,
    run: async (round) => {
      const delivery = await rig.prepare(`${name} ${round}`, {}, sink.ports);
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
        await checkCounters(rig, delivery, delivered);
        await rig.forgetQuarantine();
        return { ...delivered, cpu, databaseCpu, peakRssMb: peakRssMbOf(pids), finishedSeconds };
      } finally {
        await senders.stop();
      }
    },
    // The rig is the caller's: there may be several systems on it.
    stop: async () => {},
  };
}

/** What the database says must be what the sink saw. */
async function checkCounters({ ground: { db } }: Rig, delivery: number, seen: Delivered): Promise<void> {
  const [row] = await db.query<Record<string, number>>(
    `select (select sum(sent) from delivery_parts where delivery_id = $1)::int as "sentOfParts",
            (select sum(failed) from delivery_parts where delivery_id = $1)::int as "failedOfParts",
            (select sum(sent) from destination_counters where delivery_id = $1)::int as "sentOfDestinations",
            (select count(*) from messages m join delivery_parts p on p.id = m.part_id
              where p.delivery_id = $1 and m.status = 'sent')::int as sent,
            (select count(*) from messages m join delivery_parts p on p.id = m.part_id
              where p.delivery_id = $1 and m.attempts = 1)::int as "attemptedOnce",
            (select count(*) from message_attempts a join delivery_parts p on p.id = a.part_id
              where p.delivery_id = $1 and a.kind = 'accepted')::int as accepted,
            (select count(*) from message_attempts a join delivery_parts p on p.id = a.part_id
              where p.delivery_id = $1 and a.kind = 'refused')::int as refused`,
    [delivery],
  );
  const { messages, accepted, refused, deferred } = seen;
  const expected = {
    sentOfParts: accepted,
    failedOfParts: refused,
    sentOfDestinations: accepted,
    sent: accepted,
    attemptedOnce: messages - deferred,
    accepted,
    refused: refused + deferred,
  };
  const wrong = Object.entries(expected).filter(([name, count]) => row?.[name] !== count);
  if (wrong.length > 0)
    throw new Error(`the database counts ${JSON.stringify(row)}, the sink ${JSON.stringify(expected)}`);
}

/** What the peers are to do besides. */
export type PeerOptions = {
  readonly sink: Sink;
  readonly messages: number;
  readonly signing: Signing | null;
  readonly size: Size;
  readonly tls: boolean;
};

/** A program on nodemailer in so many processes; each sends its share over its share of the connections. */
export function nodemailer({ sink, messages, ...rest }: PeerOptions, processes: number): System {
  const cut = (i: number) => Math.round((messages * i) / processes);
  const connections = Math.ceil(PEER_CONNECTIONS / processes);
  const start = (_: unknown, i: number) => {
    const domains = sink.ports.length;
    const order: NodemailerOrder = {
      ...rest,
      port: sink.ports[0] ?? 0,
      from: cut(i),
      to: cut(i + 1),
      connections,
      domains,
    };
    return startProcess(new URL("./nodemailer-process.ts", import.meta.url), order);
  };
  return {
    name: processes === 1 ? "nodemailer" : `nodemailer in ${processes} processes`,
    run: async () => {
      const helpers = await Promise.all(Array.from({ length: processes }, start));
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
  };
}

/** Postfix and opendkim keep running from run to run; an injector hands them the messages. */
export async function postfix(dir: string, { sink, messages, signing, size, tls }: PeerOptions): Promise<System> {
  const relay = await startPostfix({ dir, signing, ports: sink.ports, tls });
  const cpuOf = () => relay.roots.reduce<number | null>((sum, root) => add(sum, cpuSecondsOfTree(root)), 0);
  const domains = sink.ports.length;
  const order: InjectorOrder = { port: relay.port, messages, connections: INJECTOR_CONNECTIONS, domains, size };
  return {
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
    version: relay.version,
  };
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function per1000(after: number | null, before: number | null, messages: number): number | null {
  return after === null || before === null ? null : ((after - before) / messages) * 1000;
}
