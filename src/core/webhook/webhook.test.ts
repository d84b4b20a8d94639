/** Names of events, and what answers of webhooks mean. */
import { describe, expect, it, test } from "vitest";

import { DAY, HOUR, SECOND } from "../time.ts";
import { isToBeDisabled, judgeAnswer, MAX_TRIES, nextTry } from "./attempt.ts";
import { EVENT_TYPES, typeOfDeliveryEvent, typeOfOutcome } from "./event-types.ts";

test("names are words between dots, as the specification wants them", () => {
  for (const type of EVENT_TYPES) expect(type).toMatch(/^[a-z0-9_]+\.[a-z0-9_]+$/);
});

describe("the kinds of a delivery's log", () => {
  it.each([
    ["analysis.finished", "delivery.analyzed"],
    ["delivery.finished", "delivery.completed"],
    ["delivery.stopped", "delivery.cancelled"],
    ["delivery.missed", "delivery.failed"],
    ["delivery.started", "delivery.started"],
    ["delivery.edited", null],
    ["constructor", null],
  ])("%s is %s", (kind, type) => expect(typeOfDeliveryEvent(kind)).toBe(type));
});

describe("an outcome", () => {
  it.each([
    ["accepted", "sent", "message.delivered"],
    ["verified", "sent", null],
    ["refused", "taken-into-account", "message.deferred"],
    ["lost", "taken-into-account", "message.deferred"],
    ["refused", "failed", "message.bounced"],
    ["bounce", "failed", "message.bounced"],
    ["expired", "failed", "message.failed"],
    ["not-rendered", "failed", "message.failed"],
    ["in-doubt", "in-doubt", null],
  ])("%s, %s is %s", (kind, status, type) => expect(typeOfOutcome({ kind, status })).toBe(type));
});

describe("an answer", () => {
  const failed = (pause: number) => ({ kind: "failed", pause });
  it.each([
    [200, null, { kind: "delivered" }],
    [299, null, { kind: "delivered" }],
    [302, null, failed(0)],
    [404, "60", failed(0)],
    [410, null, { kind: "gone" }],
    [429, null, failed(10 * SECOND)],
    [429, "120", failed(120 * SECOND)],
    [429, "999999999", failed(HOUR)],
    [503, "7", failed(7 * SECOND)],
    [503, "Wed, 21 Oct 2026 07:28:00 GMT", failed(0)],
    [504, "-1", failed(10 * SECOND)],
    [null, null, failed(0)],
  ])("%s with Retry-After %s", (status, retryAfter, verdict) =>
    expect(judgeAnswer({ status, retryAfter })).toEqual(verdict),
  );
});

test("tries follow the schedule of the specification, then end", () => {
  const waits = Array.from({ length: MAX_TRIES }, (_, i) => nextTry(i + 1, 0, 0));
  const sums = waits.map((_, i) => waits.slice(0, i + 1).reduce<number>((sum, wait) => sum + (wait ?? 0), 0));
  expect(waits.at(-1)).toBeNull();
  expect(sums.at(-2)).toBe(75 * HOUR + 35 * 60 * SECOND + 5 * SECOND);
  expect(nextTry(1, 1000, 1)).toBe(1000 + 5500);
});

test("it is switched off when nothing arrived for five days", () => {
  expect(isToBeDisabled(0, 5 * DAY - 1)).toBe(false);
  expect(isToBeDisabled(0, 5 * DAY)).toBe(true);
});
