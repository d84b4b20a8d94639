/**
 * The outage breaker: a provider whose directory is away says "User unknown" to everybody, and believing it would quarantine its
 * customers. Where unknown users were rare and most of the latest answers are "unknown", nothing is sent there for a while, and what
 * was refused is tried again. Afterwards a few messages probe it.
 *
 * A list that is simply bad must not hold a provider up for ever. It looks different where it can be told: its unknown users are
 * there from the beginning (then they are the baseline), or nothing is known from before (then it takes 95 % of 200). Where it cannot
 * be told, as when a bad segment follows a good one, the breaker gives up after some suspensions and believes the answers.
 *
 * The breaker for domains that take nothing is a sweep (rules/shaping), as it quarantines nobody by itself.
 */
import type { Verdict } from "../bounce/verdict.ts";
import { DAY, MINUTE, type Duration, type Instant } from "../time.ts";
import { type Answers, burstOf, note, noAnswers, rememberBurst } from "./breakers-answers.ts";
import { type Place, providerScope, scopeKey } from "./place.ts";
import type { Restriction, Scope } from "./restriction.ts";
import { OTHER_PROVIDER } from "./rule.ts";

/** Under this name it restricts. */
export const OUTAGE_RULE = "unknown-users-outage";

const FIRST_REST: Duration = 30 * MINUTE;
/** 30 min, 1 h, 2 h, 4 h. After that it is the list. */
const MAX_TRIPS = 4;
/** Tripped again within this time, it goes on where it was: a lucky probe does not make a bad list an endless row of first times. */
const SAME_OUTAGE: Duration = DAY;
/** Answers that decide whether it is over. */
const PROBE_ANSWERS = 10;
const MAX_KEYS = 2000;

export type Outage = {
  /** One for each provider, or for each lane where no provider is known. */
  readonly key: string;
  /** Every source. */
  readonly scope: Scope;
  readonly provider: string;
  /** First unknown user of the burst: quarantines since then are to be taken back. */
  readonly since: Instant;
  readonly until: Instant;
  /** Suspensions so far. */
  readonly trips: number;
  readonly evidence: string;
};

/** `ended`: the probe was normal. `given-up`: it went on too long for an outage; from now on answers are believed. */
export type OutageChange = { readonly kind: "tripped" | "ended" | "given-up"; readonly outage: Outage };

type State = {
  answers: Answers;
  outage: Outage | null;
  /** When it was tripped last; a clock that shows less has gone back. */
  trippedAt: Instant;
  probe: { readonly answers: number; readonly unknown: number };
  /** The last one that is over. */
  last: { readonly at: Instant; readonly trips: number };
};

/** Changes with each answer. One for each sender. */
export type OutageBreaker = Map<string, State>;

type Where = Pick<Place, "source" | "site" | "provider">;

export function createOutageBreaker(): OutageBreaker {
  return new Map();
}

function scopeAt(at: Where): Scope {
  const scope = providerScope(at);
  return scope.kind === "provider" ? { ...scope, source: null } : scope;
}

function keyAt(at: Where): string {
  return at.provider === OTHER_PROVIDER ? scopeKey(providerScope(at)) : at.provider;
}

/** The order of the map is the order of use, once there are many; the one that was silent for longest is given up. */
function stateAt(breaker: OutageBreaker, key: string): State {
  const known = breaker.get(key);
  if (known !== undefined) {
    if (breaker.size <= MAX_KEYS / 2) return known;
    breaker.delete(key);
  } else if (breaker.size >= MAX_KEYS) {
    const [oldest] = breaker.keys();
    if (oldest !== undefined) breaker.delete(oldest);
  }
  const state: State = known ?? {
    answers: noAnswers(),
    outage: null,
    trippedAt: 0,
    probe: { answers: 0, unknown: 0 },
    last: { at: Number.NEGATIVE_INFINITY, trips: 0 },
  };
  breaker.set(key, state);
  return state;
}

/** A final answer about a recipient, acceptance included. Says what changed, if anything did. */
export function outageAnswer(breaker: OutageBreaker, at: Where, isUnknown: boolean, now: Instant): OutageChange | null {
  const state = stateAt(breaker, keyAt(at));
  return state.outage === null ? watch(state, at, isUnknown, now) : probe(state, state.outage, isUnknown, now);
}

