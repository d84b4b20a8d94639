/**
 * Benchmark of sending: one campaign of personal, signed messages to as many destinations as asked for, from confirmation to the first
 * answer to the last message; and the same campaign through nodemailer and through Postfix with opendkim, into the same receiving
 * server, in turn. bench/README.md says what is measured and what is not.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeSigning, members, SLOTS } from "./campaign.ts";
import { openRig, type Rig } from "./envoi-rig.ts";
import { checkExactlyOnce, checkSignatures } from "./measure.ts";
import { whyNoPostfix } from "./postfix.ts";
import { runStorm } from "./retry-storm.ts";
import { rsaSignaturesPerSecond } from "./rsa-speed.ts";
import { describeFigures, describeRun, type Measured, type SendSettings, summarise } from "./send-figures.ts";
import { startSink, type Sink } from "./start-sink.ts";
import { envoi, nodemailer, type PeerOptions, postfix, type Run, type System } from "./systems.ts";

const DEFAULTS: SendSettings = {
  messages: 20_000,
  senders: 1,
  waiting: 0,
  deferred: 0,
  runs: 5,
  dkim: true,
  size: "10k",
  domains: 20,
  latency: 0,
  smart: false,
  tls: false,
  peers: "all",
  nodemailerProcesses: 2,
  connections: null,
  profileDir: null,
};
/** Messages kept to verify their signatures: one in so many. */
const COPY_EVERY = 500;
/** Of the smart server. */
const SMART_LATENCY = 20;
/** The system whose receiving server refuses and delays; its peer is Envoi with the plain one. */
const SMART = "envoi-smart";

export async function run(options: Partial<SendSettings> = {}) {
  const settings = { ...DEFAULTS, ...options };
  const dir = mkdtempSync(join(tmpdir(), "envoi-bench-"));
  chmodSync(dir, 0o755);
  const { signing, record } = makeSigning();
  const used = settings.dkim ? signing : null;
  const sinks: Sink[] = [];
  const systems: System[] = [];
  let rig: Rig | null = null;
  const open = async (name: string, latency: number, smart: boolean) => {
    const { domains: ports, tls } = settings;
    const sink = await startSink({ dir: join(dir, name), ports, copyEvery: COPY_EVERY, latency, smart, tls });
    sinks.push(sink);
    return sink;
  };
  try {
    const sink = await open("sink", settings.latency, false);
    rig = await openRig({ ...settings, dir, signing: used, ports: sink.ports });
    systems.push(envoi(rig, sink, settings.messages));
    if (settings.smart) {
      systems.push(
        envoi(rig, await open("smart-sink", settings.latency || SMART_LATENCY, true), settings.messages, SMART),
      );
    }
    say(`PostgreSQL ${rig.postgresVersion}, sink in ${sink.language}, ${SLOTS} slots, ${describe(settings)}`);
    if (settings.peers === "all")
      await addPeers(systems, join(dir, "postfix"), settings, { ...settings, sink, signing: used });
    const measured = await alternate(systems, settings);
    const storm = settings.deferred > 0 ? await runStorm(rig, sink, settings.deferred) : null;
    if (used) {
      for (const kept of sinks)
        say(`${await checkSignatures(kept.copies(), record)} kept messages verified by mailauth`);
    }
    const figures = {
      ...summarise(measured, settings, SMART),
      storm,
      postgres: rig.postgresVersion,
      sink: sink.language,
    };
    say(describeFigures(figures));
    return figures;
  } finally {
    for (const system of systems) await system.stop();
    await rig?.close();
    for (const sink of sinks) await sink.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Added one by one, so that those that were started are stopped when a later one cannot be. */
async function addPeers(systems: System[], dir: string, settings: SendSettings, options: PeerOptions): Promise<void> {
  for (const processes of new Set([1, settings.nodemailerProcesses])) systems.push(nodemailer(options, processes));
  const missing = whyNoPostfix(settings.dkim);
  if (missing !== null) return say(`Postfix does not take part: ${missing}`);
  const relay = await postfix(dir, options);
  systems.push(relay);
  say(`Postfix ${relay.version}${settings.dkim ? " with opendkim" : ""}`);
}

async function alternate(systems: readonly System[], settings: SendSettings): Promise<Measured> {
  const expected = new Set(Array.from(members(settings.messages, settings.domains), ({ email }) => email));
  const runs = new Map<string, Run[]>();
  const rsa: (number | null)[] = [];
  for (let round = 1; round <= settings.runs; round++) {
    if (settings.dkim) rsa.push(rsaSignaturesPerSecond());
    for (const system of systems) {
      const result = await system.run(round);
      checkExactlyOnce(result.arrivals, expected);
      runs.set(system.name, [...(runs.get(system.name) ?? []), result]);
      say(`${round}. ${describeRun(system.name, result)}`);
    }
  }
  return { runs, rsa };
}

function describe(settings: SendSettings): string {
  const { messages, size, domains, dkim, senders, runs, waiting, deferred, latency, smart, tls } = settings;
  const parts = [
    `${messages} messages of ${size} to ${domains} domains ${dkim ? "signed with RSA-2048" : "unsigned"}`,
    `${senders} sender(s), ${runs} run(s)`,
    ...(waiting > 0 ? [`${waiting} recipients waiting`] : []),
    ...(deferred > 0 ? [`a storm of ${deferred} retries at the end`] : []),
    ...(latency > 0 ? [`answers after ${latency} ms`] : []),
    ...(smart ? [`a server that refuses in turn`] : []),
    ...(tls ? ["TLS"] : []),
  ];
  return parts.join(", ");
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
