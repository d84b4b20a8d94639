/**
 * Sites that are alike become one group: same provider, same limits, nothing known of their own, about as many messages. So the long tail of
 * a large delivery (tens of thousands of sites with some messages each) costs a plan no more than the fifty sites that matter.
 */
import { effectiveOf, type RestrictionIndex } from "../../core/shaping/effective.ts";
import { mxRuleOf, providerOf } from "../../core/shaping/match.ts";
import type { Growing, PlanGroup, PlanLane, PlanThrottle } from "../../core/shaping/plan-input.ts";
import type { Pin } from "../../core/shaping/restriction.ts";
import type { MxRule, Provider } from "../../core/shaping/rule.ts";
import type { Instant } from "../../core/time.ts";
import type { ChosenSource } from "./choose-sources.ts";
import { indexMasks } from "./index-masks.ts";
import type { LaneNow } from "./store.ts";

/** All messages that go to one site, or to several that nobody knows. */
export type SiteLoad = {
  readonly site: string;
  sites: number;
  readonly mx: readonly string[];
  messages: number;
  notLookedUp: number;
  /** By delivery. */
  readonly others: Map<number, { weight: number; messages: number }>;
};

export type Acceptance = { readonly deferredFirst: number; readonly secondsPerMessage: number };

export type GroupingFacts = {
  readonly providers: readonly Provider[];
  readonly rules: readonly MxRule[];
  readonly sources: readonly ChosenSource[];
  readonly restrictions: RestrictionIndex;
  readonly lanes: ReadonlyMap<string, LaneNow>;
  readonly pins: ReadonlyMap<string, Pin>;
  readonly deliveryId: number;
  readonly dkimDomains: readonly string[];
  readonly acceptanceOf: (provider: string) => Acceptance;
  readonly now: Instant;
};

/** With greeting, EHLO and TLS. */
const SECONDS_PER_CONNECTION = 1;
/** Sites of a group have the same number of messages up to this factor. */
const LIKENESS = Math.SQRT2;

export const laneKey = (source: string, site: string) => `${source}\n${site}`;

/** A lane before lanes that are alike are put together. */
type SiteLane = {
  readonly lane: Omit<PlanLane, "throttle">;
  readonly throttle: PlanThrottle;
  readonly shared: string | null;
};
type Group = { -readonly [K in keyof PlanGroup]: PlanGroup[K] };

export function groupSites(
  facts: GroupingFacts,
  loads: readonly SiteLoad[],
): { readonly groups: readonly PlanGroup[]; readonly throttles: readonly PlanThrottle[] } {
  const groups = new Map<string, { group: Group; own: number[] }>();
  const throttles: PlanThrottle[] = [];
  const shared = new Map<string, number>();
  const throttleOf = (throttle: PlanThrottle, key: string | null): number => {
    const known = key === null ? undefined : shared.get(key);
    if (known !== undefined) return known;
    const index = throttles.push(throttle) - 1;
    if (key !== null) shared.set(key, index);
    return index;
  };
  const providersFor = indexMasks(facts.providers);
  const rulesFor = indexRules(facts);
  for (const load of loads) {
    const provider = providerOf(providersFor(load.mx), load.mx);
    const rules = rulesFor(load.mx);
    const lanes = facts.sources.map((_, i) => laneOf(facts, load, provider, i, rules[i] ?? lastOf(facts.rules)));
    const key = likeness(load, provider, lanes);
    const known = groups.get(key);
    if (known) {
      join(known.group, load);
      // Limits that each site has for itself grow with the sites.
      for (const index of known.own) throttles[index] = onceMore(throttles[index], load.sites);
      continue;
    }
    const indexes = lanes.map(({ throttle, shared: name }) => throttleOf(throttle, name));
    const own = indexes.filter((_, i) => lanes[i]?.shared === null || isOfSite(lanes[i]?.shared ?? ""));
    groups.set(key, {
      group: groupOf(facts, load, provider, lanes, indexes),
      own: [...new Set(own)],
    });
  }
  return { groups: [...groups.values()].map(({ group }) => group), throttles };
}

/** For the MX hosts of a site, the rule of each source. Sources that no rule tells from each other are asked for once. */
function indexRules({ rules, sources }: GroupingFacts): (mx: readonly string[]) => readonly MxRule[] {
  const special = rules.filter((rule) => rule.sources !== null);
  const kinds = sources.map(({ id }) =>
    special.map((rule) => id !== null && id >= (rule.sources?.from ?? 0) && id <= (rule.sources?.to ?? 0)).join(),
  );
  const firsts = kinds.map((kind) => kinds.indexOf(kind));
  const candidates = indexMasks(rules);
  return (mx) => {
    const possible = candidates(mx);
    const found: MxRule[] = [];
    firsts.forEach((first, i) => {
      found.push(first < i ? (found[first] ?? lastOf(rules)) : mxRuleOf(possible, mx, sources[i]?.id ?? null));
    });
    return found;
  };
}

function lastOf(rules: readonly MxRule[]): MxRule {
  const last = rules.at(-1);
  if (!last) throw new Error("there is no MX rule");
  return last;
}

function onceMore(throttle: PlanThrottle | undefined, sites: number): PlanThrottle {
  if (!throttle) throw new Error("a group without its throttle");
  return { ...throttle, times: throttle.times + sites };
}

