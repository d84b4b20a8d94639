/** The pages of sending without a DOM. */
import fc from "fast-check";
import { expect, test } from "vitest";

import type { Scope, ShapingEventAnswer } from "../../../src/contract/shaping.ts";
import {
  concerns,
  effectParts,
  eventFilter,
  eventSearch,
  eventsOfLane,
  isFiltered,
  isStanding,
  keepPlaces,
  laneSearch,
} from "./view-model.ts";

const lane = { source: "a", site: "mx.example.net", provider: "google" };
const NOW = Date.parse("2026-01-01T12:00:00Z");

const event = (id: string, scope: Scope, over: Partial<ShapingEventAnswer> = {}): ShapingEventAnswer => ({
  id,
  at: "2026-01-01T00:00:00Z",
  kind: "restricted",
  scope,
  provider: "google",
  cause: { kind: "reaction", rule: "r" },
  evidence: "421",
  effect: { kind: "suspend" },
  until: null,
  endedAt: null,
  endedBy: null,
  deliveryId: null,
  messageKey: null,
  sender: "s",
  ...over,
});

test("filters of the address; other words are no filters", () => {
  expect(laneSearch({ provider: "google", constraint: "weather", lane: 7 })).toEqual({
    provider: "google",
    source: undefined,
    constraint: undefined,
    lane: "7",
  });
  expect(eventSearch({ show: "all", delivery: 12 })).toMatchObject({ show: undefined, delivery: "12" });
  expect(isFiltered(eventSearch({ show: "x" }))).toBe(false);
  expect(isFiltered(eventSearch({ show: "alert" }))).toBe(true);
});

test("what is shown becomes a kind, standing ones a filter of their own", () => {
  expect(eventFilter({ show: "standing", provider: "google" })).toEqual({ provider: "google", standing: "true" });
  expect(eventFilter({ show: "alert", delivery: "12" })).toEqual({ kind: "alert", deliveryId: "12" });
  expect(eventFilter({ delivery: "spring" }).deliveryId).toMatch(/^9+$/);
});

test("rows keep their places, whatever the figures do; none is lost and none is twice", () => {
  const rows = (ids: string[]) => ids.map((id) => ({ id }));
  expect(keepPlaces(["b", "a", "gone"], rows(["a", "c", "b", "c"])).map(({ id }) => id)).toEqual(["b", "a", "c"]);
  const names: string[] = ["a", "b", "c", "d", "e"];
  const ids = fc.array(fc.constantFrom(...names));
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...names)), ids, (before, now) => {
      const kept = keepPlaces(before, rows(now)).map(({ id }) => id);
      expect(kept.toSorted()).toEqual([...new Set(now)].toSorted());
      expect(kept.filter((id) => before.includes(id))).toEqual(before.filter((id) => now.includes(id)));
    }),
  );
});

test.each<[boolean, Scope]>([
  [true, { kind: "lane", source: "a", site: "mx.example.net" }],
  [false, { kind: "lane", source: "b", site: "mx.example.net" }],
  [false, { kind: "lane", source: "a", site: "mx2.example.net" }],
  [true, { kind: "provider", source: null, provider: "google" }],
  [true, { kind: "provider", source: "a", provider: "google" }],
  [false, { kind: "provider", source: "b", provider: "google" }],
  [false, { kind: "provider", source: null, provider: "yahoo" }],
  [true, { kind: "source", source: "a" }],
  [false, { kind: "source", source: "b" }],
  [true, { kind: "netblock", block: "192.0.2.0/24", provider: "google" }],
  [false, { kind: "delivery", deliveryId: 1, provider: "yahoo" }],
  [false, { kind: "domain", domain: "example.net" }],
])("%s: %j concerns the lane", (expected, scope) => {
  expect(concerns(scope, lane)).toBe(expected);
});

test("events of a lane come newest first and once, out of both lists", () => {
  const source: Scope = { kind: "source", source: "a" };
  const newer = event("2", source, { at: "2026-01-02T00:00:00Z" });
  const foreign = event("3", { kind: "source", source: "b" });
  expect(eventsOfLane(lane, [event("1", source), foreign], [newer, newer]).map(({ id }) => id)).toEqual(["2", "1"]);
});

test("in force: a restriction until its time is over or somebody ended it", () => {
  const scope: Scope = { kind: "source", source: "a" };
  expect(isStanding(event("1", scope), NOW)).toBe(true);
  expect(isStanding(event("1", scope, { until: "2026-01-01T12:00:01Z" }), NOW)).toBe(true);
  expect(isStanding(event("1", scope, { until: "2026-01-01T12:00:00Z" }), NOW)).toBe(false);
  expect(isStanding(event("1", scope, { endedAt: "2026-01-01T11:00:00Z" }), NOW)).toBe(false);
  expect(isStanding(event("1", scope, { kind: "alert" }), NOW)).toBe(false);
});

test("effects as parts; a limit of nothing gives everything back", () => {
  const limit = { kind: "limit", messagesPerHour: null, connections: null, messagesPerConnection: null } as const;
  expect(effectParts(null)).toEqual([]);
  expect(effectParts({ kind: "avoid" })).toEqual([{ kind: "avoid" }]);
  expect(effectParts(limit)).toEqual([{ kind: "free" }]);
  expect(effectParts({ ...limit, messagesPerHour: 99.6, connections: 2 })).toEqual([
    { kind: "connections", n: 2 },
    { kind: "perHour", n: 100 },
  ]);
});
