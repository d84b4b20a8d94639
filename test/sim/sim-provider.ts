/** How one simulated provider answers: its door, its limits that nobody was told, its outages, its recipients. */
import type { Outcome, Reply } from "../../src/core/smtp/outcome.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../src/core/time.ts";
import { fateOf, hashOf, type Random } from "./random.ts";
import {
  BLOCKED,
  DEFERRING,
  GREYLISTED,
  RATE_REPLIES,
  REFUSED_CONTENT,
  replyOf,
  SHUT,
  TOO_MANY_CONNECTIONS,
  TOO_MANY_ON_CONNECTION,
  USER_UNKNOWN,
} from "./replies.ts";
import { type Outage, type ProviderPlan, START } from "./world.ts";

export type Failure = Exclude<Outcome, { kind: "accepted" }>;

export type Greeting =
  | { readonly kind: "welcome" }
  /** `after`: how long the client waits for nothing. */
  | { readonly kind: "failed"; readonly outcome: Failure; readonly after: number };

export type Answer =
  | { readonly kind: "ok" }
  | { readonly kind: "refused"; readonly reply: Reply }
  /** Says this and hangs up. */
  | { readonly kind: "shut"; readonly reply: Reply }
  | { readonly kind: "break" };

export type DotAnswer = Answer | { readonly kind: "break-taken" };

const GREYLIST_FOR = 300_000;
/** RFC 5321 §4.5.3.2: what the client waits for a connection, and for a greeting that does not come. */
const CONNECT_TIMEOUT = 30_000;
const GREETING_TIMEOUT = 5 * MINUTE;
const OK: Answer = { kind: "ok" };

export class SimProvider {
  readonly plan: ProviderPlan;
  readonly #seed: number;
  readonly #random: Random;
  readonly #steady: () => Instant;
  readonly #open = new Map<string, number>();
  readonly #taken = new Map<string, number[]>();
  readonly #greylist = new Map<string, Instant>();

  constructor(plan: ProviderPlan, seed: number, random: Random, steady: () => Instant) {
    this.plan = plan;
    this.#seed = seed;
    this.#random = random;
    this.#steady = steady;
  }

  latency(): number {
    return this.#random.int(this.plan.latency.min, this.plan.latency.max);
  }

  outage(...kinds: readonly Outage["kind"][]): Outage | undefined {
    const at = this.#steady() - START;
    return this.plan.outages.find(({ kind, from, to }) => kinds.includes(kind) && at >= from && at < to);
  }

  /** A connection comes in; unless it fails, `left` must follow. */
  greet(source: string, isTls: boolean): Greeting {
    if (this.outage("unreachable")) return failed("connect", "unreachable", "connection refused", CONNECT_TIMEOUT);
    if (this.outage("silent")) return failed("connect", "timeout", "no greeting", GREETING_TIMEOUT);
    if (this.outage("shut")) return refusedAtDoor(SHUT);
    if (this.#isBlocked(source)) return refusedAtDoor(BLOCKED);
    if (this.plan.brokenTls && isTls) return failed("ehlo", "tls", "handshake failure", 0);
    const open = this.#open.get(source) ?? 0;
    const { connections } = this.plan.hidden;
    if (connections !== null && open >= connections) return refusedAtDoor(this.#word(TOO_MANY_CONNECTIONS));
    this.#open.set(source, open + 1);
    return { kind: "welcome" };
  }

  left(source: string): void {
    this.#open.set(source, (this.#open.get(source) ?? 1) - 1);
  }

  /** To RCPT TO. `number`: of the message on its connection, from 1. */
  recipient(source: string, address: string, number: number): Answer {
    const { hidden, greylists, unknownShare, breaks } = this.plan;
    if (this.outage("shut", "unreachable")) return { kind: "shut", reply: replyOf(SHUT) };
    if (hidden.perConnection !== null && number > hidden.perConnection) {
      return { kind: "shut", reply: replyOf(TOO_MANY_ON_CONNECTION) };
    }
    if (this.outage("silent") || this.#random.chance(breaks.before)) return { kind: "break" };
    if (this.outage("deferring")) return refused(DEFERRING);
    if (this.#isThrottling(source)) {
      const reply = replyOf(this.#word(RATE_REPLIES));
      return { kind: reply.code === 421 ? "shut" : "refused", reply };
    }
    if (this.outage("unknown") || fateOf(this.#seed, "unknown", address) < unknownShare) return refused(USER_UNKNOWN);
    return greylists && this.#isGrey(source, address) ? refused(GREYLISTED) : OK;
  }

  /** To the final dot. */
  content(source: string, address: string): DotAnswer {
    const { refusedShare, breaks } = this.plan;
    if (this.#random.chance(breaks.after)) return { kind: this.#random.chance(0.5) ? "break-taken" : "break" };
    if (fateOf(this.#seed, "content", address) < refusedShare) return refused(REFUSED_CONTENT);
    this.#takenBy(source).push(this.#steady());
    return OK;
  }

  #isBlocked(source: string): boolean {
    const { blocked } = this.plan;
    const at = this.#steady() - START;
    return blocked !== null && blocked.source === source && at >= blocked.from && at < blocked.to;
  }

  /** What it took of a source within an hour. */
  #isThrottling(source: string): boolean {
    const { perHour } = this.plan.hidden;
    if (perHour === null) return false;
    const taken = this.#takenBy(source);
    while (taken.length > 0 && (taken[0] ?? 0) <= this.#steady() - HOUR) taken.shift();
    return taken.length >= perHour;
  }

  #takenBy(source: string): number[] {
    const taken = this.#taken.get(source) ?? [];
    this.#taken.set(source, taken);
    return taken;
  }

  #isGrey(source: string, address: string): boolean {
    const key = `${source} ${address}`;
    const first = this.#greylist.get(key);
    if (first !== undefined && this.#steady() - first < 2 * DAY) return this.#steady() - first < GREYLIST_FOR;
    this.#greylist.set(key, this.#steady());
    return true;
  }

  /** Each provider has words of its own. */
  #word(words: readonly string[]): string {
    return words[hashOf(`${this.#seed} ${this.plan.name}`) % words.length] ?? SHUT;
  }
}

function refused(text: string): Answer {
  return { kind: "refused", reply: replyOf(text) };
}

function refusedAtDoor(text: string): Greeting {
  return { kind: "failed", outcome: { kind: "refused", stage: "connect", reply: replyOf(text) }, after: 0 };
}

function failed(
  stage: "connect" | "ehlo",
  trouble: "unreachable" | "timeout" | "tls",
  detail: string,
  after: number,
): Greeting {
  return { kind: "failed", outcome: { kind: "lost", stage, trouble, detail, inDoubt: false }, after };
}
