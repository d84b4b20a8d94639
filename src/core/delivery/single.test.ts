/** What whoever sent a single message reads. */
import { expect, test } from "vitest";

import {
  singleFactsOf,
  type SingleState,
  singleStatus,
  type SingleStatus,
  withoutSingleFacts,
  withSingleFacts,
} from "./single.ts";

const NOW = 1_000_000;
const WAITING: SingleState = {
  status: "pending",
  ignored: null,
  attempts: 0,
  nextAttemptAt: null,
  expired: false,
  carrier: "in-progress",
};

test.each<[SingleStatus, Partial<SingleState>]>([
  ["queued", {}],
  ["queued", { nextAttemptAt: NOW }],
  ["scheduled", { nextAttemptAt: NOW + 1 }],
  ["paused", { carrier: "paused", nextAttemptAt: NOW + 1 }],
  ["paused", { carrier: "pausing", status: "taken-into-account", attempts: 1 }],
  ["retrying", { status: "taken-into-account", attempts: 1, nextAttemptAt: NOW + 1 }],
  // Put back without an attempt that counted: it is no longer waiting for its time.
  ["queued", { attempts: 1, nextAttemptAt: NOW + 1 }],
  ["sent", { status: "sent", attempts: 1, carrier: "paused" }],
  ["failed", { status: "failed", attempts: 1 }],
  ["expired", { status: "failed", attempts: 1, expired: true }],
  ["cancelled", { status: "cancelled" }],
  ["ignored", { status: "cancelled", ignored: "quarantined" }],
  ["in-doubt", { status: "in-doubt", attempts: 1, carrier: "stopped" }],
])("%s: %j", (status, state) => {
  expect(singleStatus({ ...WAITING, ...state }, NOW)).toBe(status);
});

test("the facts stand beside the values and come out again", () => {
  const facts = { at: NOW, until: NOW + 5, content: 7 };
  const row = withSingleFacts({ name: "Ada" }, facts);
  expect([singleFactsOf(row), withoutSingleFacts(row), singleFactsOf({ name: "Ada" })]).toEqual([
    facts,
    { name: "Ada" },
    null,
  ]);
});
