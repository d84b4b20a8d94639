/** The sending engine of one process without database and sockets, under vitest's fake timers: real dispatch, shaper, sources and lanes. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

import type { Restriction } from "../src/core/shaping/restriction.ts";
import type { MxRule, Reaction, ShapingFiles } from "../src/core/shaping/rule.ts";
import type { Pool, Source } from "../src/core/shaping/source.ts";
import type { Outcome } from "../src/core/smtp/outcome.ts";
import { DAY } from "../src/core/time.ts";
import { loadRules } from "../src/features/bounces/index.ts";
import { SYSTEM_TIMERS, systemClock } from "../src/mta/clock.ts";
import type { CopyFirst } from "../src/mta/copy-first.ts";
import { createDispatch, type DispatchOptions } from "../src/mta/dispatch.ts";
import { type HeldPart, holdPart } from "../src/mta/held-part.ts";
import type { OutcomeRecord } from "../src/mta/outcome-record.ts";
import type { SendableDelivery } from "../src/mta/sendable-delivery.ts";
import type { OpenSession } from "../src/mta/session-port.ts";
import { createShaper, type Decided, type ShaperOptions } from "../src/mta/shaper.ts";
import { createSourceBook } from "../src/mta/source-book.ts";
import { createSpeedGate } from "../src/mta/speed-gate.ts";
import type { Lease, WaitingMessage } from "../src/mta/store.ts";
import { sendableOf } from "./sim/sendable.ts";

const bounceRules = await loadRules(fileURLToPath(new URL("../rules/bounces", import.meta.url)));

export const RULE: MxRule = {
  name: "default",
  origin: "shipped",
  mx: ["*"],
  sources: null,
  countedPer: "site",
  isShared: false,
  connections: { min: 1, max: 4 },
  messagesPerConnection: 100,
  messagesPerHour: null,
  connectionsPerMinute: null,
  timeouts: { connect: null, data: null, other: null },
  tls: "opportunistic",
};
export const ACCEPTED: Outcome = { kind: "accepted", reply: { code: 250, enhanced: null, lines: ["ok"] } };
export const FACTS = { mx: "mx.example.org", tls: null, durationMs: 1 };
export const EXAMPLE = { name: "example", label: "Example", mx: ["mx.example.org"], warmUp: null };

export function refused(code: number, text: string): Outcome {
  const stage = code === 421 || code === 554 ? "connect" : "dot";
  return { kind: "refused", stage, reply: { code, enhanced: null, lines: [text] } };
}

export function reactionTo(text: string, changes: Partial<Reaction>): Reaction {
  return {
    name: `on-${text}`,
    provider: null,
    stage: null,
    code: null,
    enhanced: null,
    text: [text],
    threshold: null,
    scope: "lane",
    action: { kind: "suspend" },
    duration: 0,
    alert: false,
    ...changes,
  };
}

export const filesWith = (changes: Partial<ShapingFiles> = {}): ShapingFiles => ({
  providers: [EXAMPLE],
  rules: [RULE],
  reactions: [],
  sweeps: [],
  ...changes,
});

export function sourceOf(id: number, changes: Partial<Source> = {}): Source {
  const name = `s${id}`;
  const address = { addressV4: `192.0.2.${id}`, addressV6: null, helo: `${name}.example.org` };
  return { id, name, ...address, sender: null, enabled: true, warmUp: "off", ...changes };
}

export function poolOf(...weights: readonly (readonly [source: number, weight: number])[]): Pool {
  return { id: 1, name: "default", members: weights.map(([source, weight]) => ({ source, weight })) };
}

export function restrictionOf(changes: Partial<Restriction>): Restriction {
  return {
    id: "r1",
    scope: { kind: "source", source: "s1" },
    effect: { kind: "suspend" },
    cause: { kind: "operator", rule: "somebody" },
    evidence: "because",
    since: 0,
    until: null,
    ...changes,
  };
}

export const NO_COPIES: CopyFirst = {
  wait: (_, goOn) => goOn(),
  debts: () => [],
  follow: () => [],
  obstacle: () => null,
  holdReason: () => null,
  waiting: () => 0,
  sweep: () => {},
  recall: () => {},
  takeMade: () => null,
};
const CRYPTO = {
  sha256Base64: (data: string | Uint8Array) => createHash("sha256").update(data).digest("base64"),
  sign: () => "",
};
export const NOTHING: Decided = { operatorRules: [], pins: [], restrictions: [], releases: [] };

type Sent = { readonly seq: number; readonly source: string | null; readonly host: string };

export type RigOptions = Partial<
  Pick<DispatchOptions, "routing" | "speed" | "isActive" | "openSession" | "copyFirst">
> &
  Partial<Pick<ShaperOptions, "index" | "of" | "files" | "warmUpOf" | "saved" | "onOutage">> & {
    readonly sources?: readonly Source[];
    readonly pools?: readonly Pool[];
    /** What the server says to a message; at its greeting instead when it says that. */
    readonly reply?: (source: string | null) => Outcome;
  };

