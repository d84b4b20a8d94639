/** The list of deliveries: where rows lead, when the list asks again, what it filters. */
import { expect, test } from "vitest";

import type { DeliveryState, DeliverySummary } from "../../../src/contract/index.ts";
import { countWaiting, deliverySearch, isCounted, matching, opensIn, refreshEvery } from "./view-model.ts";

const row = (state: DeliveryState, label = "Spring"): DeliverySummary => ({
  id: "1",
  label,
  folder: null,
  code: "",
  category: "",
  state,
  holdReason: null,
  createdAt: "2026-01-01T00:00:00Z",
  startedAt: null,
  finishedAt: null,
  targeted: 0,
  excluded: 0,
  toDeliver: 0,
  takenIntoAccount: 0,
  sent: 0,
  failed: 0,
  pending: 0,
  cancelled: 0,
  inDoubt: 0,
  successRate: 0,
  copies: { due: 0, archived: 0, owed: 0, givenUp: 0 },
});

test.each([
  ["editing", "/deliveries/$id/content"],
  ["analysing", "/deliveries/$id/content"],
  ["ready", "/deliveries/$id/content"],
  ["in-progress", "/deliveries/$id"],
  ["paused", "/deliveries/$id"],
  ["finished", "/deliveries/$id"],
] as const)("a delivery that is %s opens in %s", (state, place) => {
  expect(opensIn(state)).toBe(place);
});

test("the list asks again only while something in it moves", () => {
  expect(refreshEvery([row("finished"), row("paused"), row("editing")])).toBe(false);
  expect(refreshEvery([row("finished"), row("in-progress")])).toBe(2000);
  expect(refreshEvery([row("pausing")])).toBe(2000);
});

test("figures are not known before the first analysis", () => {
  expect(isCounted(row("editing"))).toBe(false);
  expect(isCounted({ targeted: 3 })).toBe(true);
});

test("a delivery that waits for two decisions counts once", () => {
  const waiting = (id: string, kind: "target" | "content") => ({
    delivery: { id, label: "Spring", toDeliver: 1 },
    kind,
    askedAt: "2026-01-01T00:00:00Z",
    askedBy: null,
    deadline: "2026-01-04T00:00:00Z",
  });
  expect(countWaiting([waiting("1", "target"), waiting("1", "content"), waiting("2", "target")])).toBe(2);
});

test("the address says whether the list of decisions is open, and nothing by chance", () => {
  expect(deliverySearch({ waiting: true, folder: "3" })).toEqual({ folder: "3", waiting: true });
  expect(deliverySearch({ waiting: "yes", category: 7 }).waiting).toBeUndefined();
});

test("filtering ignores case and outer blanks", () => {
  const rows = [row("editing", "Spring sale"), row("editing", "Été")];
  expect(matching(rows, " SPRING ").map((each) => each.label)).toEqual(["Spring sale"]);
  expect(matching(rows, "été")).toHaveLength(1);
  expect(matching(rows, "")).toHaveLength(2);
});
