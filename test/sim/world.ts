/** A world: who receives, how they behave and when, what is sent, and what happens to the sender. Drawn from a seed, plain data. */
import type { MxRule, Range } from "../../src/core/shaping/rule.ts";
import { type Duration, HOUR, MINUTE } from "../../src/core/time.ts";
import { type Random, randomOf } from "./random.ts";

/** Saturday noon; durations in worlds count from here. */
export const START = Date.parse("2026-11-21T12:00:00Z");

export type Span = { readonly from: Duration; readonly to: Duration };

/**
 * `unreachable`: no connection; `silent`: connected and never a greeting; `shut`: 421 for a greeting; `deferring`: 451 for
 * every recipient; `unknown`: 550 5.1.1 for every recipient, wrongly; `dns`: no answer about its domains.
 */
export type Outage = Span & {
  readonly kind: "unreachable" | "silent" | "shut" | "deferring" | "unknown" | "dns";
};

export type SitePlan = { readonly mx: readonly string[]; readonly domains: readonly string[] };

export type ProviderPlan = {
  readonly name: string;
  readonly sites: readonly SitePlan[];
  /** What we were told to keep to. */
  readonly rule: MxRule;
  /** One round trip. */
  readonly latency: Range;
  /** What it does not tell and answers with 421 and 451. Per source; null: no limit. */
  readonly hidden: {
    readonly connections: number | null;
    readonly perHour: number | null;
    readonly perConnection: number | null;
  };
  readonly greylists: boolean;
  readonly outages: readonly Outage[];
  readonly unknownShare: number;
  readonly refusedShare: number;
  /** This source finds its door closed. */
  readonly blocked: (Span & { readonly source: string }) | null;
  /** Share of messages at which the connection breaks: before the dot, and after it (taken or not). */
  readonly breaks: { readonly before: number; readonly after: number };
  readonly brokenTls: boolean;
};

export type Priority = "very-low" | "low" | "normal" | "high" | "very-high";

export type DeliveryPlan = {
  readonly id: number;
  readonly startsAt: Duration;
  readonly validFor: Duration;
  readonly priority: Priority;
  readonly inDoubtPolicy: "retry" | "hold";
  readonly pool: readonly string[];
  /** Recipients by domain; mixed parts hold several domains. */
  readonly recipients: readonly (readonly [domain: string, count: number])[];
  readonly partSize: number;
};

export type Incident = { readonly at: Duration } & (
  | { readonly kind: "restart" }
  | { readonly kind: "kill"; readonly downFor: Duration }
  | { readonly kind: "jump"; readonly by: Duration }
  | { readonly kind: "rule"; readonly rule: MxRule }
  | { readonly kind: "pause"; readonly delivery: number; readonly lasts: Duration }
);

export type World = {
  readonly seed: number;
  readonly sources: readonly string[];
  readonly providers: readonly ProviderPlan[];
  readonly deliveries: readonly DeliveryPlan[];
  readonly incidents: readonly Incident[];
};

export function drawWorld(seed: number): World {
  const random = randomOf(seed);
  const sources = Array.from({ length: random.int(1, 3) }, (_, i) => `source-${i + 1}`);
  const providers = Array.from({ length: random.int(2, 6) }, (_, i) => drawProvider(random.fork(`p${i}`), i, sources));
  const deliveries = Array.from({ length: random.int(1, 3) }, (_, i) =>
    drawDelivery(random.fork(`d${i}`), i + 1, providers, sources),
  );
  return { seed, sources, providers, deliveries, incidents: drawIncidents(random.fork("i"), providers, deliveries) };
}

export function ruleOf(name: string, changes: Partial<MxRule> = {}): MxRule {
  return {
    name,
    origin: "shipped",
    mx: [`*.${name}.example`],
    sources: null,
    countedPer: "site",
    isShared: false,
    connections: { min: 1, max: 10 },
    messagesPerConnection: 50,
    messagesPerHour: null,
    connectionsPerMinute: null,
    timeouts: { connect: null, data: null, other: null },
    tls: "opportunistic",
    ...changes,
  };
}

/** A provider that takes everything at once; tests change what they are about. */
export function providerOf(name: string, changes: Partial<ProviderPlan> = {}): ProviderPlan {
  return {
    name,
    sites: [siteOf(name, 0, 2, 2)],
    rule: ruleOf(name),
    latency: { min: 20, max: 40 },
    hidden: { connections: null, perHour: null, perConnection: null },
    greylists: false,
    outages: [],
    unknownShare: 0,
    refusedShare: 0,
    blocked: null,
    breaks: { before: 0, after: 0 },
    brokenTls: false,
    ...changes,
  };
}

export function siteOf(provider: string, n: number, hosts: number, domains: number): SitePlan {
  return {
    mx: Array.from({ length: hosts }, (_, i) => `mx${i + 1}.s${n}.${provider}.example`),
    domains: Array.from({ length: domains }, (_, i) => `d${i}-s${n}-${provider}.example`),
  };
}

