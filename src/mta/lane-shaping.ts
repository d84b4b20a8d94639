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
  createThrottle,
  type Limited,
  type Refusal,
  releaseConnection,
  takeConnection,
  takeMessage,
} from "../core/shaping/throttle.ts";
import type { Outcome } from "../core/smtp/outcome.ts";
import type { Instant } from "../core/time.ts";
import type { SessionFacts } from "./session-port.ts";

export type LaneShaping = {
  /** Connections that the lane may have at this moment. */
  connections(now: Instant): number;
  messagesPerConnection(): number;
  /** Null: no limit. */
  messagesPerHour(now: Instant): number | null;
  suspendedUntil(now: Instant): Instant;
  /** Counts one more connection, or says why not. `wake` is called when somebody lets go of what was missing. */
  connect(now: Instant, wake: () => void): Refusal | null;
  disconnected(now: Instant): void;
  /** Others wait for the connection of a lane that has had it for a while. */
  shouldYield(sent: number): boolean;
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
  return {
    connections: () => controller.connections,
    messagesPerConnection: () => limits.messagesPerConnection,
    messagesPerHour: () => controller.messagesPerHour,
    suspendedUntil: () => controller.suspendedUntil,
    connect: (now) => takeConnection(all(), now),
    disconnected: () => releaseConnection(all()),
    shouldYield: () => false,
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
