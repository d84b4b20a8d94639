import fc from "fast-check";
import { test } from "vitest";

import { shareOf } from "./share.ts";

test("shares of all senders add up to the limit", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 16 }), fc.string(), (limit, of, site) => {
      const shares = Array.from({ length: of }, (_, i) => shareOf(limit, i, of, site));
      return shares.reduce((a, b) => a + b, 0) === limit;
    }),
  );
});