function drawProvider(random: Random, n: number, sources: readonly string[]): ProviderPlan {
  const name = `p${n}`;
  const maybe = <T>(probability: number, draw: () => T): T | null => (random.chance(probability) ? draw() : null);
  return providerOf(name, {
    sites: Array.from({ length: random.int(1, 4) }, (_, i) => siteOf(name, i, random.int(1, 3), random.int(1, 3))),
    rule: drawRule(random, name),
    latency: random.chance(0.15) ? { min: 2000, max: 20_000 } : { min: random.int(5, 40), max: random.int(41, 300) },
    hidden: {
      connections: maybe(0.3, () => random.int(1, 5)),
      perHour: maybe(0.3, () => random.int(100, 2000)),
      perConnection: maybe(0.2, () => random.int(1, 20)),
    },
    greylists: random.chance(0.25),
    outages: Array.from({ length: random.chance(0.5) ? random.int(1, 2) : 0 }, () => drawOutage(random)),
    unknownShare: random.chance(0.5) ? random.next() * 0.1 : 0,
    refusedShare: random.chance(0.3) ? random.next() * 0.05 : 0,
    blocked: maybe(0.15, () => ({ source: random.pick(sources), ...drawSpan(random, 6 * HOUR) })),
    breaks: random.chance(0.3)
      ? { before: random.next() * 0.05, after: random.next() * 0.05 }
      : { before: 0, after: 0 },
    brokenTls: random.chance(0.1),
  });
}

/** Never so slow that a day is not enough for what worlds send. */
function drawRule(random: Random, name: string): MxRule {
  const connections = random.int(1, 20);
  const perHour = random.chance(0.5) ? random.int(120, 6000) : null;
  return ruleOf(name, {
    countedPer: random.chance(0.3) ? "rule" : "site",
    isShared: random.chance(0.2),
    connections: { min: random.int(1, Math.max(1, connections >> 1)), max: connections },
    messagesPerConnection: random.int(1, 100),
    messagesPerHour: perHour === null ? null : { min: Math.max(60, random.int(perHour >> 2, perHour)), max: perHour },
    connectionsPerMinute: random.chance(0.3) ? random.int(10, 120) : null,
  });
}

function drawOutage(random: Random): Outage {
  const kinds = ["unreachable", "silent", "shut", "deferring", "unknown", "dns"] as const;
  return { kind: random.pick(kinds), ...drawSpan(random, 5 * HOUR) };
}

function drawSpan(random: Random, longest: Duration): Span {
  const from = random.int(0, 2 * HOUR);
  return { from, to: from + random.int(MINUTE, longest) };
}

function drawDelivery(
  random: Random,
  id: number,
  providers: readonly ProviderPlan[],
  sources: readonly string[],
): DeliveryPlan {
  const priorities = ["very-low", "low", "normal", "high", "very-high"] as const;
  const domains = providers.flatMap(({ sites }) => sites.flatMap((site) => site.domains));
  const recipients = domains.flatMap((domain) =>
    random.chance(0.7) ? [[domain, random.chance(0.2) ? random.int(20, 120) : random.int(1, 15)] as const] : [],
  );
  return {
    id,
    startsAt: random.int(0, HOUR),
    validFor: random.chance(0.3) ? random.int(10 * MINUTE, 3 * HOUR) : random.int(12 * HOUR, 60 * HOUR),
    priority: random.pick(priorities),
    inDoubtPolicy: random.chance(0.8) ? "retry" : "hold",
    pool: random.chance(0.7) ? sources : [random.pick(sources)],
    recipients: recipients.length > 0 ? recipients : [[random.pick(domains), 5]],
    partSize: random.pick([10, 50, 200]),
  };
}

function drawIncidents(
  random: Random,
  providers: readonly ProviderPlan[],
  deliveries: readonly DeliveryPlan[],
): readonly Incident[] {
  const incidents: Incident[] = [];
  const some = (most: number, within: Duration, draw: (at: Duration) => Incident) => {
    for (let i = random.int(0, most); i > 0; i--) incidents.push(draw(random.int(1000, within)));
  };
  some(2, 4 * HOUR, (at) => ({ kind: "restart", at }));
  some(2, 4 * HOUR, (at) => ({ kind: "kill", at, downFor: random.int(0, 10 * MINUTE) }));
  some(2, 3 * HOUR, (at) => ({ kind: "rule", at, rule: drawRule(random, random.pick(providers).name) }));
  some(1, 2 * HOUR, (at) => ({
    kind: "pause",
    at,
    delivery: random.pick(deliveries).id,
    lasts: random.int(MINUTE, 30 * MINUTE),
  }));
  return incidents.sort((a, b) => a.at - b.at);
}

/** When the last of the provider's troubles, and of the sender's own, is over. */
export function recoveryOf(world: World, provider: string): Duration {
  const plan = world.providers.find(({ name }) => name === provider);
  const spans = [...(plan?.outages ?? []), ...(plan?.blocked ? [plan.blocked] : [])];
  const incidents = world.incidents.map((incident) => {
    if (incident.kind === "pause") return incident.at + incident.lasts;
    return incident.at + (incident.kind === "kill" ? incident.downFor : MINUTE);
  });
  const begins = world.deliveries.map(({ startsAt }) => startsAt);
  return Math.max(0, ...spans.map(({ to }) => to), ...incidents, ...begins);
}
