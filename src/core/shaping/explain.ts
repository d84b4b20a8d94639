/**
 * Why a delivery or a message is not further: of all that holds it back the one thing that has to go first. Pure: facts in, a sentence out.
 * What stops everything (paused, no sender, no source, the archive) comes before what only waits for a time, and that before lanes.
 */
import type { DeliveryState, MessageStatus } from "../delivery/status.ts";
import { formatInstant, HOUR, MINUTE, type Instant } from "../time.ts";
import type { Constraint, SourceKey } from "./restriction.ts";

export type Explanation = {
  readonly constraint: Constraint;
  readonly why: string;
  /** When it ends by itself, as far as is known. */
  readonly until: Instant | null;
};

/** Where messages of the delivery go, and how that lane is. */
export type LaneFact = Explanation & {
  /** Null: no sender has told of this lane lately. */
  readonly laneId: string | null;
  readonly provider: string;
  readonly site: string;
  readonly source: SourceKey;
  /** Messages of the delivery that are not final. */
  readonly waiting: number;
};

export type DeliveryFacts = {
  readonly now: Instant;
  readonly state: DeliveryState;
  readonly holdReason: string | null;
  /** Who paused or stopped it last, and when. */
  readonly stoppedBy: { readonly actor: string; readonly at: Instant } | null;
  /** Untouched messages, and those that wait for another attempt. */
  readonly pending: number;
  readonly retrying: number;
  readonly nextRetryAt: Instant | null;
  readonly leasedParts: number;
  /** Sender processes that run. */
  readonly senders: number;
  /** Sources that may be used; with the pool's name. */
  readonly sources: number;
  readonly pool: string | null;
  /** Why senders hold its messages back: an archive that does not take copies. */
  readonly waitingFor: string | null;
  /** Messages an hour. */
  readonly speed: number | null;
  /** By its lanes. */
  readonly acceptedLastMinute: number;
  readonly lanes: readonly LaneFact[];
};

/** A delivery that does this much of its speed is held back by it and by nothing else. */
const NEAR_SPEED = 0.8;

export function explainDelivery(facts: DeliveryFacts): Explanation {
  return (
    explainState(facts) ??
    explainStandstill(facts) ??
    explainRetries(facts) ??
    explainSpeed(facts) ??
    explainLanes(facts) ??
    nothing(facts)
  );
}

/** Null while it is in progress. */
function explainState({ state, holdReason, stoppedBy }: DeliveryFacts): Explanation | null {
  const by = stoppedBy === null ? "" : ` by ${stoppedBy.actor} at ${formatInstant(stoppedBy.at)}`;
  switch (state) {
    case "editing":
    case "analysing":
    case "ready":
      return explanation("none", "It was not started yet");
    case "scheduled":
    case "start-pending":
      return explanation("none", "It waits for its time to start");
    case "finished":
    case "stopped":
      return explanation("none", "It is over");
    case "stopping":
      return explanation("paused", `It was stopped${by}; what is on the wire ends`);
    case "pausing":
    case "paused":
      return explanation("paused", holdReason === null ? `It was paused${by}` : `It holds by itself: ${holdReason}`);
    case "in-progress":
      return null;
  }
}

/** What stops all of it. */
function explainStandstill(facts: DeliveryFacts): Explanation | null {
  if (facts.senders === 0) return explanation("no-source", "No sender process runs");
  if (facts.sources === 0) {
    const pool = facts.pool === null ? "" : ` of the pool "${facts.pool}"`;
    return explanation("no-source", `No source${pool} can be used`);
  }
  if (facts.waitingFor !== null) return explanation("archive", facts.waitingFor);
  return null;
}

function explainRetries({ now, pending, retrying, nextRetryAt }: DeliveryFacts): Explanation | null {
  if (pending > 0 || retrying === 0 || nextRetryAt === null || nextRetryAt <= now) return null;
  const left = retrying === 1 ? "The message that is left waits" : `All ${retrying} messages that are left wait`;
  return {
    constraint: "retry-wait",
    why: `${left} for another attempt; the next is due at ${formatInstant(nextRetryAt)}`,
    until: nextRetryAt,
  };
}

function explainSpeed({ speed, acceptedLastMinute }: DeliveryFacts): Explanation | null {
  if (speed === null || acceptedLastMinute * (HOUR / MINUTE) < speed * NEAR_SPEED) return null;
  return explanation("delivery-speed", `Its speed is ${speed} messages an hour`);
}

