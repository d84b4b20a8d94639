import fc from "fast-check";
import { expect, test } from "vitest";

import { isFarAboveUsual } from "./outage-guard.ts";

const POLICY = { enabled: true, factor: 4, least: 50 };
const of = (answers: number, share: number) => ({ answers, unknown: Math.round(answers * share) });

test.each([
  ["an outage at a provider with few unknown users", of(1000, 0.6), of(100_000, 0.005), true],
  ["four times the usual, but hardly anybody", of(10_000, 0.04), of(100_000, 0.005), false],
  ["a tenth where one in two hundred was usual", of(1000, 0.1), of(100_000, 0.005), true],
  ["twice the usual", of(1000, 0.2), of(100_000, 0.1), false],
  ["four times the usual", of(1000, 0.41), of(100_000, 0.1), true],
  ["a list that has always been bad", of(1000, 0.6), of(100_000, 0.5), false],
  ["everybody, where half were usual", of(1000, 0.97), of(100_000, 0.5), true],
  ["too few to say", of(49, 1), of(100_000, 0.005), false],
  ["a bad list, nothing known from before", of(1000, 0.6), of(500, 0), false],
  ["everybody, nothing known from before", of(300, 0.99), of(0, 0), true],
  ["everybody of a few, nothing known from before", of(150, 1), of(0, 0), false],
])("%s", (_, recent, usual, isFar) => {
  expect(isFarAboveUsual(recent, usual, POLICY)).toBe(isFar);
});

test("switched off it doubts nobody, and nothing is concluded from no answers", () => {
  expect(isFarAboveUsual(of(1000, 1), of(100_000, 0), { ...POLICY, enabled: false })).toBe(false);
  expect(isFarAboveUsual({ answers: 0, unknown: 0 }, of(0, 0), { ...POLICY, least: 0 })).toBe(false);
});

test("more unknown users never make it less doubtful", () => {
  const counts = fc.record({
    answers: fc.integer({ min: 1, max: 5000 }),
    usual: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(counts, fc.nat(5000), fc.nat(5000), ({ answers, usual }, a, b) => {
      const [less, more] = [Math.min(a, b, answers), Math.min(Math.max(a, b), answers)];
      const judge = (unknown: number) => isFarAboveUsual({ answers, unknown }, of(50_000, usual), POLICY);
      expect(judge(less) && !judge(more)).toBe(false);
    }),
  );
});
