/**
 * What a lane asks before it acts, and tells after: connections, rates, rests. `shaper.ts` answers by rules, controllers and restrictions; the
 * plain one here has fixed limits, for archives. All instants are of the steady clock.
 */
import {
  accepted,
  connectionRefused,
  type Controller,
  type ControllerLimits,
  initialController,
  type Rest,
  siteFailed,
} from "../core/shaping/controller.ts";
import {
  countConnection,
  createThrottle,
  type Limited,
  messageRefusal,
  type Refusal,
  releaseConnection,
  takeConnection,
  takeMessage,
} from "../core/shaping/throttle.ts";
import type { Outcome } from "../core/smtp/outcome.ts";
import type { Instant } from "../core/time.ts";
import type { SessionFacts } from "./session-port.ts";

/** A lane, as one that may have to wait for a connection. */
export type Waiter = {
  /** Somebody let go of one. */
  wake(): void;
  /** Connections that it has. */
  readonly open: () => number;
};

/** One open connection as it is counted. */
export type Counted = {
  /** It takes no more messages: nobody else has to leave in its place. */
  leave(): void;
  closed(now: Instant): void;
  /** It was made anew in the same place. */
  remade(now: Instant): void;
};

export type Connected =
  | { readonly kind: "connected"; readonly counted: Counted }
  | ({ readonly kind: "refused" } & Refusal);

export type LaneShaping = {
  /** Connections that the lane may have at this moment. */
  connections(now: Instant): number;
  messagesPerConnection(now: Instant): number;
  /** Null: no limit. */
  messagesPerHour(now: Instant): number | null;
  suspendedUntil(now: Instant): Instant;
  /** Counts one more connection, or says why not. `waiter` is woken when somebody lets go of what was missing. */
  connect(now: Instant, waiter: Waiter): Connected;
  /** So many connections more than may be are open, without those that leave already. */
  surplus(now: Instant): number;
  /** Another lane waits for a connection. */
  isWanted(waiter: Waiter): boolean;
  /** … and has fewer than this one, which sent so much over one of its own that it is the other's turn. */
  shouldYield(waiter: Waiter, sent: number): boolean;
  /** Why no message may leave now, whichever; null: one may. Takes nothing. */
  refusal(now: Instant): Refusal | null;
  /** Takes the right to send one message, or says why not. */
  take(now: Instant): Refusal | null;
  accepted(now: Instant): void;
  /** A further connection was refused while `open` others work. */
  connectionRefused(open: number, outcome: Outcome, now: Instant): void;
  /** No host of the site gave a session. */
  siteFailed(outcome: Outcome, facts: SessionFacts, now: Instant): void;
};

export type PlainLimits = {
  readonly connections: number;
  readonly messagesPerConnection: number;
  /** Null: no limit. */
  readonly messagesPerHour: number | null;
};

/** Fixed limits for a lane by itself; less for a while when its server is in trouble. */
export function createPlainShaping(limits: PlainLimits, begin: Instant, rest?: Rest): LaneShaping {
  const perHour = limits.messagesPerHour;
  const ranges: ControllerLimits = {
    connections: { min: 1, max: limits.connections },
    messagesPerHour: perHour === null ? null : { min: perHour, max: perHour },
  };
  let controller: Controller = initialController(ranges, begin);
  const throttle = createThrottle(begin);
  const all = (): readonly Limited[] => [
    {
      throttle,
      limits: {
        connections: controller.connections,
        messagesPerHour: controller.messagesPerHour,
        connectionsPerMinute: null,
      },
    },
  ];
  let leaving = 0;
  const count = (): Counted => {
    let leaves = false;
    return {
      leave: () => {
        if (!leaves) leaving++;
        leaves = true;
      },
      closed: () => {
        releaseConnection(all());
        if (leaves) leaving--;
      },
      remade: (now) => countConnection(all(), now),
    };
  };
  return {
    connections: () => controller.connections,
    messagesPerConnection: () => limits.messagesPerConnection,
    messagesPerHour: () => controller.messagesPerHour,
    suspendedUntil: () => controller.suspendedUntil,
    connect: (now) => {
      const refusal = takeConnection(all(), now);
      if (refusal) return { kind: "refused", ...refusal };
      return { kind: "connected", counted: count() };
    },
    surplus: () => throttle.open - leaving - controller.connections,
    isWanted: () => false,
    shouldYield: () => false,
    refusal: (now) => messageRefusal(all(), now),
    take: (now) => takeMessage(all(), now),
    accepted: (now) => {
      controller = accepted(controller, ranges, now);
    },
    connectionRefused: (open, _outcome, now) => {
      controller = connectionRefused(controller, ranges, open, now);
    },
    siteFailed: (_outcome, _facts, now) => {
      controller = siteFailed(controller, ranges, now, rest);
    },
  };
}
