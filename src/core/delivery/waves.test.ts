/** Who leaves when: the sizes and times of waves, and what no plan may do. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { DAY, HOUR } from "../time.ts";
import { leftOver, MOST_WAVES, planWaves, readWaves, wavesFault, type WavePlan } from "./waves.ts";

const sizes = (plan: WavePlan, count: number) => planWaves(plan, count).map(({ messages }) => messages);

test("3: equal waves of 30 %, two days apart, are 30, 30, 30 and 10 % at days 0, 2, 4 and 6", () => {
  expect(planWaves({ kind: "equal", size: "30%", every: 2 * DAY }, 1000)).toEqual([
    { number: 1, after: 0, messages: 300 },
    { number: 2, after: 2 * DAY, messages: 300 },
    { number: 3, after: 4 * DAY, messages: 300 },
    { number: 4, after: 6 * DAY, messages: 100 },
  ]);
});

test.each([
  [400, 1000, [400, 400, 200]],
  ["50%", 3, [2, 1]],
  ["33.33%", 100, [34, 34, 32]],
  ["0.1%", 3, [1, 1, 1]],
  ["100%", 7, [7]],
  ["7%", 100, [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 2]],
  [1000, 7, [7]],
  ["30%", 0, []],
])("equal waves of %j for %i messages: %j", (size, count, expected) => {
  expect(sizes({ kind: "equal", size, every: HOUR }, count)).toEqual(expected);
});

const calendar = (...given: (number | string | null)[]): WavePlan => ({
  kind: "calendar",
  waves: given.map((size, index) => ({ after: index * HOUR, size })),
});

test.each([
  [calendar("25%", "25%", "50%"), [250, 250, 500], 0],
  [calendar("10%", 20, null), [100, 20, 880], 0],
  [calendar("10%", "10%"), [100, 900], 800],
  [calendar(1500, 10), [1000], 0],
  [calendar(null), [1000], 0],
])("a calendar %j for 1,000", (plan, expected, left) => {
  expect([sizes(plan, 1000), leftOver(plan, 1000)]).toEqual([expected, left]);
});

describe("4: a calendar of waves", () => {
  test.each([
    ["of more than 100 %", calendar("60%", "30%", "20%"), { index: 2, field: "size", code: "wave-sum" }],
    ["with all the others in the middle", calendar("10%", null, "20%"), { index: 1, code: "wave-size" }],
    [
      "that goes back in time",
      { kind: "calendar", waves: [2, 1].map((after) => ({ after, size: "10%" })) } as WavePlan,
      { index: 1, field: "after", code: "wave-order" },
    ],
  ])("%s is refused", (_, plan, fault) => {
    expect(wavesFault(plan)).toMatchObject(fault);
  });
  test("of 100 % or less is taken", () => {
    expect(
      [calendar("50%", "50%"), calendar("33.3%", "33.3%", "33.4%"), calendar("10%", 500, null)].map(wavesFault),
    ).toEqual([null, null, null]);
  });
});

test("what settings write is what is meant", () => {
  expect(readWaves({ kind: "equal", size: "30%", every: "2d" })).toEqual({
    kind: "equal",
    size: "30%",
    every: 2 * DAY,
  });
  expect(readWaves({ kind: "calendar", waves: [{ size: 100 }, { after: "6h" }] })).toEqual({
    kind: "calendar",
    waves: [
      { after: 0, size: 100 },
      { after: 6 * HOUR, size: null },
    ],
  });
});

const size = fc.oneof(
  fc.integer({ min: 1, max: 5000 }),
  fc.integer({ min: 1, max: 10_000 }).map((hundredths) => `${hundredths / 100}%`),
);
const plans = fc.oneof(
  fc.record({ kind: fc.constant("equal" as const), size, every: fc.integer({ min: 1000, max: 30 * DAY }) }),
  fc.array(size, { minLength: 1, maxLength: 20 }).map((given) => calendar(...given)),
);

test("nobody is left out, nobody is in two, and waves come one after the other", () => {
  fc.assert(
    fc.property(plans, fc.nat(100_000), (plan, count) => {
      const waves = planWaves(plan, count);
      const sum = waves.reduce((all, { messages }) => all + messages, 0);
      if (waves.length <= MOST_WAVES) expect(sum).toBe(count);
      else expect(waves).toHaveLength(MOST_WAVES + 1);
      for (const [i, wave] of waves.entries()) {
        expect(wave.messages).toBeGreaterThan(0);
        const before = waves[i - 1];
        if (before) expect([wave.number > before.number, wave.after > before.after]).toEqual([true, true]);
      }
    }),
  );
});
