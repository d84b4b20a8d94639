import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createLaterScheduler, type LaterReport } from "./later.ts";

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

const report = (dueAt: number): LaterReport => ({
  dueAt,
  kind: "bounce",
  mailFrom: "",
  rcptTo: "a@b.test",
  raw: Buffer.of(),
});

function scheduler(deliver?: (report: LaterReport) => Promise<void>) {
  const delivered: [now: number, dueAt: number][] = [];
  const failed: LaterReport[] = [];
  const later = createLaterScheduler({
    deliver: async (r) => {
      await deliver?.(r);
      delivered.push([Date.now(), r.dueAt]);
    },
    onError: (_, r) => failed.push(r),
  });
  return { later, delivered, failed };
}

test("each at its time, whatever the order they came in", async () => {
  const { later, delivered } = scheduler();
  for (const dueAt of [5000, 1000, 3000, 1000]) later.add(report(dueAt));
  await vi.advanceTimersByTimeAsync(999);
  expect(delivered).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(delivered).toEqual([
    [1000, 1000],
    [1000, 1000],
  ]);
  later.add(report(2000));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(delivered.slice(2)).toEqual([
    [2000, 2000],
    [3000, 3000],
    [5000, 5000],
  ]);
  expect(later.waiting()).toBe(0);
});

test("one that cannot be delivered stops no other", async () => {
  const { later, delivered, failed } = scheduler(async (r) => {
    if (r.dueAt === 1) throw new Error("refused");
  });
  later.add(report(1));
  later.add(report(2));
  await vi.advanceTimersByTimeAsync(10);
  expect(failed.map((r) => r.dueAt)).toEqual([1]);
  expect(delivered).toEqual([[2, 2]]);
});

test("closed, it delivers nothing more", async () => {
  const { later, delivered } = scheduler();
  later.add(report(1000));
  await later.close();
  later.add(report(1000));
  await vi.advanceTimersByTimeAsync(5000);
  expect(delivered).toEqual([]);
});
