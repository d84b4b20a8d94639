/** The log's address, and the tone and order of a timeline. */
import { expect, test } from "vitest";

import type { Attempt, MessageDetail } from "../../../src/contract/index.ts";
import { attemptTone, filterOf, isFiltered, lastAt, logSearch, mailTone, timelineOf, varsOf } from "./view-model.ts";

const attempt = (over: Partial<Attempt>): Attempt => ({
  attempt: 1,
  at: "2026-01-01T00:00:00Z",
  kind: "refused",
  stage: "rcpt",
  code: 450,
  enhanced: "4.2.0",
  reply: "450 4.2.0 greylisted",
  mx: "mx.example",
  sourceIp: null,
  tls: null,
  durationMs: 12,
  type: "soft",
  reason: "refused",
  rule: null,
  ...over,
});

test("known filters pass, unknown words are no filter", () => {
  expect(logSearch({ status: "failed", reason: "user-unknown", domain: "example.com", recipient: "ann" })).toEqual({
    status: "failed",
    reason: "user-unknown",
    domain: "example.com",
    recipient: "ann",
    message: undefined,
  });
  expect(logSearch({ status: "lost-in-space", reason: ["x"], domain: "", recipient: 42 })).toEqual({
    status: undefined,
    reason: undefined,
    domain: undefined,
    recipient: "42",
    message: undefined,
  });
});

test("the open message is no filter", () => {
  expect(isFiltered(logSearch({ message: "1-2" }))).toBe(false);
  expect(isFiltered(logSearch({ domain: "example.com" }))).toBe(true);
  expect(filterOf(logSearch({ message: "1-2", status: "sent" }))).toEqual({
    status: "sent",
    reason: undefined,
    domain: undefined,
    recipient: undefined,
  });
});

test.each([
  [{ kind: "accepted", code: 250 }, "sent"],
  [{ kind: "tested", code: 250 }, "sent"],
  [{ kind: "verified", code: null }, "sent"],
  [{ kind: "unreported", code: null }, "sent"],
  [{ kind: "final-word", code: null, type: null }, "sent"],
  [{ kind: "final-word", code: null, type: "hard" }, "failed"],
  [{ kind: "bounce", code: 550, type: "soft" }, "failed"],
  [{ kind: "refused", code: 450 }, "retry"],
  [{ kind: "refused", code: 550, type: "hard" }, "failed"],
  [{ kind: "refused", code: null, type: "hard" }, "failed"],
  [{ kind: "lost", code: null }, "retry"],
  [{ kind: "in-doubt", code: null }, "doubt"],
  [{ kind: "expired", code: null }, "failed"],
] as [Partial<Attempt>, string][])("%j wears %s", (over, tone) => {
  expect(attemptTone(attempt(over))).toBe(tone);
});

test("the newest attempt comes first", () => {
  const timeline = [attempt({ attempt: 1 }), attempt({ attempt: 3 }), attempt({ attempt: 2 })];
  expect(timelineOf({ timeline } as MessageDetail).map((each) => each.attempt)).toEqual([3, 2, 1]);
});

test("a row's date is the final one, else the first attempt, else none", () => {
  const line = { firstAttemptAt: "2026-01-01T00:00:00Z", finalAt: null } as MessageDetail;
  expect(lastAt(line)).toBe("2026-01-01T00:00:00Z");
  expect(lastAt({ ...line, finalAt: "2026-01-02T00:00:00Z" })).toBe("2026-01-02T00:00:00Z");
  expect(lastAt({ ...line, firstAttemptAt: null })).toBeNull();
});

test("variables are written as they are", () => {
  expect(varsOf({ name: "Ann", visits: 3, tags: ["a"], none: null })).toEqual([
    { name: "name", value: "Ann" },
    { name: "visits", value: "3" },
    { name: "tags", value: '["a"]' },
    { name: "none", value: "null" },
  ]);
});

test.each([
  ["bounce", "failed"],
  ["complaint", "failed"],
  ["delayed", "retry"],
  ["success", "sent"],
  ["auto-reply", "waiting"],
  [null, "waiting"],
] as const)("a mail about it: %s is %s", (kind, tone) => {
  expect(mailTone({ kind })).toBe(tone);
});
