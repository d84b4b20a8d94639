/**
 * A small sender that keeps every promise, and breaks a chosen one when told to: only a check that a wrong sender fails proves
 * something about a right one. Knows nothing of src/mta's lanes.
 *
 * Longer than the house limit: a sender in one class, with its faults where they are made.
 */
import { fileURLToPath } from "node:url";

import { qualifyOutcome } from "../../src/core/bounce/qualify.ts";
import { next } from "../../src/core/delivery/next.ts";
import { weightOf } from "../../src/core/delivery/priority.ts";
import { createFairQueue, type FairQueue } from "../../src/core/delivery/fair-queue.ts";
import { replyText, type Outcome } from "../../src/core/smtp/outcome.ts";
import type { MxRule } from "../../src/core/shaping/rule.ts";
import { DAY, HOUR, type Instant, MINUTE, SECOND } from "../../src/core/time.ts";
import { loadRules } from "../../src/features/bounces/index.ts";
import { type HeldPart, putOff } from "../../src/mta/held-part.ts";
import type { OutcomeRecord } from "../../src/mta/outcome-record.ts";
import type { Session, SessionEnd } from "../../src/mta/session-port.ts";
import type { WaitingMessage } from "../../src/mta/store.ts";
import type { PreparedMessage, Task } from "../../src/mta/task.ts";
import type { SimTimer } from "./clock.ts";
import { addressOf, type Engine, type EngineOptions, type StartEngine } from "./engine.ts";
import { hashOf } from "./random.ts";

/** What can be wrong with a sender; bench and tests name the promise that each breaks. */
export type Fault =
  | "one-connection-more"
  | "one-message-more"
  | "no-rate"
  | "rate-by-the-minute"
  | "full-bucket-at-start"
  | "old-rules"
  | "no-connection-rate"
  | "late"
  | "pause-ignored"
  | "loses-some"
  | "settles-twice"
  | "says-sent"
  | "never-again"
  | "timer-for-each"
  | "connections-for-all"
  | "no-weights"
  | "real-random";

const HOLD = 30 * SECOND;
const REST = 10 * SECOND;
const SITE_REST = 30 * SECOND;
const bounceRules = await loadRules(fileURLToPath(new URL("../../rules/bounces", import.meta.url)));

/** Tokens come evenly; at most a second's worth is kept, and none at the start. */
type Bucket = { tokens: number; at: Instant };
type Group = { open: number; readonly messages: Bucket; readonly connections: Bucket };
type Opened = { handle: Session | null; wants: boolean; works: boolean };
type Lane = {
  readonly key: string;
  readonly source: string;
  readonly site: string;
  readonly mx: readonly string[];
  readonly queue: FairQueue<Task>;
  readonly sessions: Set<Opened>;
  restsUntil: Instant;
  failures: number;
  timer: SimTimer;
};

export function naiveEngine(fault: Fault | null = null): StartEngine {
  return (options) => new NaiveEngine(options, fault);
}

class NaiveEngine implements Engine {
  readonly #o: EngineOptions;
  readonly #fault: Fault | null;
  readonly #lanes = new Map<string, Lane>();
  readonly #groups = new Map<string, Group>();
  readonly #onWire = new Set<Task>();
  #rules: readonly MxRule[];
  #closing: (() => void) | null = null;
  #count = 0;

  constructor(options: EngineOptions, fault: Fault | null) {
    this.#o = options;
    this.#fault = fault;
    this.#rules = options.rules;
  }

