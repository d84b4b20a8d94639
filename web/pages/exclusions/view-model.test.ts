/** Reasons in the address and in order. */
import { expect, test } from "vitest";

import { byCount, exclusionSearch } from "./view-model.ts";

test("a reason in the address must be one", () => {
  expect(exclusionSearch({ reason: "duplicate" })).toEqual({ reason: "duplicate" });
  expect(exclusionSearch({ reason: "bored" })).toEqual({ reason: undefined });
});

test("the largest reason comes first, reasons without rows do not come at all", () => {
  expect(byCount({ duplicate: 3, quarantined: 12, denylisted: 0 })).toEqual([
    { reason: "quarantined", count: 12 },
    { reason: "duplicate", count: 3 },
  ]);
});
