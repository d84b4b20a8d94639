import fc from "fast-check";
import { expect, test } from "vitest";

import { HOUR, MINUTE, SECOND } from "../../src/core/time.ts";
import { RateMeter, Series } from "./meters.ts";

test("the meter says what counting every window says", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 600, max: 20_000 }),
      fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 60 }),
      (perHour, gaps) => {
        const meter = new RateMeter(perHour, HOUR);
        const times: number[] = [];
        let at = 0;
        let isOver = false;
        for (const gap of gaps) {
          times.push((at += gap));
          isOver = meter.note(at) > 0 || isOver;
        }
        const rate = perHour / HOUR;
        const burst = Math.max(1, rate * SECOND);
        const counted = times.some((from, i) =>
          times.slice(i).some((to, n) => n + 1 - (rate * (to - from) + burst) > 1e-6),
        );
        expect(isOver).toBe(counted);
      },
    ),
  );
});

test("a changed rate counts from then on", () => {
  const meter = new RateMeter(60, MINUTE);
  for (let i = 0; i < 10; i++) expect(meter.note(i * SECOND)).toBe(0);
  meter.change(6, MINUTE);
  expect(meter.note(10 * SECOND)).toBe(0);
  expect(meter.note(19 * SECOND)).toBeGreaterThan(0);
});

test("peaks and spans", () => {
  const series = new Series(SECOND);
  for (const at of [0, 10, 20, 5000]) series.note(at);
  expect([series.peak(), series.total(), series.span()]).toEqual([3, 4, 6 * SECOND]);
});
