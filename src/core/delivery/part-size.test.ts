/** Parts without a size of their own. */
import { expect, test } from "vitest";

import { partSizeFor } from "./part-size.ts";

test.each([
  [0, 100],
  [99, 100],
  [5_000, 313],
  [16_000, 1000],
  [1_000_000, 1000],
])("5: without a batch size %i messages go in parts of %i: a sixteenth, within 100 and 1,000", (messages, size) => {
  expect(partSizeFor(messages)).toBe(size);
});
