import { expect, test } from "vitest";

import type { Approval, Delivery } from "../../../src/contract/index.ts";
import {
  addressesIn,
  asksForNumber,
  firstDate,
  openApprovals,
  readNumber,
  reviewerNames,
  secondsUntil,
  timeZones,
} from "./view-model.ts";

test.each([
  [10_000, 10_000, false],
  [10_001, 10_000, true],
  [1, 0, true],
  [1_000_000, null, false],
  [1_000_000, undefined, false],
])("%i people, asked above %j: %j", (people, above, asks) => expect(asksForNumber(people, above)).toBe(asks));

test.each([
  ["95188", 95_188],
  ["95,188", 95_188],
  ["95 188", 95_188],
  ["95\u202f188", 95_188],
  ["95.188", 95_188],
  ["", null],
  ["-5", null],
  ["95k", null],
])("%j is %j", (text, number) => expect(readNumber(text)).toBe(number));

test("seconds are whole, and none is below zero", () => {
  const at = "2026-11-27T09:00:00.000Z";
  expect([-1500, -1, 0, 5000].map((after) => secondsUntil(at, Date.parse(at) + after))).toEqual([2, 1, 0, 0]);
});

test("addresses stand one a line, or parted by commas", () => {
  expect(addressesIn(" a@b.example\n\nc@d.example, e@f.example;")).toEqual([
    "a@b.example",
    "c@d.example",
    "e@f.example",
  ]);
});

const approval = (kind: Approval["kind"], state: Approval["state"]): Approval => ({
  kind,
  state,
  reviewers: { operators: ["1", "9"], groups: ["2"] },
  askedAt: "",
  deadline: "",
  decidedAt: null,
  decidedBy: null,
  comment: "",
});

test("what is not approved keeps it from starting", () => {
  const approvals = [approval("target", "approved"), approval("content", "pending"), approval("start", "rejected")];
  expect(openApprovals({ approvals } as Delivery).map(({ kind }) => kind)).toEqual(["content", "start"]);
  expect(openApprovals({} as Delivery)).toEqual([]);
});

test("reviewers are named, as far as they are known", () => {
  const known = { operators: [{ id: "1", name: "Ann" }], groups: [{ id: "2", name: "Law" }] };
  expect(reviewerNames(approval("target", "pending"), known)).toEqual(["Ann", "Law"]);
  expect(reviewerNames(approval("target", "pending"), undefined)).toEqual([]);
});

test("the own zone is first, and once", () => {
  const zones = timeZones("Europe/Paris");
  expect([zones[0], zones.filter((zone) => zone === "Europe/Paris").length]).toEqual(["Europe/Paris", 1]);
});

test("a date field starts at a full hour that lies ahead", () => {
  const now = Date.parse("2026-11-27T09:59:30Z");
  expect(firstDate(now)).toMatch(/^2026-11-27T\d\d:00$/);
  expect(new Date(firstDate(now)).getTime()).toBeGreaterThan(now);
});
