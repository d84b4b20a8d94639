/** Acceptance statement 32: who may start a delivery. That routes keep to the table is shown for every route and role. */
import { expect, test } from "vitest";

import { mayUse, requirementOf } from "../../src/core/operators/route-rights.ts";
import { ROLE_RIGHTS } from "../../src/core/operators/rights.ts";

test("32: campaign managers prepare deliveries and cannot start, schedule, resume or stop them", () => {
  const may = (action: string) =>
    mayUse(ROLE_RIGHTS["campaign-manager"], requirementOf(`POST /deliveries/{id}/actions/${action}`));
  expect(["analyse", "proof", "approve", "pause"].map(may)).toEqual([true, true, true, true]);
  expect(["confirm", "schedule", "resume", "retry-failed", "stop"].map(may)).toEqual(Array(5).fill(false));
});