  start(part: HeldPart, message: WaitingMessage): void {
    const domain = message.address.slice(message.address.indexOf("@") + 1);
    const task = { part, ...message, domain, envelope: message.address, matchKey: message.address } as unknown as Task;
    if (this.#fault === "loses-some" && ++this.#count % 40 === 0) return;
    void this.#o.resolver.resolveMx(domain).then((answer) => {
      if (!this.#admit(task)) return;
      if (answer.kind === "found")
        return this.#enter(
          task,
          answer.targets.map(({ host }) => host),
        );
      const trouble = answer.kind === "unavailable" ? "dns" : "no-such-domain";
      this.#conclude(task, { kind: "lost", stage: "connect", trouble, detail: answer.detail, inDoubt: false }, domain);
    });
  }

  #enter(task: Task, mx: readonly string[]): void {
    const { world } = this.#o;
    const pool = world.deliveries.find(({ id }) => id === task.part.lease.deliveryId)?.pool ?? world.sources;
    const site = mx.join(",");
    const draw = this.#fault === "real-random" ? Math.floor(Math.random() * pool.length) : hashOf(task.address);
    const source = pool[draw % pool.length] ?? "";
    const key = `${source} ${site}`;
    let lane = this.#lanes.get(key);
    if (!lane) {
      const queue = createFairQueue<Task>();
      lane = { key, source, site, mx, queue, sessions: new Set(), restsUntil: 0, failures: 0, timer: null };
      this.#lanes.set(key, lane);
    }
    const { messagesPerHour } = this.#ruleOf(lane);
    const room = messagesPerHour === null ? 500 : Math.max(1, Math.ceil((messagesPerHour.max * HOLD) / HOUR));
    if (this.#o.steady() < lane.restsUntil) return this.#postpone(task, lane.restsUntil - this.#o.steady());
    const isLate = this.#fault === "late" && this.#o.now() >= task.part.delivery.validUntil;
    if (lane.queue.size >= room && !isLate) return this.#postpone(task, HOLD);
    lane.queue.add(task, this.#place(task));
    this.#pumpLane(lane);
  }

  #place(task: Task) {
    const delivery = task.part.lease.deliveryId;
    const priority = this.#o.world.deliveries.find(({ id }) => id === delivery)?.priority;
    return { delivery, weight: this.#fault === "no-weights" ? 1 : weightOf(priority) };
  }

  #ruleOf(lane: Lane): MxRule {
    const rule = this.#rules.find(({ mx }) => mx.some((mask) => lane.site.includes(mask.slice(1))));
    if (!rule) throw new Error(`no rule for ${lane.site}`);
    return rule;
  }

  #groupOf(lane: Lane, rule: MxRule): Group {
    const perRule = `${rule.name} ${rule.countedPer === "site" ? lane.site : ""} ${rule.isShared ? "" : lane.source}`;
    const key = this.#fault === "connections-for-all" ? "all" : perRule;
    let group = this.#groups.get(key);
    if (!group) {
      const at = this.#fault === "full-bucket-at-start" ? Number.NEGATIVE_INFINITY : this.#o.steady();
      group = { open: 0, messages: { tokens: 0, at }, connections: { tokens: 0, at } };
      this.#groups.set(key, group);
    }
    return group;
  }

  /** Null: taken; else how long to wait. */
  #take(bucket: Bucket, perMs: number): number | null {
    const now = this.#o.steady();
    const burst = Math.max(1, perMs * (this.#fault === "rate-by-the-minute" ? MINUTE : SECOND));
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) * perMs);
    bucket.at = now;
    if (bucket.tokens < 1 - 1e-9) return Math.max(1, Math.ceil((1 - bucket.tokens) / perMs));
    bucket.tokens = Math.max(0, bucket.tokens - 1);
    return null;
  }

  #pumpLane(lane: Lane): void {
    if (this.#closing) return;
    const rule = this.#ruleOf(lane);
    const group = this.#groupOf(lane, rule);
    const most = rule.connections.max + (this.#fault === "one-connection-more" ? 1 : 0);
    for (const session of lane.sessions) if (session.wants) session.handle?.wake();
    while (group.open < most && lane.sessions.size < lane.queue.size && this.#o.steady() >= lane.restsUntil) {
      const perMs = rule.connectionsPerMinute === null ? null : rule.connectionsPerMinute / MINUTE;
      const wait = perMs === null || this.#fault === "no-connection-rate" ? null : this.#take(group.connections, perMs);
      if (wait !== null) return this.#wake(lane, wait);
      void this.#open(lane, rule, group);
    }
    if (lane.queue.size > 0 && lane.sessions.size === 0) this.#wake(lane, SECOND);
  }

  #wake(lane: Lane, ms: number): void {
    this.#o.timers.clear(lane.timer);
    lane.timer = this.#o.timers.set(() => this.#pumpLane(lane), ms);
  }

  async #open(lane: Lane, rule: MxRule, group: Group): Promise<void> {
    const { world, resolver, openSession, random } = this.#o;
    const session: Opened = { handle: null, wants: false, works: false };
    lane.sessions.add(session);
    group.open++;
    const host = lane.mx[Math.floor(random() * lane.mx.length)] ?? "";
    const found = await resolver.resolveAddresses(host);
    const target = { host, address: found.kind === "found" ? (found.addresses[0] ?? "") : "", port: 25 };
    const maxMessages = rule.messagesPerConnection + (this.#fault === "one-message-more" ? 1 : 0);
    session.handle = openSession<PreparedMessage>(
      { target, relay: null, source: addressOf(world, lane.source), maxMessages, tls: null, dotTimeout: null },
      {
        takeMessage: () => this.#takeMessage(lane, session),
        onOutcome: (message, outcome, { mx }) => {
          this.#leaveWire(message.task);
          if (outcome.kind === "accepted") lane.failures = 0;
          if (outcome.kind === "refused" && outcome.reply.code === 421) this.#rest(lane, REST);
          this.#conclude(message.task, outcome, mx);
        },
        onReturned: ({ task }) => {
          this.#leaveWire(task);
          this.#postpone(task, SECOND);
        },
        onEnd: (end) => this.#onEnd(lane, session, group, end),
      },
    );
    if (this.#closing) session.handle.quit();
  }

  #takeMessage(lane: Lane, session: Opened): PreparedMessage | null {
    session.wants = true;
    session.works = true;
    if (this.#closing || this.#o.steady() < lane.restsUntil) return null;
    const rule = this.#ruleOf(lane);
    for (;;) {
      if (lane.queue.size === 0) {
        queueMicrotask(() => session.handle?.quit());
        return null;
      }
      const { messagesPerHour } = rule;
      if (messagesPerHour !== null && this.#fault !== "no-rate") {
        const wait = this.#take(this.#groupOf(lane, rule).messages, messagesPerHour.max / HOUR);
        if (wait !== null) {
          this.#wake(lane, wait);
          return null;
        }
      }
      const task = lane.queue.next();
      if (!task || !this.#admit(task)) continue;
      session.wants = false;
      this.#onWire.add(task);
      const tag = `${task.part.lease.partId}-${task.seq}`;
      const rest = { bytes: new Uint8Array(), mailFrom: "", needsSmtpUtf8: false };
      return { kind: "message", task, tag, rcptTo: task.envelope, ...rest };
    }
  }

  #onEnd(lane: Lane, session: Opened, group: Group, end: SessionEnd): void {
    lane.sessions.delete(session);
    group.open--;
    const works = [...lane.sessions].some((other) => other.works);
    if (end.kind === "failed" && !works) {
      this.#rest(lane, Math.min(15 * MINUTE, SITE_REST * 2 ** lane.failures++));
      for (const task of lane.queue.remove(() => true)) this.#conclude(task, end.outcome, end.facts.mx);
    } else if (end.kind === "failed") {
      this.#rest(lane, REST);
    }
    for (const other of this.#lanes.values()) this.#pumpLane(other);
  }

  #rest(lane: Lane, ms: number): void {
    const rests = this.#fault === "never-again" ? 40 * HOUR : ms;
    lane.restsUntil = Math.max(lane.restsUntil, this.#o.steady() + rests);
    if (this.#fault === "never-again") for (const t of lane.queue.remove(() => true)) this.#postpone(t, rests);
    this.#wake(lane, rests);
  }

  #admit(task: Task): boolean {
    const { part } = task;
    const isActive = this.#fault === "pause-ignored" || this.#o.isActive(part.lease.deliveryId);
    if (part.lost || !isActive || this.#closing) this.#postpone(task, 0);
    else if (this.#o.now() < part.delivery.validUntil || this.#fault === "late") return true;
    else this.#settle(task, { ...this.#recordOf(task), status: "failed", finalAt: this.#o.now(), kind: "expired" });
    return false;
  }

  #conclude(task: Task, outcome: Outcome, mx: string): void {
    const now = this.#o.now();
    const { inDoubtPolicy, validUntil } = task.part.delivery;
    let verdict = outcome.kind === "accepted" ? null : qualifyOutcome(bounceRules, outcome, mx);
    if (verdict?.action === "pause") verdict = { ...verdict, action: "fail" };
    if (this.#fault === "says-sent" && outcome.kind === "refused") verdict = null;
    const limits = { retries: { mode: "adaptive" }, firstAttemptAt: now, mode: "live", relay: null } as const;
    const attempted = {
      attempt: task.attempts + 1,
      now,
      validUntil,
      inDoubtPolicy,
      random: this.#o.random(),
      ...limits,
    };
    const decision = next(attempted, outcome, verdict);
    if (decision.kind === "hold") return this.#postpone(task, MINUTE);
    const { status, type, reason, inDoubt, nextAt, isFinal } = decision;
    if (this.#fault === "timer-for-each" && nextAt !== null) this.#o.timers.set(() => {}, DAY);
    const said = outcome.kind === "lost" ? outcome.detail : replyText(outcome.reply);
    this.#settle(task, {
      ...this.#recordOf(task),
      status,
      type,
      reason,
      inDoubt,
      nextAt,
      finalAt: isFinal ? now : null,
      kind: outcome.kind,
      reply: said,
      quarantineKey: decision.quarantine ? task.matchKey : null,
    });
  }

  #recordOf(task: Task): OutcomeRecord {
    const { lease } = task.part;
    const about = { partId: lease.partId, seq: task.seq, epoch: lease.epoch, attempt: task.attempts + 1 };
    const result = { status: "failed", type: null, reason: null, inDoubt: false, nextAt: null, finalAt: null } as const;
    const server = { stage: null, code: null, enhanced: null, reply: "", mx: null, sourceIp: null, tls: null } as const;
    const rest = { durationMs: null, rule: null, digest: null, quarantineKey: null } as const;
    const { address, domain, status: fromStatus } = task;
    return { ...about, fromStatus, ...result, at: this.#o.now(), kind: "lost", ...server, ...rest, address, domain };
  }

  #settle(task: Task, record: OutcomeRecord): void {
    const times = this.#fault === "settles-twice" && hashOf(task.address) % 10 === 0 ? 2 : 1;
    for (let i = 0; i < times; i++) {
      task.part.outstanding--;
      task.part.uncommitted++;
      this.#o.onRecord(record);
      this.#o.onMoved(task.part);
    }
  }

  #postpone(task: Task, ms: number): void {
    putOff(task.part, this.#o.now() + ms);
    this.#o.onMoved(task.part);
  }

  recall(part: HeldPart): void {
    if (this.#fault === "pause-ignored") return;
    for (const lane of this.#lanes.values()) {
      for (const task of lane.queue.remove((each) => each.part === part)) putOff(task.part, this.#o.now());
    }
  }

  pump(): void {
    for (const lane of this.#lanes.values()) this.#pumpLane(lane);
  }

  useRules(rules: readonly MxRule[]): void {
    if (this.#fault !== "old-rules") this.#rules = rules;
  }

  intentOf({ task }: PreparedMessage) {
    const { kind: _, ...record } = this.#recordOf(task);
    return { ...record, mx: null };
  }

  avoidedDomains(): string[] {
    return [];
  }

  forgetAvoided(): void {}

  standing(): number {
    return 0;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => (this.#closing = resolve));
    for (const lane of this.#lanes.values()) {
      for (const task of lane.queue.remove(() => true)) this.#postpone(task, 0);
      for (const session of lane.sessions) session.handle?.quit();
    }
    if (this.#onWire.size === 0) this.#closing?.();
    return closed;
  }

  #leaveWire(task: Task): void {
    this.#onWire.delete(task);
    if (this.#onWire.size === 0) this.#closing?.();
  }
}
