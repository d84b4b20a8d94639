/** The live page's figures and pace. */
import { expect, test } from "vitest";

import { type Delivery, type Destination, type LiveIndicators, settingsSchema } from "../../../src/contract/index.ts";
import { totalOf } from "../../parts/bar-parts.ts";
import { destinationParts, eventDetail, eventKey, figuresOf, paceOf, waitingOf } from "./view-model.ts";

const live: LiveIndicators = {
  targeted: 1100,
  excluded: 100,
  toDeliver: 1000,
  takenIntoAccount: 50,
  sent: 600,
  failed: 40,
  pending: 360,
  cancelled: 0,
  inDoubt: 0,
  successRate: 0.6,
  copies: { due: 0, archived: 0, owed: 0, givenUp: 0 },
  state: "in-progress",
  holdReason: null,
  waitingFor: null,
  onWire: 12,
  rate: 80,
  etaSeconds: 4.5,
  at: "2026-01-01T00:00:00Z",
};

const delivery = (state: Delivery["state"], over: Partial<Delivery> = {}): Delivery => ({
  id: "1",
  label: "Spring",
  folder: null,
  code: "",
  category: "",
  description: "",
  state,
  holdReason: null,
  templateId: null,
  content: { subject: "Hello", syntax: "liquid" },
  sender: { name: "", address: "a@example.com" },
  audience: { all: true },
  settings: settingsSchema.parse({}),
  version: 1,
  analysed: true,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  analysedAt: null,
  startedAt: null,
  finishedAt: null,
  effectiveValidity: "84h",
  validUntil: null,
  ...over,
});

test("cancelled shows up only where something is cancelled", () => {
  const names = (state: Delivery["state"], cancelled = 0) =>
    figuresOf({ ...live, cancelled }, state).map((part) => part.name);
  expect(names("in-progress")).not.toContain("cancelled");
  expect(names("stopped")).toContain("cancelled");
  expect(names("in-progress", 1)).toContain("cancelled");
});

test("while it goes on, the pace is the stream's; before the first tick nothing is known", () => {
  expect(paceOf(delivery("in-progress"), live)).toEqual({ kind: "going", rate: 80, etaSeconds: 4.5, onWire: 12 });
  const { onWire: _onWire, rate: _rate, etaSeconds: _eta, ...plain } = live;
  expect(paceOf(delivery("in-progress"), plain)).toEqual({ kind: "going", rate: null, etaSeconds: null, onWire: null });
});

test("paused, there is no rate that could become known", () => {
  expect(paceOf(delivery("paused"), live)).toEqual({ kind: "paused", onWire: 12 });
});

test("when it is over, the pace is the mean of the whole", () => {
  const over = delivery("finished", { startedAt: "2026-01-01T10:00:00Z", finishedAt: "2026-01-01T10:00:08Z" });
  expect(paceOf(over, live)).toEqual({ kind: "over", tookSeconds: 8, meanRate: 80 });
  expect(paceOf(delivery("stopped"), live)).toEqual({ kind: "over", tookSeconds: null, meanRate: null });
});

test("the parts of a destination add up to what it gets", () => {
  const row: Destination = {
    domain: "example.com",
    toDeliver: 100,
    sent: 60,
    failed: 10,
    retrying: 5,
    pending: 30,
    lastReply: null,
    lastReplyAt: null,
  };
  expect(waitingOf(row)).toBe(25);
  expect(totalOf(destinationParts(row))).toBe(row.toDeliver);
  const stopped = { ...row, pending: 0, retrying: 0 };
  expect(totalOf(destinationParts(stopped))).toBe(stopped.toDeliver);
});

test("an event's detail is its plain values", () => {
  expect(eventDetail({ toDeliver: 2, note: "", nested: { a: 1 }, reply: "421 slow down" })).toEqual([
    { name: "to deliver", value: 2 },
    { name: "reply", value: "421 slow down" },
  ]);
});

test("kinds of events become keys of the catalogue", () => {
  expect(eventKey("delivery.created")).toBe("created");
  expect(eventKey("analysis.finished")).toBe("analysis-finished");
  expect(eventKey("paused")).toBe("paused");
});
