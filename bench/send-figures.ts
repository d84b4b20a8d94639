/** What `send` is asked for, and its figures from its runs; bench/README.md says what each means. */
import type { Size } from "./campaign.ts";
import { medianOf, round } from "./measure.ts";
import type { Run } from "./systems.ts";

export type SendSettings = {
  readonly messages: number;
  readonly senders: number;
  readonly waiting: number;
  readonly deferred: number;
  readonly runs: number;
  readonly dkim: boolean;
  readonly size: Size;
  readonly domains: number;
  /** Milliseconds of the receiving server. */
  readonly latency: number;
  readonly smart: boolean;
  readonly tls: boolean;
  readonly peers: "all" | "none";
  readonly nodemailerProcesses: number;
  readonly connections: number | null;
  readonly profileDir: string | null;
};

/** Runs by system, and what the machine signs, measured between them. */
export type Measured = { readonly runs: ReadonlyMap<string, readonly Run[]>; readonly rsa: readonly (number | null)[] };

type Figure = (run: Run) => number | null | undefined;

export function summarise({ runs, rsa }: Measured, settings: SendSettings, smartName: string) {
  const of = (name: string, pick: Figure) => medianOf((runs.get(name) ?? []).map((run) => pick(run) ?? null));
  const rate = (name: string) => of(name, (run) => run.messagesPerSecond);
  const own = rate("envoi");
  const ratio = (name: string, digits = 1) => {
    const other = rate(name);
    return own === null || other === null ? null : round(own / other, digits);
  };
  const signatures = medianOf(rsa);
  const peers = [...runs.keys()].filter((name) => name !== "envoi" && name !== smartName);
  const { messages, size, domains, waiting, senders, dkim, latency, tls } = settings;
  return {
    messages,
    size,
    domains,
    waiting,
    senders,
    dkim,
    latency,
    tls,
    runs: settings.runs,
    messagesPerSecond: round(own),
    ...usageOf("envoi", of),
    finishedSeconds: round(
      of("envoi", (run) => run.finishedSeconds),
      2,
    ),
    bytesPerMessage: of("envoi", (run) => run.bytesPerMessage),
    rsaSignaturesPerSecond: round(signatures),
    rsaShare: own === null || signatures === null ? null : round(own / signatures, 3),
    vsPostfix: ratio("postfix"),
    vsNodemailer: ratio("nodemailer"),
    vsNodemailer2: ratio("nodemailer in 2 processes"),
    smart: settings.smart ? smartOf(smartName, own, of) : null,
    peers: Object.fromEntries(
      peers.map((name) => [
        name,
        {
          messagesPerSecond: round(rate(name)),
          cpuSecondsPer1000: round(
            of(name, (run) => run.cpu),
            3,
          ),
          ratio: ratio(name),
        },
      ]),
    ),
  };
}

type Of = (name: string, pick: Figure) => number | null;

function usageOf(name: string, of: Of) {
  return {
    cpuSecondsPer1000: round(
      of(name, (run) => run.cpu),
      3,
    ),
    databaseCpuSecondsPer1000: round(
      of(name, (run) => run.databaseCpu),
      3,
    ),
    sinkCpuSecondsPer1000: round(
      of(name, (run) => (run.sinkCpuSeconds / run.messages) * 1000),
      3,
    ),
    peakRssMb: of(name, (run) => run.peakRssMb),
  };
}

function smartOf(name: string, plain: number | null, of: Of) {
  const rate = of(name, (run) => run.messagesPerSecond);
  return {
    messagesPerSecond: round(rate),
    /** Of the rate with the plain server, in the same runs. */
    share: rate === null || plain === null ? null : round(rate / plain, 2),
    tailSeconds: round(
      of(name, (run) => run.tailSeconds),
      1,
    ),
    refused: of(name, (run) => run.refused),
    deferred: of(name, (run) => run.deferred),
    ...usageOf(name, of),
  };
}

export function describeFigures(f: ReturnType<typeof summarise>): string {
  const times = (n: number | null) => (n === null ? "not measured" : `${n} times`);
  const share = f.rsaShare === null ? "" : `, ${Math.round(f.rsaShare * 100)} % of bare RSA-2048`;
  const smart = f.smart === null ? "" : `, smart server ${f.smart.messagesPerSecond}/s`;
  return `median ${f.messagesPerSecond} messages/s${share}${smart}; Postfix: ${times(f.vsPostfix)}, nodemailer: ${times(f.vsNodemailer)}, in two processes: ${times(f.vsNodemailer2)}`;
}

export function describeRun(name: string, r: Run): string {
  const parts = [
    `${name}: ${Math.round(r.messagesPerSecond)}/s in ${r.seconds.toFixed(2)} s`,
    ...(r.deferred + r.refused > 0
      ? [`${r.refused} refused, ${r.deferred} put off, the last of them ${r.tailSeconds.toFixed(1)} s later`]
      : []),
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
