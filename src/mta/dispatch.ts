/**
 * The way of a message through a sender: admitted → routed → (copied) → lane → prepared → on the wire → settled → (copied). A message
 * that cannot go now is put off: it goes back to its part unattempted. Nothing here waits for the database.
 */
import { parseAddress } from "../core/address/parse-address.ts";
import { formatKey, type MessageKey } from "../core/delivery/status.ts";
import { type CompiledRules, qualifyOutcome } from "../core/bounce/qualify.ts";
import type { Verdict } from "../core/bounce/verdict.ts";
import { ruleFor, type ShapingRule, shareOf } from "../core/shaping/limits.ts";
import type { Outcome } from "../core/smtp/outcome.ts";
import { MINUTE, SECOND, type Duration, type Instant } from "../core/time.ts";
import { errorText } from "../platform/errors.ts";
import { type HeldPart, putOff } from "./held-part.ts";
import type { Intent } from "./journal.ts";
import { createLane, type Lane } from "./lane.ts";
import type { CopyFirst } from "./copy-first.ts";
import { type Crypto, type Made, makeMessage, type MadeBytes } from "./make-message.ts";
import type { OutcomeRecord } from "./outcome-record.ts";
import { doubtful } from "./recover.ts";
import { type Destination, routeDomain, type RoutingOptions } from "./routing.ts";
import type { OpenSession, SessionFacts } from "./session-port.ts";
import { expiredRecord, notRenderedRecord, settleOutcome } from "./settle-outcome.ts";
import type { WaitingMessage } from "./store.ts";
import type { KnownCopy } from "./store-copies.ts";
import type { PreparedMessage, Task } from "./task.ts";

/**
 * Messages of all lanes that are prepared and not on the wire, beyond which lanes keep only a few each. Signing takes most
 * of a message's time and runs in four threads: more in stock would only be garbage that lives long.
 */
const AHEAD_ALL = 32;
/** How long a destination that could not be looked up stays out of new leases. */
const AVOID_FOR: Duration = 15 * SECOND;
/** Another sender has this one's share of the site: give it time to take the part. */
const NO_SHARE_FOR: Duration = 5 * SECOND;
const DESTINATION_FOR: Duration = MINUTE;
const DESTINATIONS_MAX = 20_000;
/** A receiver that may have the message already must never get another one in its name. */
const OTHER_BYTES = "the message would have other bytes than at its first attempt; it is not sent again";

export type DispatchOptions = {
  /** This sender's number among `of` that share the source addresses. */
  readonly index: number;
  readonly of: number;
  readonly bounceRules: CompiledRules;
  readonly shapingRules: readonly ShapingRule[];
  readonly routing: RoutingOptions;
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
  readonly now: () => Instant;
  readonly random: () => number;
};

export type Dispatch = {
  readonly start: (part: HeldPart, message: WaitingMessage, copies: readonly KnownCopy[]) => void;
  /** Takes the part's messages out of the lanes and puts them off. */
  readonly recall: (part: HeldPart) => void;
  /** Lanes look again for work; idle ones are forgotten. */
  readonly pump: () => void;
  /** What the journal must know before this message's final dot leaves. */
  readonly intentOf: (message: PreparedMessage) => Intent;
  /** Domains that new leases should leave alone for now. */
  avoidedDomains(): string[];
  readonly onWire: () => Iterable<Task>;
  /** Takes no new messages; resolves when nothing is on the wire. */
  close(): Promise<void>;
};

type Site = Extract<Destination, { kind: "site" }>;

