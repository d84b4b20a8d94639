/**
 * Counts answers by lane, by source and provider, and by recipient domain, and looks once a minute at what share went wrong. Each
 * answer is evidence for a sweep once: after it was set off only what came later counts, and nothing while its restriction stands.
 * Memory is bounded: old minutes are put together, and keys that were silent while a thousand others spoke are given up.
 */
import { assertNever } from "../never.ts";
import { MINUTE, type Instant } from "../time.ts";
import { laneScope, type Place, providerScope } from "./place.ts";
import { type Bucket, type Counted, addTo, sumSince, type Sums } from "./ratios-buckets.ts";
import type { Scope } from "./restriction.ts";
import { OTHER_PROVIDER, type Sweep } from "./rule.ts";

/** Twice as many are known at most. */
const GENERATION = 1000;

type Counters = {
  readonly scope: Scope;
  readonly provider: string;
  buckets: Bucket[];
  /** By the name of a sweep: when it was set off, and until when its restriction stands. */
  fired: Map<string, { readonly at: Instant; readonly until: Instant }> | null;
  changed: boolean;
};

/** Those that spoke lately, and those before them. Cheaper for each answer than an order of use. */
type Table = { young: Map<string, Counters>; old: Map<string, Counters> };

/** Changes with each answer. One for each sender. */
export type Ratios = Readonly<Record<Sweep["per"], Table>>;

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
  const table = (): Table => ({ young: new Map(), old: new Map() });
  return { lane: table(), provider: table(), domain: table() };
}

type Counting = Pick<Place, "source" | "site" | "provider" | "domain">;

/** One answer, or one complaint about a message that was accepted before. */
export function count(ratios: Ratios, what: Counted, at: Counting, now: Instant): void {
  const { source, site, provider, domain } = at;
  const lane = `${source}\n${site}`;
  add(ratios.lane, lane, at, laneScope, what, now);
  // The small sites that no provider names are each their own.
  add(ratios.provider, provider === OTHER_PROVIDER ? lane : `${source}\n\n${provider}`, at, providerScope, what, now);
  if (domain !== null) add(ratios.domain, domain, at, domainScope, what, now);
}

function domainScope({ domain }: Counting): Scope {
  return { kind: "domain", domain: domain ?? "" };
}

function add(
  table: Table,
  key: string,
  at: Counting,
  scopeOf: (at: Counting) => Scope,
  what: Counted,
  now: Instant,
): void {
  let counters = table.young.get(key);
  if (counters === undefined) {
    counters = table.old.get(key) ?? {
      scope: scopeOf(at),
      provider: at.provider,
      buckets: [],
      fired: null,
      changed: true,
    };
    if (table.young.size >= GENERATION) {
      table.old = table.young;
      table.young = new Map();
    }
    table.old.delete(key);
    table.young.set(key, counters);
  }
  counters.buckets = addTo(counters.buckets, what, now);
  counters.changed = true;
}

/** What went wrong too often. A sweep that slows is left out where another suspends for the same ratio. */
export function sweep(ratios: Ratios, sweeps: readonly Sweep[], now: Instant): readonly TriggeredSweep[] {
  const out: TriggeredSweep[] = [];
  for (const per of ["lane", "provider", "domain"] as const) {
    const own = sweeps.filter((one) => one.per === per);
    if (own.length === 0) continue;
    const { young, old } = ratios[per];
    for (const counters of [...old.values(), ...young.values()]) {
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
    if (triggered !== null) (counters.fired ??= new Map()).set(one.name, { at: now, until: now + one.duration });
    return triggered ?? [];
  });
  const suspends = (ratio: Sweep["ratio"]) =>
    found.some((f) => f.sweep.ratio === ratio && f.sweep.action.kind === "suspend");
  return found.filter(({ sweep: { action, ratio } }) => action.kind !== "slow" || !suspends(ratio));
}

function look(counters: Counters, one: Sweep, now: Instant): TriggeredSweep | null {
  const { provider, scope } = counters;
  if (one.provider !== null && one.provider !== provider) return null;
  const fired = counters.fired?.get(one.name);
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