const SITE = "site ";
const isOfSite = (shared: string) => shared.startsWith(SITE);

function groupOf(
  facts: GroupingFacts,
  load: SiteLoad,
  provider: string,
  lanes: readonly SiteLane[],
  throttles: readonly number[],
): Group {
  return {
    provider,
    sites: load.sites,
    messages: load.messages,
    others: [...load.others.values()],
    ...facts.acceptanceOf(provider),
    secondsPerConnection: SECONDS_PER_CONNECTION,
    lanes: lanes.map(({ lane }, i) => ({ ...lane, throttle: throttles[i] ?? -1 })),
    notLookedUp: load.notLookedUp,
  };
}

function join(group: Group, load: SiteLoad): void {
  group.sites += load.sites;
  group.messages += load.messages;
  group.notLookedUp += load.notLookedUp;
  // Alike means that both have the same deliveries.
  group.others = [...load.others.values()].map(({ weight, messages }, i) => ({
    weight,
    messages: messages + (group.others[i]?.messages ?? 0),
  }));
}

/** What makes sites alike. */
function likeness({ messages, others }: SiteLoad, provider: string, lanes: readonly SiteLane[]): string {
  const size = (count: number) => Math.floor(Math.log(count + 1) / Math.log(LIKENESS));
  const waiting = [...others].map(([delivery, other]) => [delivery, size(other.messages)]);
  return JSON.stringify([
    provider,
    size(messages),
    waiting,
    lanes.map(({ lane, throttle, shared }) => [lane, throttle, isOfSite(shared ?? SITE) ? null : shared]),
  ]);
}

function laneOf(
  facts: GroupingFacts,
  { site, sites }: SiteLoad,
  provider: string,
  index: number,
  rule: MxRule,
): SiteLane {
  const source = facts.sources[index];
  if (!source) throw new Error(`no source ${index}`);
  const known = facts.lanes.get(laneKey(source.name, site));
  const pin = facts.pins.get(laneKey(source.name, site));
  const bound = effectiveOf(
    facts.restrictions,
    {
      source: source.name,
      sourceAddress: source.address,
      site,
      provider,
      domain: null,
      deliveryId: facts.deliveryId,
      dkimDomains: facts.dkimDomains,
      urlDomains: [],
    },
    facts.now,
  );
  const suspendedUntil = Math.max(bound.suspendedUntil, known?.suspended_until ?? 0);
  const isSuspended = suspendedUntil > facts.now;
  const avoidUntil = bound.avoid ? bound.avoidUntil : 0;
  return {
    lane: {
      source: index,
      suspendedUntil: isSuspended ? suspendedUntil : 0,
      avoidUntil,
      why: bound.why?.evidence ?? (isSuspended ? (known?.why ?? null) : null),
    },
    throttle: {
      rule: rule.name,
      times: rule.countedPer === "rule" ? 1 : sites,
      connections: connectionsOf(rule, known, pin, bound.connections),
      messagesPerHour: rateOf(rule, known, pin, bound.messagesPerHour),
      connectionsPerMinute: rule.connectionsPerMinute,
      messagesPerConnection: Math.min(rule.messagesPerConnection, bound.messagesPerConnection ?? Infinity),
    },
    shared: sharedBy(rule, site, source),
  };
}

/** Whom the limits count together; null: this lane alone. */
function sharedBy(rule: MxRule, site: string, source: ChosenSource): string | null {
  if (rule.countedPer === "rule") return `rule ${rule.name}${rule.isShared ? "" : `\n${source.name}`}`;
  return rule.isShared ? `${SITE}${site}` : null;
}

/** The controller's pace upwards: one connection a minute, or 1 % of the most. */
function connectionsOf(rule: MxRule, known: LaneNow | undefined, pin: Pin | undefined, limit: number | null): Growing {
  const fixed = pin?.connections ?? null;
  if (fixed !== null) return { now: fixed, max: fixed, perHour: 0 };
  const max = Math.min(rule.connections.max, limit ?? Infinity);
  // A sender's share of few connections may be none at a moment.
  const now = Math.max(1, Math.min(max, known?.connections ?? max));
  return { now, max: Math.max(1, max), perHour: now < max ? 60 * Math.max(1, max / 100) : 0 };
}

/** The controller's pace upwards: 5 % of the range every 5 minutes. */
function rateOf(rule: MxRule, known: LaneNow | undefined, pin: Pin | undefined, limit: number | null): Growing | null {
  const fixed = pin?.messagesPerHour ?? null;
  if (fixed !== null) return { now: fixed, max: fixed, perHour: 0 };
  const most = Math.min(rule.messagesPerHour?.max ?? Infinity, limit ?? Infinity);
  const current = Math.min(most, known?.messages_per_hour ?? Infinity);
  if (current === Infinity) return null;
  // Where neither rule nor restriction limits it, the rate is one that the lane gave itself: it grows until it is gone.
  const max = most === Infinity ? current * OWN_RATE_GROWS : most;
  const now = Math.max(1, current);
  const range = max - (rule.messagesPerHour?.min ?? 0);
  return { now, max: Math.max(now, max), perHour: now < max ? 12 * Math.max(range * 0.05, max * 0.01, 1) : 0 };
}

const OWN_RATE_GROWS = 4;
