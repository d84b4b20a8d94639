import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { type MxTarget, orderTargets, siteName } from "./mx.ts";

const target = fc.record({ host: fc.domain(), preference: fc.integer({ min: 0, max: 65_535 }) });
const hosts = (targets: readonly MxTarget[]) => targets.map(({ host }) => host);

/** Numbers from a list, again from its start when it ends. */
function draws(...numbers: number[]): () => number {
  let i = 0;
  return () => numbers[i++ % numbers.length] ?? 0;
}

describe("order of targets", () => {
  const set = [
    { host: "c.example", preference: 20 },
    { host: "a.example", preference: 10 },
    { host: "b.example", preference: 10 },
  ];
  test.each([
    [draws(0.1, 0.2, 0.3), ["a.example", "b.example", "c.example"]],
    [draws(0.1, 0.3, 0.2), ["b.example", "a.example", "c.example"]],
  ])("lower preference first, equals as drawn", (random, expected) => {
    expect(hosts(orderTargets(set, random))).toEqual(expected);
  });

  test("keeps every target and never puts a higher preference first", () => {
    fc.assert(
      fc.property(
        fc.array(target),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }),
        (set, numbers) => {
          const ordered = orderTargets(set, draws(...numbers));
          expect(hosts(ordered).sort()).toEqual(hosts(set).sort());
          for (let i = 1; i < ordered.length; i++) {
            expect(ordered[i]?.preference).toBeGreaterThanOrEqual(ordered[i - 1]?.preference ?? 0);
          }
        },
      ),
    );
  });
});

describe("site name", () => {
  test("is the sorted set of hosts", () => {
    const set = [
      { host: "mx2.example", preference: 5 },
      { host: "mx1.example", preference: 9 },
      { host: "mx2.example", preference: 9 },
    ];
    expect(siteName(set)).toBe("mx1.example,mx2.example");
  });

  test("does not depend on order or preference", () => {
    fc.assert(
      fc.property(fc.array(target), (set) => {
        const other = set.toReversed().map(({ host }) => ({ host, preference: 0 }));
        expect(siteName(other)).toBe(siteName(set));
      }),
    );
  });
});
