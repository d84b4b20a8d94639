import fc from "fast-check";
import { expect, test } from "vitest";

import { providerOf } from "../../core/shaping/match.ts";
import { indexMasks } from "./index-masks.ts";

const items = (...masks: string[][]) => masks.map((mx, i) => ({ name: `n${i}`, label: "", mx, warmUp: null }));

test.each([
  ["mx.l.google.com", ["n0", "n2", "n3"]],
  ["MX.L.Google.Com", ["n0", "n2", "n3"]],
  ["mx.google.example", ["n2"]],
  ["exact.example.org", ["n1", "n2"]],
  ["xgoogle.com", ["n2"]],
  ["", ["n2"]],
])("for %s only those are looked at that may match", (host, names) => {
  const find = indexMasks(
    items(["*.google.com", "*.googlemail.com"], ["exact.example.org"], ["*oogle.com", "*"], ["mx?.?.google.com"]),
  );
  expect(find([host]).map(({ name }) => name)).toEqual(names);
});

test("the first that matches is the same as without", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), minLength: 1, maxLength: 8 });
  const hosts = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "A", "."), maxLength: 8 }), {
    minLength: 1,
    maxLength: 2,
  });
  fc.assert(
    fc.property(fc.array(fc.array(letters, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), hosts, (masks, mx) => {
      const all = items(...masks);
      expect(providerOf(indexMasks(all)(mx), mx)).toBe(providerOf(all, mx));
    }),
    { numRuns: 2000 },
  );
});
