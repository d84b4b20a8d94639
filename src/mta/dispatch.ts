/**
 * The way of a message through a sender: admitted → routed → source chosen → (copied) → lane → prepared → on the wire → settled → (copied). A
 * message that cannot go now is put off: it goes back to its part unattempted. Nothing here waits for the database.
 *
 * Longer than the house limit: each message comes to exactly one end here, and the ends share the few closures that know them.
 */
import { parseAddress } from "../core/address/parse-address.ts";
import { type CompiledRules, qualifyOutcome } from "../core/bounce/qualify.ts";
import type { Verdict } from "../core/bounce/verdict.ts";
import type { RelayProfile } from "../core/delivery/next.ts";
import { formatKey, type MessageKey } from "../core/delivery/status.ts";
import { mayAttempt } from "../core/delivery/validity.ts";
import { chooseSource } from "../core/shaping/choose-source.ts";
import { type Outcome, replyText } from "../core/smtp/outcome.ts";
import { MINUTE, SECOND, type Duration, type Instant } from "../core/time.ts";
import { errorText } from "../platform/errors.ts";
import { type Clock, dateOf, steadyOf, type Timers } from "./clock.ts";
import type { CopyFirst } from "./copy-first.ts";
import { type HeldPart, putOff } from "./held-part.ts";
import type { Intent } from "./journal.ts";
import { createLane, type Lane } from "./lane.ts";
import { type Crypto, type Made, makeMessage, type MadeBytes } from "./make-message.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import { doubtful } from "./recover.ts";
import { type Destination, routeDomain, type RoutingOptions } from "./routing.ts";
import type { OpenSession, SessionFacts } from "./session-port.ts";
import { canReach, sessionFor, usableTargets } from "./session-options.ts";
import { expiredRecord, notRenderedRecord, settleOutcome, unreportedRecord } from "./settle-outcome.ts";
import type { Heard, Shaper } from "./shaper.ts";
import type { SiteShaping } from "./site-shaping.ts";
import type { SendingSource, SourceBook } from "./source-book.ts";
import type { SpeedGate } from "./speed-gate.ts";
import type { WaitingMessage } from "./store.ts";
import type { KnownCopy } from "./store-copies.ts";
import type { PreparedMessage, Task } from "./task.ts";
import { createTaskQueue } from "./task-queue.ts";

/**
 * Messages of all lanes that are prepared and not on the wire, beyond which lanes keep only a few each. Signing takes most
 * of a message's time and runs in four threads: more in stock would only be garbage that lives long.
 */
const AHEAD_ALL = 32;
/** What a lane holds while nobody knows how fast it is; less when many messages in memory stand still. */
const HOLD_LEAST = 2000;
const HOLD_CROWDED = 32;
const CROWDED = 6000;
/** How long a destination that could not be looked up stays out of new leases. */
const AVOID_FOR: Duration = 15 * SECOND;
/** Another sender has this one's share of the site: give it time to take the part. */
const NO_SHARE_FOR: Duration = 5 * SECOND;
/** No source can be used: an operator has to do something, or a restriction has to end. */
const NO_SOURCE_FOR: Duration = 30 * SECOND;
/** Longest that a message is put off without another look: what held it up may be undone. */
export const PUT_OFF_MAX: Duration = 2 * MINUTE;
const DESTINATION_FOR: Duration = MINUTE;
const DESTINATIONS_MAX = 20_000;
/** A receiver that may have the message already must never get another one in its name. */
const OTHER_BYTES = "the message would have other bytes than at its first attempt; it is not sent again";
const VERIFIED: Outcome = {
  kind: "accepted",
  reply: { code: 250, enhanced: null, lines: ["made and signed; nothing was sent"] },
};

const FINAL_WORD = ["SUCCESS", "FAILURE"] as const;

