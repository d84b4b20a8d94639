/**
 * The way of a message through a sender: admitted → routed → source chosen → (copied) → lane → prepared → on the wire → settled → (copied). A
 * message that cannot go now is put off: it goes back to its part unattempted. Nothing here waits for the database.
 *
 * Longer than the house limit: each message comes to exactly one end here, and the ends share the few closures that know them.
 */
import { type CompiledRules, qualifyOutcome } from "../core/bounce/qualify.ts";
import type { Verdict } from "../core/bounce/verdict.ts";
import type { RelayProfile } from "../core/delivery/next.ts";
import { formatKey } from "../core/delivery/status.ts";
import { mayAttempt } from "../core/delivery/validity.ts";
import { type Outcome, replyText } from "../core/smtp/outcome.ts";
import { type Duration, type Instant, SECOND } from "../core/time.ts";
import { isTransientDbError } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import type { Clock, Timers } from "./clock.ts";
import type { CopyFirst } from "./copy-first.ts";
import { type HeldPart, putOff } from "./held-part.ts";
import type { Intent } from "./journal.ts";
import { createLane, type Lane } from "./lane.ts";
import { type Crypto, type Made, makeMessage, type MadeBytes } from "./make-message.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import { doubtful } from "./recover.ts";
import type { Destination, RoutingOptions } from "./routing.ts";
import type { OpenSession, SessionFacts } from "./session-port.ts";
import { sessionFor, usableTargets } from "./session-options.ts";
import { expiredRecord, notRenderedRecord, settleOutcome, unreportedRecord } from "./settle-outcome.ts";
import type { Heard, Shaper } from "./shaper.ts";
import type { SiteShaping } from "./site-shaping.ts";
import type { SendingSource, SourceBook } from "./source-book.ts";
import type { SpeedGate } from "./speed-gate.ts";
import type { WaitingMessage } from "./store.ts";
import type { KnownCopy } from "./store-copies.ts";
import type { PreparedMessage, Task } from "./task.ts";
import { dsnOf, intentFor, keyOf, taskOf } from "./task-of.ts";
import { createTaskQueue } from "./task-queue.ts";
import { createWays, PUT_OFF_MAX, type Site, type Way } from "./ways.ts";

export { PUT_OFF_MAX } from "./ways.ts";

/**
 * Messages of all lanes that are prepared and not on the wire, beyond which lanes keep only a few each. Signing takes most
 * of a message's time and runs in four threads: more in stock would only be garbage that lives long.
 */
const AHEAD_ALL = 32;
/** What a lane holds while nobody knows how fast it is; less when many messages in memory stand still. */
const HOLD_LEAST = 2000;
const HOLD_CROWDED = 32;
const CROWDED = 6000;
/** Lanes that are looked at in one go. */
const PUMPED_AT_ONCE = 1000;
/** Content of a single message that could not be read: the database is away. */
const MISSING_CONTENT: Duration = SECOND;
/** How long a destination that could not be looked up stays out of new leases. */
const AVOID_FOR: Duration = 15 * SECOND;
/** A receiver that may have the message already must never get another one in its name. */
const OTHER_BYTES = "the message would have other bytes than at its first attempt; it is not sent again";
const VERIFIED: Outcome = {
  kind: "accepted",
  reply: { code: 250, enhanced: null, lines: ["made and signed; nothing was sent"] },
};

export type DispatchOptions = {
  readonly bounceRules: CompiledRules;
  readonly routing: RoutingOptions;
  readonly shaper: Shaper;
  readonly sources: SourceBook;
  readonly speed: SpeedGate;
  /** How large a delivery's share of a lane is when others wait too. */
  readonly weightOf: (deliveryId: number) => number;
  readonly crypto: Crypto;
  readonly openSession: OpenSession;
  /** May anything leave now? */
  readonly mayTake: () => boolean;
  /** May this delivery's messages leave? */
  readonly isActive: (deliveryId: number) => boolean;
  /** What the copies of messages ask of them. */
  readonly copyFirst: (make: (task: Task) => Promise<MadeBytes | null>) => CopyFirst;
  /** The outcome is to be journalled and committed. */
  readonly onRecord: (record: OutcomeRecord) => void;
  /** The part of a message that was settled or put off. */
  readonly onMoved: (part: HeldPart) => void;
  /** The delivery cannot go on for a reason that an operator must see. */
  readonly onHold: (deliveryId: number, reason: string) => void;
  /** Where a recipient domain went: for plans. */
  readonly onRouted: (domain: string, site: string, provider: string, mxHosts: readonly string[]) => void;
  /** What a site said last, for whoever looks. */
  readonly onReply: (site: SiteShaping, text: string) => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
};