function watch(state: State, at: Where, isUnknown: boolean, now: Instant): OutageChange | null {
  note(state.answers, isUnknown, now);
  const isRecent = now >= state.last.at && now - state.last.at < SAME_OUTAGE;
  const trips = isRecent ? state.last.trips : 0;
  const burst = isUnknown && trips < MAX_TRIPS ? burstOf(state.answers, now) : null;
  if (burst === null) return null;
  const { unknown, of, since, usual } = burst;
  const evidence = `${unknown} of the last ${of} recipients unknown, ${percent(usual)} before`;
  return trip(state, { key: keyAt(at), scope: scopeAt(at), provider: at.provider, since, trips, evidence }, now);
}

function percent(share: number | null): string {
  return share === null ? "nothing known" : `${Math.round(share * 1000) / 10} %`;
}

function trip(state: State, outage: Omit<Outage, "until">, now: Instant): OutageChange {
  const until = now + FIRST_REST * 2 ** outage.trips;
  state.outage = { ...outage, until, trips: outage.trips + 1 };
  state.trippedAt = now;
  state.probe = { answers: 0, unknown: 0 };
  return { kind: "tripped", outage: state.outage };
}

/** Answers during the suspension were on their way; those after it decide. */
function probe(state: State, outage: Outage, isUnknown: boolean, now: Instant): OutageChange | null {
  const isResting = now >= state.trippedAt && now < outage.until;
  if (isResting) return null;
  if (isForgotten(outage, now)) return end(state, outage, "ended", now);
  const answers = state.probe.answers + 1;
  const unknown = state.probe.unknown + (isUnknown ? 1 : 0);
  state.probe = { answers, unknown };
  // As soon as the rest of the probe cannot change it.
  const isOut = unknown * 2 > PROBE_ANSWERS;
  if (!isOut && answers < PROBE_ANSWERS) return null;
  if (isOut && outage.trips < MAX_TRIPS) {
    return trip(state, { ...outage, evidence: `${unknown} of ${answers} recipients unknown after the rest` }, now);
  }
  return end(state, outage, isOut ? "given-up" : "ended", now);
}

function end(state: State, outage: Outage, kind: "ended" | "given-up", now: Instant): OutageChange {
  state.outage = null;
  state.last = { at: now, trips: outage.trips };
  if (kind === "given-up") rememberBurst(state.answers, now);
  else state.answers.recent = [];
  return { kind, outage };
}

/** Nobody sent there afterwards: what comes a day later is not its probe. */
function isForgotten({ until }: Outage, now: Instant): boolean {
  return now - until > DAY;
}

/** During an outage nobody is unknown: the message waits, and the address has done nothing. */
export function outageVerdict(breaker: OutageBreaker, at: Where, verdict: Verdict, now: Instant): Verdict {
  if (verdict.reason !== "user-unknown") return verdict;
  const outage = breaker.get(keyAt(at))?.outage ?? null;
  if (outage === null || isForgotten(outage, now)) return verdict;
  return { ...verdict, type: "ignored", action: "retry", scope: "domain", rule: "breaker-outage" };
}

/** After a restart: outages whose suspensions stand go on. `rule`: the name under which they are restricted. */
export function restoreOutages(breaker: OutageBreaker, standing: readonly Restriction[], now: Instant): void {
  for (const { cause, scope, since, until, evidence } of standing) {
    if (cause.kind !== "breaker" || cause.rule !== OUTAGE_RULE || until === null || until <= now) continue;
    if (scope.kind !== "provider" && scope.kind !== "lane") continue;
    const provider = scope.kind === "provider" ? scope.provider : OTHER_PROVIDER;
    const key = scope.kind === "provider" ? provider : scopeKey(scope);
    const state = stateAt(breaker, key);
    const trips = Math.max(1, Math.round(Math.log2(Math.max(1, (until - since) / FIRST_REST))) + 1);
    state.outage ??= { key, scope, provider, since, until, trips: Math.min(MAX_TRIPS, trips), evidence };
    state.trippedAt = Math.min(since, now);
  }
}
