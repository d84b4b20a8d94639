/** Reads a controller's state back. What was stored may be of another version or broken: it never allows more than it says. */
import { MINUTE, type Instant } from "../time.ts";
import {
  type Controller,
  type ControllerLimits,
  LONGEST_WAIT,
  rebased,
  slowStartWithin,
  within,
} from "./controller-state.ts";

/** Beyond what dates can say (ECMA-262 §21.4.1.1). */
const LAST_INSTANT = 8.64e15;
const INSTANTS = ["suspendedUntil", "openAfter", "at", "loweredAt", "raisedAt", "rateRaisedAt"] as const;

/** Null when it is not the state of a controller. Values outside the limits of today move inside. */
export function restoreController(json: unknown, limits: ControllerLimits, now: Instant): Controller | null {
  const read = readController(json);
  if (read === null) return null;
  const c = rebased(read, now);
  const suspendedUntil = Math.min(c.suspendedUntil, now + LONGEST_WAIT);
  const raised = Math.max(now, suspendedUntil);
  const { messagesPerHour: range } = limits;
  const own = range === null && c.complainedAt !== null;
  return {
    ...c,
    connections: within(limits.connections, c.connections),
    messagesPerHour: own ? c.messagesPerHour : range && within(range, c.messagesPerHour ?? range.max),
    suspendedUntil,
    openAfter: Math.min(c.openAfter, Math.max(suspendedUntil, now + MINUTE)),
    loweredAt: Math.min(c.loweredAt, now),
    raisedAt: Math.min(c.raisedAt, raised),
    rateRaisedAt: Math.min(c.rateRaisedAt, raised),
    complainedAt: own ? c.complainedAt : null,
    slowStart: slowStartWithin(c.slowStart, limits),
    most: { connections: limits.connections.max, messagesPerHour: range?.max ?? null },
  };
}

function readController(json: unknown): Controller | null {
  if (!isRecord(json)) return null;
  const { connections, messagesPerHour, failures, complainedAt, slowStart, most } = json;
  if (!isCount(connections) || !isCount(failures)) return null;
  if (!isCountOrNull(messagesPerHour) || !isCountOrNull(complainedAt)) return null;
  if (complainedAt !== null && (complainedAt === 0 || messagesPerHour === null)) return null;
  if (!isAllowance(most) || !(slowStart === null || isAllowance(slowStart))) return null;
  const instants = readInstants(json);
  if (instants === null) return null;
  const start = slowStart && { connections: slowStart.connections, messagesPerHour: slowStart.messagesPerHour };
  return {
    connections,
    messagesPerHour,
    failures,
    complainedAt,
    slowStart: start,
    most: { connections: most.connections, messagesPerHour: most.messagesPerHour },
    ...instants,
  };
}

function readInstants(json: Readonly<Record<string, unknown>>): Pick<Controller, (typeof INSTANTS)[number]> | null {
  const read = { suspendedUntil: 0, openAfter: 0, at: 0, loweredAt: 0, raisedAt: 0, rateRaisedAt: 0 };
  for (const name of INSTANTS) {
    const value = json[name];
    if (typeof value !== "number" || !(Math.abs(value) <= LAST_INSTANT)) return null;
    read[name] = value satisfies Instant;
  }
  return read;
}

function isAllowance(value: unknown): value is { connections: number; messagesPerHour: number | null } {
  return isRecord(value) && isCount(value["connections"]) && isCountOrNull(value["messagesPerHour"]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCountOrNull(value: unknown): value is number | null {
  return value === null || isCount(value);
}