/** A lane with what it is for. Destination and source are those of the latest message: addresses and policies change. */
export type KnownLane = { readonly lane: Lane; readonly site: SiteShaping; destination: Site; source: SendingSource };

export type Dispatch = {
  readonly start: (part: HeldPart, message: WaitingMessage, copies: readonly KnownCopy[]) => void;
  /** Takes the part's messages out of the lanes and puts them off. */
  readonly recall: (part: HeldPart) => void;
  /** Lanes look again for work; idle ones are forgotten. */
  readonly pump: () => void;
  /** What the journal must know before this message's final dot leaves. */
  readonly intentOf: (message: PreparedMessage) => Intent;
  /** Domains that new leases of this delivery should leave alone for now. */
  avoidedDomains(delivery: Pick<HeldPart["delivery"], "id" | "wish">): string[];
  /** What was put off may be tried again at once. */
  forgetAvoided(): void;
  /** Messages in lanes that do not move: they take up nobody's room. */
  readonly standing: () => number;
  readonly lanes: () => Iterable<KnownLane>;
  readonly onWire: () => Iterable<Task>;
  /** Takes no new messages; resolves when nothing is on the wire. */
  close(): Promise<void>;
};

export function createDispatch(options: DispatchOptions): Dispatch {
  const { clock, shaper, sources } = options;
  const { now } = clock;
  const lanes = new Map<string, KnownLane>();
  const ways = createWays(options);
  /** Those that got messages and were not looked at since. */
  const filled = new Set<Lane>();
  const onWire = new Set<Task>();
  const copies = options.copyFirst(make);
  const toVerify: Task[] = [];
  let verifying = 0;
  /** Where to go on. */
  let toPump = lanes.entries();
  let ahead = 0;
  let standing = 0;
  let onQuiet: (() => void)[] = [];

  const postpone = (task: Task, until: Instant) => {
    copies.takeMade(task);
    putOff(task.part, Math.min(until, now() + PUT_OFF_MAX));
    options.onMoved(task.part);
  };

  const settle = (task: Task, record: OutcomeRecord) => {
    copies.takeMade(task);
    task.part.outstanding--;
    if (!task.part.lost) {
      task.part.uncommitted++;
      options.onRecord(record);
    }
    options.onMoved(task.part);
  };

  const leaveWire = (task: Task) => {
    onWire.delete(task);
    if (onWire.size === 0) for (const resolve of onQuiet.splice(0)) resolve();
  };

  /** May it still leave? Deals with it when not. */
  function admit(task: Task, at: Instant): boolean {
    if (task.part.lost || !options.isActive(task.part.lease.deliveryId)) {
      postpone(task, at);
      return false;
    }
    if (mayAttempt(task.validUntil, at)) return true;
    settle(task, expiredRecord(task, at));
    return false;
  }

  function enter(task: Task, destination: Destination): void {
    if (!admit(task, now())) return;
    if (destination.kind === "failed") {
      ways.avoid(task, now() + AVOID_FOR);
      const { trouble, detail } = destination;
      const outcome: Outcome = { kind: "lost", stage: "connect", trouble, detail, inDoubt: false };
      return conclude(task, outcome, { mx: task.domain, tls: null, durationMs: 0 }, null);
    }
    const site = destination.kind === "site" ? destination : ways.chooseSmarthost(task, destination);
    if (task.part.delivery.archive?.timing !== "before") return join(task, site);
    // No copy is made of what cannot follow it.
    const way = ways.choose(task, site);
    if (way.kind === "later") return putOffAt(task, way.until, way.isOwn);
    const until = laneFor(way, site).lane.roomAt(task);
    if (until !== null) return putOffAt(task, until);
    copies.wait(
      task,
      () => join(task, site),
      (later) => postpone(task, later),
    );
  }

  function join(task: Task, site: Site): void {
    if (!admit(task, now())) return;
    const way = ways.choose(task, site);
    if (way.kind === "later") return putOffAt(task, way.until, way.isOwn);
    const { lane } = laneFor(way, site);
    const added = lane.add(task);
    if (added.kind === "later") return putOffAt(task, added.until);
    shaper.passed(task, way.shaping);
    pumpSoon(lane);
  }

  /** Messages come by the hundred: their lanes are looked at once, when all of them are in. */
  function pumpSoon(lane: Lane): void {
    if (filled.size === 0) queueMicrotask(pumpFilled);
    filled.add(lane);
  }

  function pumpFilled(): void {
    const lanes = [...filled];
    filled.clear();
    for (const lane of lanes) lane.pump();
  }

  /** A lane gave it back: by another source, or later. */
  function reroute(task: Task, from: KnownLane, until: Instant): void {
    if (!admit(task, now())) return;
    const way = ways.choose(task, from.destination);
    if (way.kind === "way" && laneFor(way, from.destination) === from) return putOffAt(task, until);
    join(task, from.destination);
  }

  function putOffAt(task: Task, until: Instant, isOwn = false): void {
    ways.avoid(task, until, isOwn);
    // The others of a part that is for one destination would hear the same.
    if (task.part.lease.domain !== null) task.part.exhausted = true;
    postpone(task, until);
  }

  function laneFor({ source, shaping }: Extract<Way, { kind: "way" }>, destination: Site): KnownLane {
    const key = `${source.key} ${destination.site}${destination.variant}`;
    const known = lanes.get(key);
    if (!known) return makeLane(key, shaping, source, destination);
    known.destination = destination;
    known.source = source;
    return known;
  }

  function makeLane(key: string, site: SiteShaping, source: SendingSource, destination: Site): KnownLane {
    const { speed } = options;
    const idOf = ({ part }: Task) => part.lease.deliveryId;
    const lane: Lane = createLane({
      site: destination.site,
      shaping: site,
      queue: createTaskQueue(speed, options.weightOf),
      targets: () => usableTargets(made.destination, made.source, site.rule(), options.random),
      session: (target) => sessionFor(target, { ...made, rule: site.rule() }),
      openSession: options.openSession,
      prepare: (task) => prepare(task, destination.relayProfile),
      mayPrepareMore: () => ahead < AHEAD_ALL,
      onStockChange: (difference) => {
        ahead += difference;
      },
      holdAtLeast: () => (standing > CROWDED ? HOLD_CROWDED : HOLD_LEAST),
      mayTake: options.mayTake,
      admit,
      isFirst: ({ part }) => part.delivery.loadContent !== null,
      gate: {
        wait: (waiting, at) => speed.wait(idOf(waiting), "leaving", at),
        take: (leaving, at) => speed.take(idOf(leaving), "leaving", at),
      },
      postpone,
      handBack: (tasks, until) => {
        for (const task of tasks) reroute(task, made, until);
      },
      onTaken: (taken) => onWire.add(taken),
      onReturned: leaveWire,
      onOutcome: (message, outcome, facts) => {
        leaveWire(message.task);
        conclude(message.task, outcome, facts, { site, destination, message });
      },
      onSiteFailure: (tasks, outcome, facts) => {
        // Said to the first of them, and of all of them: one answer.
        const [first] = tasks;
        const heard =
          first && outcome.kind === "refused" ? hear(first, outcome, facts, { site, destination }) : undefined;
        for (const waiting of tasks) conclude(waiting, outcome, facts, { site, destination, message: null }, heard);
      },
      clock,
      timers: options.timers,
    });
    const made: KnownLane = { lane, site, destination, source };
    lanes.set(key, made);
    return made;
  }

  async function prepare(task: Task, relay: RelayProfile | null = null): Promise<PreparedMessage | null> {
    const kept = copies.takeMade(task);
    const made = kept === null ? await makeBytes(task) : { kind: "made" as const, ...kept };
    if (made.kind === "later") {
      postpone(task, now() + MISSING_CONTENT);
      return null;
    }
    if (made.kind === "error" || (task.digest !== null && task.digest !== made.digest)) {
      settle(task, notRenderedRecord(task, made.kind === "error" ? made.message : OTHER_BYTES, now()));
      return null;
    }
    if (owesStrictly(task)) {
      postpone(task, now());
      return null;
    }
    task.digest = made.digest;
    const { bytes, mailFrom, needsSmtpUtf8 } = made;
    const { mode } = task.part.delivery;
    return {
      kind: "message",
      task,
      tag: formatKey(keyOf(task)),
      rcptTo: task.envelope,
      bytes,
      mailFrom,
      needsSmtpUtf8,
      ...(mode === "test-smtp" ? { untilRcpt: true } : {}),
      ...dsnOf(task, relay),
    };
  }

  /** A bug that one recipient's values wake must cost that message, not the process and then the next one in turn. */
  function makeBytes(task: Task): Promise<Made | { readonly kind: "later" }> {
    return makeMessage(options.crypto, task.part.delivery, keyOf(task), task.address, task.vars).catch(
      (error: unknown) =>
        isTransientDbError(error)
          ? { kind: "later" as const }
          : { kind: "error" as const, message: `unexpected: ${errorText(error)}` },
    );
  }

  /** For a copy that leaves first; other bytes than at the first attempt are nothing to copy either. */
  async function make(task: Task): Promise<MadeBytes | null> {
    const made = await makeBytes(task);
    return made.kind === "made" && (task.digest === null || task.digest === made.digest) ? made : null;
  }

  /** The last look before a strict message leaves. */
  function owesStrictly({ part, copies: states }: Task): boolean {
    const { archive } = part.delivery;
    return archive !== null && archive.strict && archive.archives.some((id) => states.get(id) !== "archived");
  }

  /** From an outcome to its record, or to a hold. `way`: a site had it, with the message when a session had that. */
  function conclude(
    task: Task,
    outcome: Outcome,
    facts: SessionFacts,
    way: Gone | null,
    known: Heard | null = way?.message ? hear(task, outcome, facts, way) : null,
  ): void {
    const heard = known ?? { verdict: judge(outcome, facts, way), wait: null };
    const { verdict } = heard;
    if (way && outcome.kind !== "accepted") options.onReply(way.site, textOf(outcome));
    const relay = way?.destination.relayProfile ?? null;
    const settled = settleOutcome(task, outcome, verdict, facts, now(), options.random(), {
      relay,
      wait: heard.wait,
    });
    if (settled.kind === "record") {
      const { record } = settled;
      settle(task, task.part.delivery.archive === null ? record : withDebts(record, task, way?.message ?? null));
    } else {
      // The recipient is not to blame: nothing is charged.
      postpone(task, now());
      options.onHold(task.part.lease.deliveryId, settled.reason);
    }
  }

  function withDebts(record: OutcomeRecord, task: Task, message: PreparedMessage | null): OutcomeRecord {
    if (message === null) return record;
    if (task.part.delivery.archive?.timing === "before") return { ...record, debts: copies.debts(task) };
    // A relay that took it has it, whatever it will say of it later.
    if (record.status !== "sent" && record.relayed !== true) return record;
    const { bytes, mailFrom, needsSmtpUtf8 } = message;
    return { ...record, debts: copies.follow(task, { bytes, mailFrom, needsSmtpUtf8, digest: task.digest ?? "" }) };
  }

  /** Shaping takes note of an answer, and may think otherwise of it. */
  function hear(task: Task, outcome: Outcome, facts: SessionFacts, way: Omit<Gone, "message">): Heard {
    return shaper.heard(way.site, task, outcome, facts, judge(outcome, facts, way));
  }

  /** One recipient domain that will not have us is no reason to stop the others; a relay that will not have us is. */
  function judge(outcome: Outcome, facts: SessionFacts, way: Omit<Gone, "message"> | null): Verdict | null {
    if (outcome.kind === "accepted") return null;
    const verdict = qualifyOutcome(options.bounceRules, outcome, facts.mx);
    return verdict.action === "pause" && !way?.destination.isSmarthost ? { ...verdict, action: "fail" } : verdict;
  }

  /** Made and signed like any other, and sent nowhere; a few at a time. */
  async function verify(task: Task): Promise<void> {
    toVerify.push(task);
    if (verifying >= AHEAD_ALL) return;
    verifying++;
    for (let next = toVerify.shift(); next !== undefined; next = toVerify.shift()) {
      const message = admit(next, now()) ? await prepare(next) : null;
      if (message) conclude(next, VERIFIED, { mx: "", tls: null, durationMs: 0 }, null);
    }
    verifying--;
  }

  /** Lanes have timers of their own for what they know will come; this is for the rest. Of very many, each has its turn. */
  function pumpSome(): void {
    for (let count = Math.min(lanes.size, PUMPED_AT_ONCE); count > 0; count--) {
      let next = toPump.next();
      if (next.done) {
        toPump = lanes.entries();
        next = toPump.next();
      }
      if (next.done) return;
      pumpLane(...next.value);
    }
  }

  function pumpLane(key: string, { lane, source, destination }: KnownLane): void {
    if (source.id !== null && !sources.isBound(source.id)) {
      // It was taken away: nothing more leaves from there.
      lane.close();
      lanes.delete(key);
      return;
    }
    if (lane.isIdle()) return void lanes.delete(key);
    // So that it is not forgotten while there is a lane.
    shaper.siteOf(source, destination);
    lane.pump();
  }

  /** Null: it goes on its way. */
  function endOf(task: Task): OutcomeRecord | null {
    const { part, relayed } = task;
    if (relayed) return unreportedRecord(task, now());
    // The owner before us vanished without its journal: this message may have been on its wire.
    return part.lease.takenOver && part.delivery.mode === "live"
      ? doubtful(intentFor(task, now()), part.delivery.inDoubtPolicy, now())
      : null;
  }

  return {
    start: (part, message, known) => {
      const task = taskOf(part, message, known);
      // Its relay may still say something until then.
      if (task.relayed && mayAttempt(task.validUntil, now())) return postpone(task, task.validUntil);
      const end = endOf(task);
      if (end) settle(task, end);
      else if (part.delivery.mode === "verify") void verify(task);
      else void ways.destinationOf(task).then((destination) => enter(task, destination));
    },
    recall: (part) => {
      copies.recall(part);
      for (const { lane } of lanes.values()) {
        for (const task of lane.remove((candidate) => candidate.part === part)) {
          copies.takeMade(task);
          putOff(task.part, now());
        }
      }
    },
    pump: () => {
      copies.sweep();
      shaper.pump();
      pumpSome();
      standing = 0;
      for (const { lane } of lanes.values()) standing += lane.standing();
    },
    intentOf: (message) => intentFor(message.task, now()),
    avoidedDomains: (delivery) => ways.avoidedDomains(delivery),
    forgetAvoided: () => ways.forgetAvoided(),
    standing: () => standing,
    lanes: () => lanes.values(),
    onWire: () => onWire,
    close: async () => {
      for (const { lane } of lanes.values()) lane.close();
      if (onWire.size > 0) await new Promise<void>((resolve) => void onQuiet.push(resolve));
    },
  };
}

/** Which way a message went. */
type Gone = {
  readonly site: SiteShaping;
  readonly destination: Site;
  /** Null: no session ever had it. */
  readonly message: PreparedMessage | null;
};

function textOf(outcome: Exclude<Outcome, { kind: "accepted" }>): string {
  return outcome.kind === "lost" ? outcome.detail || outcome.trouble : replyText(outcome.reply);
}