export function dispatchIn(options: RigOptions = {}) {
  const clock = systemClock();
  const records: OutcomeRecord[] = [];
  const sent: Sent[] = [];
  let ids = 0;
  const { index = 0, of = 1 } = options;
  const sources = createSourceBook(index, of);
  const alive = Array.from({ length: of }, (_, i) => i);
  const useSources = (known: readonly Source[], pools: readonly Pool[]) =>
    sources.update({ sources: known, pools }, alive);
  useSources(options.sources ?? [], options.pools ?? []);
  const shaper = createShaper({
    index,
    of,
    files: options.files ?? filesWith(),
    clock,
    newId: () => `event-${++ids}`,
    warmUpOf: options.warmUpOf ?? (() => null),
    saved: options.saved ?? (() => undefined),
    onOutage: options.onOutage ?? (() => {}),
  });
  const reply = options.reply ?? (() => ACCEPTED);
  const openSession: OpenSession = ({ source, target, maxMessages }, callbacks) => {
    let count = 0;
    let busy = false;
    let quitting = false;
    let ended = false;
    const next = () => {
      if (busy || ended) return;
      const message = quitting || count === maxMessages ? null : callbacks.takeMessage();
      if (message === null) {
        ended = quitting || count === maxMessages;
        if (ended) callbacks.onEnd({ kind: "ended" });
        return;
      }
      busy = true;
      count++;
      setTimeout(() => {
        busy = false;
        if (message.kind === "message") sent.push({ seq: message.task.seq, source, host: target.host });
        callbacks.onOutcome(message, reply(source), FACTS);
        next();
      }, 5);
    };
    setTimeout(() => {
      const outcome = reply(source);
      if (outcome.kind !== "refused" || outcome.stage !== "connect") return next();
      ended = true;
      callbacks.onEnd({ kind: "failed", outcome, facts: FACTS });
    }, 5);
    return {
      wake: next,
      quit: () => {
        quitting = true;
        next();
      },
    };
  };
  const dispatch = createDispatch({
    bounceRules,
    routing: options.routing ?? directRouting(),
    shaper,
    sources,
    speed: options.speed ?? createSpeedGate(() => null),
    weightOf: () => 1,
    crypto: CRYPTO,
    openSession: options.openSession ?? openSession,
    mayTake: () => true,
    isActive: options.isActive ?? (() => true),
    copyFirst: options.copyFirst ?? (() => NO_COPIES),
    onRecord: (record) => void records.push(record),
    onMoved: () => {},
    onHold: () => {},
    onRouted: () => {},
    onReply: () => {},
    clock,
    timers: SYSTEM_TIMERS,
    random: () => 0.5,
  });

  /** Brings so many messages of a new part on their way. */
  const start = (
    count: number,
    delivery: Partial<SendableDelivery> = {},
    row: Partial<WaitingMessage> = {},
    lease: Partial<Lease> = {},
  ): HeldPart => {
    const id = delivery.id ?? 1;
    const domain = "one.example";
    const held = { partId: id, deliveryId: id, domain, epoch: 1, takenOver: false, ...lease };
    const part = holdPart(held, { ...sendable(), ...delivery });
    part.outstanding = count;
    for (let seq = 0; seq < count; seq++) dispatch.start(part, messageOf(seq, row), []);
    return part;
  };
  const decide = (changes: Partial<Decided>) => shaper.decide({ ...NOTHING, ...changes });
  return { dispatch, shaper, useSources, decide, start, records, sent, clock };
}

export function sendable(): SendableDelivery {
  const plan = {
    id: 1,
    startsAt: 0,
    validFor: DAY,
    priority: "normal",
    inDoubtPolicy: "retry",
    pool: [],
    recipients: [],
    partSize: 100,
  } as const;
  return { ...sendableOf(plan, Date.now()), wish: { pool: null, source: null } };
}

function messageOf(seq: number, changes: Partial<WaitingMessage>): WaitingMessage {
  const fresh = { vars: {}, status: "pending", attempts: 0, type: null, reason: null, digest: null } as const;
  return { seq, address: `p${seq}@one.example`, ...fresh, relayed: false, firstAttemptAt: null, ...changes };
}

/** Every domain has one server. */
export function directRouting(mxHost = "mx.example.org"): DispatchOptions["routing"] {
  return {
    transport: "direct",
    relays: [],
    relayProfile: "classic",
    routes: {},
    sandboxRoutes: null,
    resolver: {
      resolveMx: async () => ({ kind: "found", targets: [{ host: mxHost, preference: 10 }], secure: false }),
      resolveAddresses: async () => ({ kind: "found", addresses: ["198.51.100.1"] }),
      tlsaFor: async () => ({ kind: "none" }),
    },
    stsPolicyFor: async () => null,
  };
}
