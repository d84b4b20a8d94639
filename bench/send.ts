/**
 * Benchmark of sending: one campaign of personal, signed messages of about 10 kB to 20 destinations, from confirmation to
 * the reply to the last message; and the same campaign through nodemailer and through Postfix with opendkim, into the
 * same receiving server, in turn. bench/README.md says what is measured and what is not.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DOMAINS, makeSigning, members, SLOTS, type Signing } from "./campaign.ts";
import { openRig } from "./envoi-rig.ts";
import { checkExactlyOnce, checkSignatures, medianOf, round } from "./measure.ts";
import { whyNoPostfix } from "./postfix.ts";
import { startSink, type Sink } from "./start-sink.ts";
import { envoi, nodemailer, postfix, type Run, type System } from "./systems.ts";

type SendSettings = {
  readonly messages: number;
  readonly senders: number;
  readonly waiting: number;
  readonly runs: number;
  readonly dkim: boolean;
  readonly peers: "all" | "none";
  readonly nodemailerProcesses: number;
  readonly connections: number | null;
  readonly profileDir: string | null;
};

const DEFAULTS: SendSettings = {
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

export async function run(options: Partial<SendSettings> = {}) {
  const settings = { ...DEFAULTS, ...options };
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const { signing, record } = makeSigning();
  const used = settings.dkim ? signing : null;
  const sink = await startSink({ dir: join(dir, "sink"), ports: DOMAINS, copyEvery: COPY_EVERY });
  const systems: System[] = [];
  try {
    const rig = await openRig({ ...settings, dir, signing: used, ports: sink.ports });
    systems.push(envoi(rig, sink, settings.messages));
    say(`PostgreSQL ${rig.postgresVersion}, sink in ${sink.language}, ${SLOTS} slots, ${describe(settings)}`);
    if (settings.peers === "all") await addPeers(systems, join(dir, "postfix"), sink, settings, used);
    const runs = await alternate(systems, settings, sink);
    if (used) say(`${await checkSignatures(sink.copies(), record)} kept messages verified by mailauth`);
    return summarise(runs, settings, rig.postgresVersion, sink.language);
  } finally {
    for (const system of systems) await system.stop();
    await sink.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Added one by one, so that those that were started are stopped when a later one cannot be. */
async function addPeers(
  systems: System[],
  dir: string,
  sink: Sink,
  { messages, nodemailerProcesses }: SendSettings,
  signing: Signing | null,
): Promise<void> {
  for (const processes of new Set([1, nodemailerProcesses])) {
    systems.push(nodemailer(sink, messages, processes, signing));
  }
  const missing = whyNoPostfix(signing !== null);
  if (missing !== null) return say(`Postfix does not take part: ${missing}`);
  const relay = await postfix(dir, sink, messages, signing);
  systems.push(relay);
  say(`Postfix ${relay.version}${signing ? " with opendkim" : ""}`);
}

async function alternate(systems: readonly System[], settings: SendSettings, sink: Sink): Promise<Map<string, Run[]>> {
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

function summarise(runs: ReadonlyMap<string, readonly Run[]>, settings: SendSettings, postgres: string, sink: string) {
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

function describe({ messages, runs, senders, waiting, dkim }: SendSettings): string {
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