type Site = Extract<Destination, { kind: "site" }>;

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
  avoidedDomains(delivery: Pick<HeldPart["delivery"], "wish">): string[];
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
  const destinations = new Map<string, { until: Instant; destination: Promise<Destination> }>();
  /** By wish and domain, until a steady instant: a wall clock that jumps back must not keep anybody out for a day. */
  const avoided = new Map<string, Instant>();
  const onWire = new Set<Task>();
  const copies = options.copyFirst(make);
  const toVerify: Task[] = [];
  let verifying = 0;
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
    if (mayAttempt(task.part.delivery.validUntil, at)) return true;
    settle(task, expiredRecord(task, at));
    return false;
  }

  function destinationOf(task: Task): Promise<Destination> {
    const { routes } = task.part.delivery;
    const owner = Object.keys(routes).length > 0 ? task.part.lease.deliveryId : "";
    const key = `${owner} ${task.domain}`;
    const known = destinations.get(key);
    if (known && known.until > clock.steady()) return known.destination;
    const destination = routeDomain(task.domain, routes, options.routing);
    destinations.set(key, { until: clock.steady() + DESTINATION_FOR, destination });
    void destination.then(
      (found) => {
        if (found.kind !== "site") return;
        options.onRouted(task.domain, found.site, shaper.providerOf(found), found.mxHosts);
      },
      () => {},
    );
    if (destinations.size > DESTINATIONS_MAX) destinations.delete(destinations.keys().next().value ?? "");
    return destination;
  }

  function enter(task: Task, destination: Destination): void {
    if (!admit(task, now())) return;
    if (destination.kind === "failed") {
      avoid(task, now() + AVOID_FOR);
      const { trouble, detail } = destination;
      const outcome: Outcome = { kind: "lost", stage: "connect", trouble, detail, inDoubt: false };
      return conclude(task, outcome, { mx: task.domain, tls: null, durationMs: 0 }, null);
    }
    const site = destination.kind === "site" ? destination : chooseSmarthost(task, destination);
    if (task.part.delivery.archive?.timing !== "before") return join(task, site);
    // No copy is made of what cannot follow it.
    const way = chooseWay(task, site);
    if (way.kind === "later") return putOffAt(task, way.until);
    const until = way.known.lane.roomAt();
    if (until !== null) return putOffAt(task, until);
    copies.wait(
      task,
      () => join(task, site),
      (later) => postpone(task, later),
    );
  }

  function join(task: Task, site: Site): void {
    if (!admit(task, now())) return;
    const way = chooseWay(task, site);
    if (way.kind === "later") return putOffAt(task, way.until);
    const { lane, site: shaping } = way.known;
    const added = lane.add(task);
    if (added.kind === "later") return putOffAt(task, added.until);
    shaper.passed(task, shaping);
    lane.pump();
  }

  /** A lane gave it back: by another source, or later. */
  function reroute(task: Task, from: KnownLane, until: Instant): void {
    if (!admit(task, now())) return;
    const way = chooseWay(task, from.destination);
    if (way.kind === "way" && way.known === from) return putOffAt(task, until);
    join(task, from.destination);
  }

  const keyOfWish = ({ pool, source }: Task["part"]["delivery"]["wish"]) => `${source ?? ""}\n${pool ?? ""}\n`;

  /** What is in the way may end before its time, and not all that ends is told. */
  function avoid(task: Task, until: Instant): void {
    avoided.set(`${keyOfWish(task.part.delivery.wish)}${task.domain}`, steadyOf(clock, Math.min(until, now() + PUT_OFF_MAX)));
  }

  function putOffAt(task: Task, until: Instant): void {
    avoid(task, until);
    // The others of a part that is for one destination would hear the same.
    if (task.part.lease.domain !== null) task.part.exhausted = true;
    postpone(task, until);
  }

  /** The relay that is well and whose turn it is; the same for a message as long as it is well. */
  function chooseSmarthost(task: Task, { choices }: Extract<Destination, { kind: "smarthosts" }>): Site {
    const isWell = (site: Site) => {
      const source = sources.candidates(task.part.delivery.wish)[0];
      const shaping = source && shaper.siteOf(source, site);
      return shaping === null || shaping === undefined || shaping.suspendedUntil(clock.steady()) <= clock.steady();
    };
    const members = choices.map(({ weight }, source) => ({ source, weight }));
    const choose = (mayUse: (site: Site) => boolean) => {
      const number = chooseSource({ members }, formatKey(keyOf(task)), (i) => {
        const choice = choices[i];
        return choice !== undefined && mayUse(choice.destination);
      });
      return number === null ? undefined : choices[number]?.destination;
    };
    const chosen = choose(isWell) ?? choose(() => true);
    if (!chosen) throw new Error("a choice of relays without relays");
    return chosen;
  }

  /** The source and the lane for it; or from which date on there may be one. */
  function chooseWay(
    task: Task,
    destination: Site,
  ): { readonly kind: "way"; readonly known: KnownLane } | { readonly kind: "later"; readonly until: Instant } {
    const steady = clock.steady();
    let until = Number.POSITIVE_INFINITY;
    let found: KnownLane | null = null;
    const isUsable = (source: SendingSource): boolean => {
      const blocked = blockedUntil(task, source, destination, steady);
      if (blocked !== null) until = Math.min(until, blocked);
      return blocked === null;
    };
    const source = sources.choose(task.part.delivery.wish, task.matchKey, isUsable);
    if (source) found = laneFor(source, destination);
    if (found) return { kind: "way", known: found };
    if (until === Number.POSITIVE_INFINITY) until = steady + (source ? NO_SHARE_FOR : NO_SOURCE_FOR);
    return { kind: "later", until: dateOf(clock, until) };
  }

  /** Steady; null: this source can take the message there now. */
  function blockedUntil(task: Task, source: SendingSource, destination: Site, steady: Instant): Instant | null {
    const avoidedUntil = shaper.avoidedUntil(source, destination);
    if (avoidedUntil !== null && avoidedUntil > steady) return avoidedUntil;
    const site = shaper.siteOf(source, destination);
    if (site === null) return steady + NO_SHARE_FOR;
    const held = shaper.heldUntil(task, site);
    if (held !== null) return held;
    const suspended = site.suspendedUntil(steady);
    if (suspended > steady) return suspended;
    const exhausted = site.warmUp?.exhaustedUntil(steady) ?? null;
    if (exhausted !== null) return exhausted;
    // A source without an address of the site's families cannot reach it.
    return canReach(destination, source, site.rule()) ? null : steady + NO_SOURCE_FOR;
  }

  /** Null when this sender has no share of the site's limits. */
  function laneFor(source: SendingSource, destination: Site): KnownLane | null {
    const key = `${source.key} ${destination.site}${destination.variant}`;
    const known = lanes.get(key);
    if (known) {
      known.destination = destination;
      known.source = source;
      return known;
    }
    const site = shaper.siteOf(source, destination);
    return site && makeLane(key, site, source, destination);
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
        const heard = first && outcome.kind === "refused" ? hear(first, outcome, facts, { site, destination }) : undefined;
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
  function makeBytes(task: Task): Promise<Made> {
    return makeMessage(options.crypto, task.part.delivery, keyOf(task), task.address, task.vars).catch(
      (error: unknown) => ({ kind: "error" as const, message: `unexpected: ${errorText(error)}` }),
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
    way: Way | null,
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
  function hear(task: Task, outcome: Outcome, facts: SessionFacts, way: Omit<Way, "message">): Heard {
    return shaper.heard(way.site, task, outcome, facts, judge(outcome, facts, way));
  }

  /** One recipient domain that will not have us is no reason to stop the others; a relay that will not have us is. */
  function judge(outcome: Outcome, facts: SessionFacts, way: Omit<Way, "message"> | null): Verdict | null {
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

  /** Null: it goes on its way. */
  function endOf(task: Task): OutcomeRecord | null {
    const { part, relayed } = task;
    if (relayed) return unreportedRecord(task, now());
    // The owner before us vanished without its journal: this message may have been on its wire.
    return part.lease.takenOver && part.delivery.mode === "live" ? doubtful(intentFor(task, now()), part.delivery.inDoubtPolicy, now()) : null;
  }

  return {
    start: (part, message, known) => {
      const task = taskOf(part, message, known);
      // Its relay may still say something until then.
      if (task.relayed && mayAttempt(part.delivery.validUntil, now())) return postpone(task, part.delivery.validUntil);
      const end = endOf(task);
      if (end) settle(task, end);
      else if (part.delivery.mode === "verify") void verify(task);
      else void destinationOf(task).then((destination) => enter(task, destination));
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
      standing = 0;
      for (const [key, { lane, source, destination }] of lanes) {
        if (source.id !== null && !sources.isBound(source.id)) {
          // It was taken away: nothing more leaves from there.
          lane.close();
          lanes.delete(key);
          continue;
        }
        // So that it is not forgotten while there is a lane.
        shaper.siteOf(source, destination);
        if (lane.isIdle()) lanes.delete(key);
        else lane.pump();
        standing += lane.standing();
      }
    },
    intentOf: (message) => intentFor(message.task, now()),
    avoidedDomains: ({ wish }) => {
      const prefix = keyOfWish(wish);
      const domains: string[] = [];
      for (const [key, until] of avoided) {
        if (until <= clock.steady()) avoided.delete(key);
        else if (key.startsWith(prefix)) domains.push(key.slice(prefix.length));
      }
      return domains;
    },
    forgetAvoided: () => avoided.clear(),
    standing: () => standing,
    lanes: () => lanes.values(),
    onWire: () => onWire,
    close: async () => {
      for (const { lane } of lanes.values()) lane.close();
      if (onWire.size > 0) await new Promise<void>((resolve) => void onQuiet.push(resolve));
    },
  };
}

type Way = {
  readonly site: SiteShaping;
  readonly destination: Site;
  /** Null: no session ever had it. */
  readonly message: PreparedMessage | null;
};

/** A relay is asked for its final word where that is what we wait for. */
function dsnOf({ part, address }: Task, relay: RelayProfile | null): Pick<PreparedMessage, "dsn"> {
  const notify = part.delivery.notify ?? (relay === "confirmed" ? FINAL_WORD : null);
  return notify === null ? {} : { dsn: { ret: "HDRS", envid: null, notify, orcpt: address } };
}

function textOf(outcome: Exclude<Outcome, { kind: "accepted" }>): string {
  return outcome.kind === "lost" ? outcome.detail || outcome.trouble : replyText(outcome.reply);
}

function keyOf({ part, seq }: Task): MessageKey {
  return { partId: part.lease.partId, seq };
}

function intentFor(task: Task, at: Instant): Intent {
  const { lease, delivery } = task.part;
  // What is in doubt may have left: with timing `before` its copies are due.
  const due = delivery.archive?.timing === "before" ? delivery.archive.archives : [];
  const owed = due.filter((id) => task.copies.get(id) !== "archived");
  return {
    ...(owed.length > 0 ? { debts: owed.map((archive) => ({ archive, nextAt: at })) } : {}),
    partId: lease.partId,
    seq: task.seq,
    digest: task.digest,
    epoch: lease.epoch,
    attempt: task.attempts + 1,
    fromStatus: task.status,
    mx: null,
    at,
    address: task.address,
    domain: task.domain,
  };
}

function taskOf(part: HeldPart, row: WaitingMessage, copies: readonly KnownCopy[]): Task {
  const parsed = parseAddress(row.address);
  // An address that is none any more is refused when its message is made.
  const known = parsed.kind === "valid" ? parsed : { envelope: row.address, domain: "", matchKey: row.address };
  return {
    part,
    seq: row.seq,
    address: row.address,
    envelope: known.envelope,
    domain: known.domain,
    matchKey: known.matchKey,
    vars: row.vars,
    status: row.status,
    attempts: row.attempts,
    firstAttemptAt: row.firstAttemptAt,
    relayed: row.relayed,
    type: row.type,
    reason: row.reason,
    digest: (row.digest ?? copied(part, copies))?.toString("base64") ?? null,
    copies: new Map(copies.map(({ archive, state }) => [archive, state])),
    copiesDueAt: dueAt(copies),
    made: null,
  };
}

/** An exact copy that is in an archive binds its original, which may never have left. */
function copied({ delivery }: HeldPart, copies: readonly KnownCopy[]): Buffer | null {
  return delivery.archive?.copy === "exact" ? (copies.find(({ digest }) => digest !== null)?.digest ?? null) : null;
}

function dueAt(copies: readonly KnownCopy[]): Instant | null {
  const due = copies.flatMap(({ state, next_attempt_at: at }) => (state === "owed" && at !== null ? [at] : []));
  return due.length === 0 ? null : Math.min(...due);
}
