/** The platform's cap beside the validity that a delivery asks for. */
import { expect, test } from "vitest";

import { isCapped } from "./duration.ts";

test.each([
  ["5d", "84h", true],
  ["84h", "84h", false],
  ["3d", "84h", false],
  ["90m", "1h", true],
  ["3600s", "1h", false],
  ["5 days", "84h", false],
  ["", "84h", false],
  ["5d", "", false],
])("%s under a cap of %s: %s", (validity, cap, capped) => {
  expect(isCapped(validity, cap)).toBe(capped);
});
