import { expect, test } from "vitest";

import { platformSettingsSchema } from "../../contract/index.ts";
import { DAY, HOUR } from "../../core/time.ts";
import { policyOf } from "./policy.ts";

const DEFAULTS = platformSettingsSchema.parse({}).quarantine;

test("as shipped: five soft errors a day apart, forgotten after ten days; a full mailbox within thirty", () => {
  const common = { limit: 5, resetAfter: 10 * DAY };
  expect(policyOf(DEFAULTS)).toEqual({
    ...common,
    longest: null,
    gap: 24 * HOUR,
    reasons: { "mailbox-full": { limit: 5, resetAfter: 30 * DAY, longest: 30 * DAY } },
  });
});

test.each([
  [{}, { limit: 3, resetAfter: 2 * DAY, longest: null }],
  [{ limit: 9 }, { limit: 9, resetAfter: 2 * DAY, longest: null }],
  [{ limit: null }, { limit: null, resetAfter: 2 * DAY, longest: null }],
  [{ resetAfter: "90d" }, { limit: 3, resetAfter: 90 * DAY, longest: null }],
  [{ longest: "12h" }, { limit: 3, resetAfter: 2 * DAY, longest: 12 * HOUR }],
])("a reason with %j has the rest from what holds for all", (given, expected) => {
  const settings = { ...DEFAULTS, limit: 3, resetAfter: "2d", reasons: { refused: given } };
  expect(policyOf(settings).reasons).toEqual({ refused: expected });
});
