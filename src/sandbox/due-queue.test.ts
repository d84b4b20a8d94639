import fc from "fast-check";
import { expect, test } from "vitest";

import { DueQueue } from "./due-queue.ts";

test("nothing before it is due, everything once, earliest first to a tenth of a second", () => {
  const call = fc.record({ advance: fc.nat(500), wait: fc.option(fc.nat(1000)) });
  fc.assert(
    fc.property(fc.array(call), (calls) => {
      const queue = new DueQueue<{ dueAt: number }>();
      const waiting = new Set<{ dueAt: number }>();
      let now = 1_000_000;
      const takeDue = () => {
        let last = 0;
        for (let item = queue.take(now); item; item = queue.take(now)) {
          expect(item.dueAt).toBeLessThanOrEqual(now);
          expect(waiting.delete(item)).toBe(true);
          expect(item.dueAt).toBeGreaterThan(last - 100);
          last = item.dueAt;
        }
        for (const { dueAt } of waiting) expect(dueAt).toBeGreaterThan(now - 100);
      };
      for (const { advance, wait } of calls) {
        now += advance;
        if (wait === null) takeDue();
        else {
          const item = { dueAt: now + wait };
          waiting.add(item);
          queue.add(item, item.dueAt, now);
        }
        expect(queue.size).toBe(waiting.size);
      }
      now += 10_000;
      takeDue();
      expect(queue.size).toBe(0);
    }),
  );
});

test("what was due before it came is taken next", () => {
  const queue = new DueQueue<string>();
  queue.add("late", 1000, 60_000);
  expect([queue.take(60_000), queue.take(60_000)]).toEqual(["late", undefined]);
});

test("cleared", () => {
  const queue = new DueQueue<number>();
  queue.add(1, 0, 0);
  queue.clear();
  expect([queue.size, queue.take(1e9)]).toEqual([0, undefined]);
});
