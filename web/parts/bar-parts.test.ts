/** The bar's promise: its parts are the target, all of it, in one order. */
import fc from "fast-check";
import { expect, test } from "vitest";

import type { Indicators } from "../../src/contract/index.ts";
import { barParts, totalOf } from "./bar-parts.ts";

const NO_COPIES = { due: 0, archived: 0, owed: 0, givenUp: 0 };

const indicators = fc
  .record({
    sent: fc.nat(5_000_000),
    failed: fc.nat(5_000_000),
    cancelled: fc.nat(5_000_000),
    takenIntoAccount: fc.nat(5_000_000),
    waiting: fc.nat(5_000_000),
    inDoubt: fc.nat(1000),
    excluded: fc.nat(5_000_000),
  })
  .map(({ waiting, ...rest }): Indicators => {
    const pending = waiting + rest.takenIntoAccount;
    const toDeliver = rest.sent + rest.failed + rest.cancelled + pending + rest.inDoubt;
    return { ...rest, pending, toDeliver, targeted: toDeliver + rest.excluded, successRate: 0, copies: NO_COPIES };
  });

test("the parts add up to the target", () => {
  fc.assert(fc.property(indicators, (each) => totalOf(barParts(each)) === each.targeted));
});

test("the order never changes, whatever is empty", () => {
  fc.assert(
    fc.property(indicators, (each) => {
      expect(barParts(each).map((part) => part.name)).toEqual([
        "sent",
        "retrying",
        "waiting",
        "inDoubt",
        "failed",
        "cancelled",
        "excluded",
      ]);
    }),
  );
});

test("only the excluded have no place in the message log", () => {
  const zero: Indicators = {
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
    copies: NO_COPIES,
  };
  expect(
    barParts(zero)
      .filter((part) => part.status === null)
      .map((part) => part.name),
  ).toEqual(["excluded"]);
});
