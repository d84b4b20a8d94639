/** A lane against simulated servers, under vitest's fake timers. */
import { SYSTEM_TIMERS, systemClock } from "../src/mta/clock.ts";
import { holdPart } from "../src/mta/held-part.ts";
import { createLane, type LaneOptions } from "../src/mta/lane.ts";
import { createPlainShaping, type PlainLimits } from "../src/mta/lane-shaping.ts";
import type { SendableDelivery } from "../src/mta/sendable-delivery.ts";
import type { OpenSession, Session } from "../src/mta/session-port.ts";
import type { PreparedMessage, Task } from "../src/mta/task.ts";
import { createFifo } from "../src/mta/task-queue.ts";
import type { Outcome } from "../src/core/smtp/outcome.ts";

export const ACCEPTED: Outcome = { kind: "accepted", reply: { code: 250, enhanced: null, lines: ["ok"] } };
export const REFUSED: Outcome = {
  kind: "lost",
  stage: "connect",
  trouble: "unreachable",
  detail: "refused",
  inDoubt: false,
};
export const FACTS = { mx: "mx.example.org", tls: null, durationMs: 1 };
export const TARGET = { host: "mx.example.org", address: "192.0.2.1", port: 25 };

export type World = {
  /** Does the n-th connection attempt come up? Null: it never says. */
  readonly comesUp: (attempt: number) => boolean | null;
  readonly replyMs: number;
};

/** Servers that take messages one after the other; counts what the lane does. */
export function simulate(world: World) {
  const seen = { open: 0, maxOpen: 0, attempts: 0, sentAt: [] as number[], perConnection: [] as number[] };
  const openSession: OpenSession = ({ maxMessages }, callbacks): Session => {
    seen.open++;
    seen.maxOpen = Math.max(seen.maxOpen, seen.open);
    const up = world.comesUp(seen.attempts++);
    let sent = 0;
    let busy = false;
    let quitting = false;
    let ended = false;
    const end = () => {
      ended = true;
      seen.open--;
      seen.perConnection.push(sent);
      callbacks.onEnd({ kind: "ended" });
    };
    const next = () => {
      if (busy || ended) return;
      const message = quitting || sent === maxMessages ? null : callbacks.takeMessage();
      if (message) {
        busy = true;
        sent++;
        seen.sentAt.push(Date.now());
        setTimeout(() => {
          busy = false;
          callbacks.onOutcome(message, ACCEPTED, FACTS);
          next();
        }, world.replyMs);
      } else if (quitting || sent === maxMessages) end();
    };
    setTimeout(() => {
      if (up === null) return;
      if (up) return next();
      ended = true;
      seen.open--;
      callbacks.onEnd({ kind: "failed", outcome: REFUSED, facts: FACTS });
    }, 5);
    return {
      wake: next,
      quit: () => {
        quitting = true;
        next();
      },
    };
  };
  return { seen, openSession };
}

const LIMITS = { connections: 3, messagesPerConnection: 10, messagesPerHour: null };
const delivery = { id: 1, validUntil: Number.MAX_SAFE_INTEGER } as SendableDelivery;
const part = holdPart({ partId: 1, deliveryId: 1, domain: null, epoch: 1, takenOver: false }, delivery);
export const taskOf = (seq: number) => ({ part, seq, attempts: 0 }) as Task;

export function laneIn(
  world: World,
  { limits = LIMITS, ...overrides }: Partial<LaneOptions> & { limits?: PlainLimits } = {},
) {
  const { seen, openSession } = simulate(world);
  const clock = systemClock();
  const settled: { seq: number; outcome: Outcome }[] = [];
  const lane = createLane({
    site: "mx.example.org",
    shaping: createPlainShaping(limits, clock.steady()),
    queue: createFifo<Task>(),
    targets: () => [TARGET],
    session: () => ({ source: null, relay: null, tls: null, dotTimeout: null }),
    holdAtLeast: () => Number.POSITIVE_INFINITY,
    gate: null,
    openSession,
    prepare: (task): Promise<PreparedMessage> =>
      Promise.resolve({
        kind: "message",
        task,
        tag: `1-${task.seq}`,
        rcptTo: "",
        bytes: new Uint8Array(),
        mailFrom: "",
        needsSmtpUtf8: false,
      }),
    mayPrepareMore: () => true,
    onStockChange: () => {},
    mayTake: () => true,
    admit: () => true,
    postpone: () => {},
    handBack: () => {},
    onTaken: () => {},
    onReturned: () => {},
    onOutcome: ({ task }, outcome) => {
      settled.push({ seq: task.seq, outcome });
    },
    onSiteFailure: (tasks, outcome) => {
      for (const task of tasks) settled.push({ seq: task.seq, outcome });
    },
    clock,
    timers: SYSTEM_TIMERS,
    ...overrides,
  });
  return { lane, seen, settled };
}
