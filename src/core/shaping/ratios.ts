/**
 * Counts answers by lane, by source and provider, and by recipient domain, and looks once a minute at what share went wrong. Each
 * answer is evidence for a sweep once: after it was set off only what came later counts, and nothing while its restriction stands.
 * Memory is bounded: old minutes are put together, and the keys that were silent for longest are given up.
 */
import { assertNever } from "../never.ts";
import { MINUTE, type Instant } from "../time.ts";
import { laneScope, type Place, providerScope, scopeKey } from "./place.ts";
import { type Bucket, type Counted, addTo, sumSince, type Sums } from "./ratios-buckets.ts";
import type { Scope } from "./restriction.ts";
import type { Sweep } from "./rule.ts";

const MAX_KEYS = 2000;

type Counters = {
  readonly scope: Scope;
  readonly provider: string;
  buckets: Bucket[];
  /** By the name of a sweep: when it was set off, and until when its restriction stands. */
  readonly fired: Map<string, { readonly at: Instant; readonly until: Instant }>;
  changed: boolean;
};

/** Changes with each answer. One for each sender. */
export type Ratios = Readonly<Record<Sweep["per"], Map<string, Counters>>>;

export type TriggeredSweep = {
  readonly sweep: Sweep;
  readonly scope: Scope;
  readonly provider: string;
  /** `91 % of 412 attempts failed within 60 min`. */
  readonly evidence: string;
  readonly volume: number;
  readonly share: number;
};

export function createRatios(): Ratios {
  return { lane: new Map(), provider: new Map(), domain: new Map() };
}

type Counting = Pick<Place, "source" | "site" | "provider" | "domain">;

/** One answer, or one complaint about a message that was accepted before. */
export function count(ratios: Ratios, what: Counted, at: Counting, now: Instant): void {
  add(ratios.lane, `${at.source}\n${at.site}`, () => laneScope(at), at.provider, what, now);
  const scope = providerScope(at);
  add(ratios.provider, scopeKey(scope), () => scope, at.provider, what, now);
  const { domain } = at;
  if (domain !== null) add(ratios.domain, domain, () => ({ kind: "domain", domain }), at.provider, what, now);
}

function add(
  table: Map<string, Counters>,
  key: string,
  scope: () => Scope,
  provider: string,
  what: Counted,
  now: Instant,
): void {
  let counters = table.get(key);
  // The order of the map is the order of use.
  if (counters !== undefined) table.delete(key);
  else {
    const [oldest] = table.size >= MAX_KEYS ? table.keys() : [];
    if (oldest !== undefined) table.delete(oldest);
    counters = { scope: scope(), provider, buckets: [], fired: new Map(), changed: true };
  }
  table.set(key, counters);
  counters.buckets = addTo(counters.buckets, what, now);
  counters.changed = true;
}

/** What went wrong too often. A sweep that slows is left out where another suspends for the same ratio. */
export function sweep(ratios: Ratios, sweeps: readonly Sweep[], now: Instant): readonly TriggeredSweep[] {
  const out: TriggeredSweep[] = [];
  for (const per of ["lane", "provider", "domain"] as const) {
    const own = sweeps.filter((one) => one.per === per);
    for (const counters of own.length > 0 ? ratios[per].values() : []) {
      if (!counters.changed) continue;
      counters.changed = false;
      out.push(...evaluate(counters, own, now));
    }
  }
  return out;
}

function evaluate(counters: Counters, sweeps: readonly Sweep[], now: Instant): TriggeredSweep[] {
  const found = sweeps.flatMap((one) => {
    const triggered = look(counters, one, now);
    if (triggered !== null) counters.fired.set(one.name, { at: now, until: now + one.duration });
    return triggered ?? [];
  });
  const suspends = (ratio: Sweep["ratio"]) =>
    found.some((f) => f.sweep.ratio === ratio && f.sweep.action.kind === "suspend");
  return found.filter(({ sweep: { action, ratio } }) => action.kind !== "slow" || !suspends(ratio));
}

function look(counters: Counters, one: Sweep, now: Instant): TriggeredSweep | null {
  const { provider, scope } = counters;
  if (one.provider !== null && one.provider !== provider) return null;
  const fired = counters.fired.get(one.name);
  // A date of later is one of a clock that went back.
  const last =
    fired !== undefined && fired.at <= now ? fired : { at: Number.NEGATIVE_INFINITY, until: Number.NEGATIVE_INFINITY };
  if (now < last.until) return null;
  const { bad, volume } = ratioOf(
    one.ratio,
    sumSince(counters.buckets, Math.max(now - one.within, nextMinute(last.at)), now),
  );
  // The tolerance is for shares that binary fractions cannot say.
  if (volume < one.minimum || bad === 0 || bad + 1e-9 < one.above * volume) return null;
  const share = bad / volume;
  const evidence = `${Math.round(share * 10_000) / 100} % of ${volume} ${WORDS[one.ratio]} within ${Math.round(one.within / MINUTE)} min`;
  return { sweep: one, scope, provider, evidence, volume, share };
}

/** What was counted in the same minute may have been looked at. */
function nextMinute(at: Instant): Instant {
  return (Math.floor(at / MINUTE) + 1) * MINUTE;
}

const WORDS: Readonly<Record<Sweep["ratio"], string>> = {
  failed: "attempts failed",
  deferred: "attempts were deferred",
  unknown: "attempts met unknown users",
  complaints: "accepted messages brought complaints",
};

function ratioOf(ratio: Sweep["ratio"], sums: Sums): { readonly bad: number; readonly volume: number } {
  const { accepted, deferred, failed, unknown, complaint } = sums;
  const attempts = accepted + deferred + failed + unknown;
  switch (ratio) {
    case "failed":
      return { bad: failed + unknown, volume: attempts };
    case "deferred":
      return { bad: deferred, volume: attempts };
    case "unknown":
      return { bad: unknown, volume: attempts };
    case "complaints":
      return { bad: complaint, volume: accepted };
    default:
      return assertNever(ratio);
  }
}