export function createDispatch(options: DispatchOptions): Dispatch {
  const { now } = options;
  const lanes = new Map<string, Lane>();
  const destinations = new Map<string, { until: Instant; destination: Promise<Destination> }>();
  const avoided = new Map<string, Instant>();
  const onWire = new Set<Task>();
  const copies = options.copyFirst(make);
  let ahead = 0;
  let onQuiet: (() => void)[] = [];

  const postpone = (task: Task, until: Instant) => {
    copies.takeMade(task);
    putOff(task.part, until);
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
    if (at < task.part.delivery.validUntil) return true;
    settle(task, expiredRecord(task, at));
    return false;
  }

  function destinationOf(task: Task): Promise<Destination> {
    const { routes } = task.part.delivery;
    const owner = Object.keys(routes).length > 0 ? task.part.lease.deliveryId : "";
    const key = `${owner} ${task.domain}`;
    const known = destinations.get(key);
    if (known && known.until > now()) return known.destination;
    const destination = routeDomain(task.domain, routes, options.routing);
    destinations.set(key, { until: now() + DESTINATION_FOR, destination });
    if (destinations.size > DESTINATIONS_MAX) destinations.delete(destinations.keys().next().value ?? "");
    return destination;
  }

  function enter(task: Task, destination: Destination): void {
    if (!admit(task, now())) return;
    if (destination.kind === "failed") {
      avoided.set(task.domain, now() + AVOID_FOR);
      const { trouble, detail } = destination;
      const outcome: Outcome = { kind: "lost", stage: "connect", trouble, detail, inDoubt: false };
      conclude(task, outcome, { mx: task.domain, tls: null, durationMs: 0 }, false);
      return;
    }
    const lane = laneFor(task, destination);
    const until = lane ? lane.roomAt() : now() + NO_SHARE_FOR;
    if (until !== null) return avoid(task, until);
    if (task.part.delivery.archive?.timing !== "before") return join(task, destination);
    copies.wait(
      task,
      () => join(task, destination),
      (later) => postpone(task, later),
    );
  }

  function join(task: Task, destination: Site): void {
    if (!admit(task, now())) return;
    const lane = laneFor(task, destination);
    const added = lane?.add(task) ?? { kind: "later", until: now() + NO_SHARE_FOR };
    if (added.kind === "later") return avoid(task, added.until);
    lane?.pump();
  }

  function avoid(task: Task, until: Instant): void {
    avoided.set(task.domain, until);
    postpone(task, until);
  }

  /** Null when this sender has no share of the site's limits. */
  function laneFor(task: Task, destination: Site): Lane | null {
    const { source } = task.part.delivery;
    const key = `${source ?? ""} ${destination.site}`;
    const known = lanes.get(key);
    if (known) return known;
    const rule = ruleFor(options.shapingRules, destination.mxHosts);
    const share = (limit: number) => shareOf(limit, options.index, options.of, destination.site);
    const perHour = rule.messagesPerHour === null ? null : share(rule.messagesPerHour);
    if (share(rule.connections) === 0 || perHour === 0) return null;
    const lane = createLane({
      site: destination.site,
      limits: {
        connections: share(rule.connections),
        messagesPerConnection: rule.messagesPerConnection,
        messagesPerHour: perHour,
      },
      targets: () => destination.targets(options.random),
      source,
      relay: destination.relay,
      openSession: options.openSession,
      prepare,
      mayPrepareMore: () => ahead < AHEAD_ALL,
      onStockChange: (difference) => {
        ahead += difference;
      },
      mayTake: options.mayTake,
      admit,
      postpone,
      onTaken: (taken) => onWire.add(taken),
      onReturned: leaveWire,
      onOutcome: (message, outcome, facts) => {
        leaveWire(message.task);
        return conclude(message.task, outcome, facts, destination.isSmarthost, message);
      },
      onSiteFailure: (tasks, outcome, facts) => {
        for (const waiting of tasks) conclude(waiting, outcome, facts, destination.isSmarthost);
      },
      now,
    });
    lanes.set(key, lane);
    return lane;
  }

  async function prepare(task: Task): Promise<PreparedMessage | null> {
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
    return {
      kind: "message",
      task,
      tag: formatKey(keyOf(task)),
      rcptTo: task.envelope,
      bytes,
      mailFrom,
      needsSmtpUtf8,
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

  /** From an outcome to its record, or to a hold; says whether the lane should slow down. `message`: a session had it. */
  function conclude(
    task: Task,
    outcome: Outcome,
    facts: SessionFacts,
    isSmarthost: boolean,
    message: PreparedMessage | null = null,
  ): "go-on" | "slow-down" {
    const verdict = outcome.kind === "accepted" ? null : judge(outcome, facts, isSmarthost);
    const settled = settleOutcome(task, outcome, verdict, facts, now(), options.random());
    if (settled.kind === "record") {
      settle(task, task.part.delivery.archive === null ? settled.record : withDebts(settled.record, task, message));
    } else {
      // The recipient is not to blame: nothing is charged.
      postpone(task, now());
      options.onHold(task.part.lease.deliveryId, settled.reason);
    }
    return verdict?.action === "slow" && verdict.scope !== "address" ? "slow-down" : "go-on";
  }

  function withDebts(record: OutcomeRecord, task: Task, message: PreparedMessage | null): OutcomeRecord {
    if (message === null) return record;
    if (task.part.delivery.archive?.timing === "before") return { ...record, debts: copies.debts(task) };
    if (record.status !== "sent") return record;
    const { bytes, mailFrom, needsSmtpUtf8 } = message;
    return { ...record, debts: copies.follow(task, { bytes, mailFrom, needsSmtpUtf8, digest: task.digest ?? "" }) };
  }

  /** One recipient domain that will not have us is no reason to stop the others; a relay that will not have us is. */
  function judge(outcome: Exclude<Outcome, { kind: "accepted" }>, facts: SessionFacts, isSmarthost: boolean): Verdict {
    const verdict = qualifyOutcome(options.bounceRules, outcome, facts.mx);
    return verdict.action === "pause" && !isSmarthost ? { ...verdict, action: "fail" } : verdict;
  }

  return {
    start: (part, message, known) => {
      const task = taskOf(part, message, known);
      if (part.lease.takenOver) {
        // The owner before us vanished without its journal: this message may have been on its wire.
        settle(task, doubtful(intentFor(task, now()), part.delivery.inDoubtPolicy, now()));
      } else {
        void destinationOf(task).then((destination) => enter(task, destination));
      }
    },
    recall: (part) => {
      copies.recall(part);
      for (const lane of lanes.values()) {
        for (const task of lane.remove((candidate) => candidate.part === part)) {
          copies.takeMade(task);
          putOff(task.part, now());
        }
      }
    },
    pump: () => {
      copies.sweep();
      for (const [key, lane] of lanes) {
        if (lane.isIdle() && now() >= lane.suspendedUntil()) lanes.delete(key);
        else lane.pump();
      }
    },
    intentOf: (message) => intentFor(message.task, now()),
    avoidedDomains: () => {
      for (const [domain, until] of avoided) if (until <= now()) avoided.delete(domain);
      return [...avoided.keys()];
    },
    onWire: () => onWire,
    close: async () => {
      for (const lane of lanes.values()) lane.close();
      if (onWire.size > 0) await new Promise<void>((resolve) => void onQuiet.push(resolve));
    },
  };
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
