/** Acts per state, and the numbers that the questions quote. */
import { expect, test } from "vitest";

import type { DeliveryState, LiveIndicators } from "../../../src/contract/index.ts";
import { actsOf, asLive, consequence, isOver, isPreparing } from "./view-model.ts";

const live: LiveIndicators = {
  targeted: 100_000,
  excluded: 4812,
  toDeliver: 95_188,
  takenIntoAccount: 356,
  sent: 53_000,
  failed: 676,
  pending: 41_512,
  cancelled: 0,
  inDoubt: 0,
  successRate: 0.557,
  copies: { due: 0, archived: 0, owed: 0, givenUp: 0 },
  state: "in-progress",
  holdReason: null,
  waitingFor: null,
  onWire: 312,
  rate: 2500,
  etaSeconds: 17,
  at: "2026-01-01T00:00:00Z",
};

test.each([
  ["editing", []],
  ["scheduled", ["unschedule"]],
  ["start-pending", ["cancel-confirm"]],
  ["in-progress", ["stop", "pause"]],
  ["pausing", ["stop"]],
  ["paused", ["stop", "resume"]],
  ["stopping", []],
  ["finished", []],
] as [DeliveryState, string[]][])("%s allows %j", (state, acts) => {
  expect(actsOf(state)).toEqual(acts);
});

test("312 on the wire finish, 41,200 stay", () => {
  expect(consequence(live)).toEqual({ wire: 312, stay: 41_200 });
});

test("more on the wire than pending does not make a negative rest", () => {
  expect(consequence({ ...live, pending: 10 }).stay).toBe(0);
  expect(consequence(undefined)).toEqual({ wire: 0, stay: 0 });
});

test("plain indicators are not taken for live ones", () => {
  const { onWire: _onWire, rate: _rate, etaSeconds: _eta, state: _state, holdReason: _hold, at: _at, ...plain } = live;
  expect(asLive(plain)).toBeNull();
  expect(asLive(live)).toBe(live);
});

test("a delivery is prepared, running, or over", () => {
  expect(isPreparing("ready")).toBe(true);
  expect(isPreparing("paused")).toBe(false);
  expect(isOver("stopped")).toBe(true);
  expect(isOver("stopping")).toBe(false);
});
