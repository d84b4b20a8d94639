/** Parts without a size of their own. */
import { expect, test } from "vitest";

import { partSizeFor } from "./part-size.ts";

test.each([
  [0, 100],
  [99, 100],
  [5_000, 313],
  [16_000, 1000],
  [1_000_000, 1000],
])("statement 5: no batch size and %i messages: %i in a part", (messages, size) => {
  expect(partSizeFor(messages)).toBe(size);
});