/** The lane that most messages wait for, of those that are held back at all. */
function explainLanes({ lanes, pending, retrying }: DeliveryFacts): Explanation | null {
  const [worst] = byWaiting(lanes).filter(({ constraint, waiting }) => constraint !== "none" && waiting > 0);
  if (worst === undefined) return null;
  const { constraint, provider, source, waiting, until } = worst;
  const share = Math.round((100 * waiting) / Math.max(1, pending + retrying));
  const part = share >= 1 ? `${Math.min(100, share)} % of what is left` : `${waiting} of its messages`;
  return { constraint, why: `${part} goes to ${provider} from ${source}: ${worst.why}`, until };
}

function nothing({ leasedParts, pending, retrying }: DeliveryFacts): Explanation {
  if (pending + retrying === 0) return explanation("none", "Nothing is left to send");
  return explanation(
    "none",
    leasedParts === 0 ? "Senders are about to take its next messages" : "Nothing holds it back: it is sending",
  );
}

/** Most messages first; what is held back before what is not. */
export function byWaiting(lanes: readonly LaneFact[]): LaneFact[] {
  return lanes.toSorted(
    (a, b) => b.waiting - a.waiting || Number(a.constraint === "none") - Number(b.constraint === "none"),
  );
}

export type MessageFacts = {
  readonly now: Instant;
  readonly status: MessageStatus;
  /** A relay has it and has not said its last word. */
  readonly relayed: boolean;
  readonly validUntil: Instant | null;
  readonly nextAttemptAt: Instant | null;
  readonly lastReply: string | null;
  /** Whether a sender has the message's part now; else when it is due, null: never. */
  readonly isLeased: boolean;
  readonly partDueAt: Instant | null;
  readonly delivery: Explanation & { readonly state: DeliveryState };
  /** Null: where its domain's mail goes is not known yet. */
  readonly lane: LaneFact | null;
};

export function explainMessage(facts: MessageFacts): Explanation {
  const { now, delivery, lane } = facts;
  const settled = explainStatus(facts);
  if (settled !== null) return settled;
  if (delivery.state !== "in-progress") return own(delivery);
  if (facts.nextAttemptAt !== null && facts.nextAttemptAt > now) return explainWait(facts, facts.nextAttemptAt);
  if (["no-source", "archive"].includes(delivery.constraint)) return own(delivery);
  if (lane !== null && lane.constraint !== "none") return own(lane);
  if (facts.isLeased) return explanation("none", "A sender has it");
  if (facts.partDueAt !== null && facts.partDueAt > now) {
    return {
      constraint: "retry-wait",
      why: `The part of the delivery that it is in is due at ${formatInstant(facts.partDueAt)}`,
      until: facts.partDueAt,
    };
  }
  if (delivery.constraint === "delivery-speed") return own(delivery);
  return explanation("none", "Senders take the parts of its delivery one after the other; its turn comes");
}

/** Null while it is to be attempted. */
function explainStatus({ status, relayed, validUntil, lastReply }: MessageFacts): Explanation | null {
  switch (status) {
    case "sent":
      return explanation("none", "It was sent");
    case "failed":
      return explanation("none", lastReply === null ? "It failed" : `It failed: ${lastReply}`);
    case "cancelled":
      return explanation("none", "It was cancelled with its delivery");
    case "in-doubt":
      return explanation("paused", "The server may have it already; somebody has to decide whether it is sent again");
    case "pending":
      return null;
    case "taken-into-account":
      return relayed
        ? { constraint: "remote", why: "A relay has it; its last word is not in yet", until: validUntil }
        : null;
  }
}

function explainWait({ lastReply, lane }: MessageFacts, until: Instant): Explanation {
  const wait = `The next attempt is at ${formatInstant(until)}`;
  if (lastReply !== null) return { constraint: "retry-wait", why: `${wait}; the server said: ${lastReply}`, until };
  if (lane !== null && lane.constraint !== "none")
    return { constraint: lane.constraint, why: `${wait}; ${lane.why}`, until };
  return { constraint: "retry-wait", why: wait, until };
}

function own({ constraint, why, until }: Explanation): Explanation {
  return { constraint, why, until };
}

function explanation(constraint: Constraint, why: string): Explanation {
  return { constraint, why, until: null };
}
