import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFairQueue, type FairQueue, type Place } from "./fair-queue.ts";

type Item = { readonly delivery: number; readonly n: number };

function fill(queue: FairQueue<Item>, delivery: number, weight: number, count: number, from = 0): void {
  for (let n = from; n < from + count; n++) queue.add({ delivery, n }, { delivery, weight });
}

function serve(queue: FairQueue<Item>, count: number, mayServe?: (delivery: number) => boolean): Item[] {
  const served: Item[] = [];
  for (let i = 0; i < count; i++) {
    const item = queue.next(mayServe);
    if (!item) break;
    served.push(item);
  }
  return served;
}

const countsOf = (items: readonly Item[]) => {
  const counts: Record<number, number> = {};
  for (const { delivery } of items) counts[delivery] = (counts[delivery] ?? 0) + 1;
  return counts;
};
const names = (items: readonly Item[]) => items.map(({ delivery, n }) => `${delivery}.${n}`).join(" ");

describe("the fair queue", () => {
  it("is first in first out inside one delivery", () => {
    const queue = createFairQueue<Item>();
    fill(queue, 1, 4, 500);
    expect(serve(queue, 600).map(({ n }) => n)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect([queue.size, queue.next()]).toEqual([0, undefined]);
  });

  it("shares by weight while deliveries wait together", () => {
    const queue = createFairQueue<Item>();
    for (const [delivery, weight] of [1, 2, 4, 8, 16].entries()) fill(queue, delivery, weight, 10_000);
    expect(countsOf(serve(queue, 3100))).toEqual({ 0: 100, 1: 200, 2: 400, 3: 800, 4: 1600 });
  });

  it("does not make one delivery wait for the end of another, and lets nobody save up turns", () => {
    const queue = createFairQueue<Item>();
    fill(queue, 1, 4, 10_000);
    serve(queue, 5000);
    fill(queue, 2, 4, 100);
    expect(countsOf(serve(queue, 200))).toEqual({ 1: 100, 2: 100 });
    serve(queue, 1000);
    fill(queue, 2, 4, 100);
    expect(countsOf(serve(queue, 20))).toEqual({ 1: 10, 2: 10 });
  });

  it("gives nobody more by coming and going", () => {
    const queue = createFairQueue<Item>();
    fill(queue, 1, 4, 1000);
    fill(queue, 2, 4, 1);
    const served: Item[] = [];
    for (let i = 0; i < 400; i++) {
      const item = queue.next() as Item;
      served.push(item);
      if (item.delivery === 2) fill(queue, 2, 4, 1, item.n + 1);
    }
    expect(countsOf(served)).toEqual({ 1: 200, 2: 200 });
  });

  it("takes single messages first, in the order they came, whoever's they are", () => {
    const queue = createFairQueue<Item>();
    fill(queue, 1, 16, 2);
    for (const [delivery, n] of [
      [3, 0],
      [2, 0],
      [3, 1],
      [1, 9],
    ] as const) {
      queue.add({ delivery, n }, { delivery, weight: 1, single: true });
    }
    expect(names(serve(queue, 9))).toBe("3.0 2.0 3.1 1.9 1.0 1.1");
  });

  it("passes over deliveries that may not now, and they catch nothing up", () => {
    const queue = createFairQueue<Item>();
    fill(queue, 1, 16, 1000);
    fill(queue, 2, 4, 1000);
    queue.add({ delivery: 1, n: -1 }, { delivery: 1, weight: 16, single: true });
    expect(countsOf(serve(queue, 100, (delivery) => delivery !== 1))).toEqual({ 2: 100 });
    expect(queue.next(() => false)).toBeUndefined();
    expect(names(serve(queue, 1))).toBe("1.-1");
    const counts = countsOf(serve(queue, 100));
    expect(counts[1]).toBeGreaterThanOrEqual(79);
    expect(counts[1]).toBeLessThanOrEqual(82);
  });

  it("knows a new weight at once, for what waits already", () => {
    const queue = createFairQueue<Item>();
    fill(queue, 1, 16, 1000);
    fill(queue, 2, 1, 1000);
    expect(countsOf(serve(queue, 170))).toEqual({ 1: 160, 2: 10 });
    fill(queue, 2, 16, 1, 1000);
    expect(countsOf(serve(queue, 100))).toEqual({ 1: 50, 2: 50 });
  });

  it("takes out what matches, of all or of one delivery", () => {
    const queue = createFairQueue<Item>();
    fill(queue, 1, 4, 4);
    fill(queue, 2, 4, 4);
    queue.add({ delivery: 2, n: 8 }, { delivery: 2, weight: 4, single: true });
    expect(names(queue.remove(({ n }) => n % 2 === 0, 2))).toBe("2.8 2.0 2.2");
    expect(names(queue.remove(({ n }) => n === 1))).toBe("1.1 2.1");
    expect(queue.size).toBe(4);
    expect(names(serve(queue, 9))).toBe("1.0 2.3 1.2 1.3");
  });

  it("forgets deliveries that are gone", () => {
    const queue = createFairQueue<Item>();
    fill(queue, 0, 4, 1);
    const served: Item[] = [];
    for (let delivery = 1; delivery < 20_000; delivery++) {
      fill(queue, delivery, 1 + (delivery % 16), 1);
      served.push(...serve(queue, 1));
    }
    served.push(...serve(queue, 2));
    expect(new Set(served.map(({ delivery }) => delivery)).size).toBe(20_000);
  });
});

const weights = [1, 2, 4, 8, 16] as const;
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("add" as const), delivery: fc.nat(6), single: fc.constant(false) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("add" as const), delivery: fc.nat(6), single: fc.constant(true) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("next" as const), blocked: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), modulo: fc.integer({ min: 2, max: 9 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(steps: readonly Step[]): string[] {
  const queue = createFairQueue<Item>();
  const waiting = new Map<string, number[]>();
  const log: string[] = [];
  let n = 0;
  const place = (delivery: number, single: boolean): Place => ({
    delivery,
    weight: weights[delivery % 5] ?? 1,
    single,
  });
  const lineOf = (delivery: number, single: boolean) => {
    const key = `${delivery} ${single}`;
    const line = waiting.get(key) ?? [];
    waiting.set(key, line);
    return line;
  };
  for (const s of steps) {
    if (s.kind === "add") {
      queue.add({ delivery: s.delivery, n }, place(s.delivery, s.single));
      lineOf(s.delivery, s.single).push(n++);
    } else if (s.kind === "next") {
      const item = queue.next((delivery) => delivery !== s.blocked);
      log.push(item ? `${item.delivery}.${item.n}` : "-");
      if (!item) {
        // Nothing comes only when nothing may.
        for (const [key, line] of waiting) if (!key.startsWith(`${s.blocked} `)) expect(line).toEqual([]);
        continue;
      }
      const single = lineOf(item.delivery, true)[0] === item.n;
      const anySingle = [...waiting].some(
        ([key, l]) => key.endsWith("true") && !key.startsWith(`${s.blocked} `) && l.length > 0,
      );
      expect(single).toBe(anySingle);
      expect(lineOf(item.delivery, single).shift()).toBe(item.n);
    } else {
      const out = new Set(queue.remove((item) => item.n % s.modulo === 0).map((item) => item.n));
      for (const [key, line] of waiting) {
        for (const gone of line.filter((m) => m % s.modulo === 0)) expect(out.delete(gone)).toBe(true);
        waiting.set(
          key,
          line.filter((m) => m % s.modulo !== 0),
        );
      }
      expect(out.size).toBe(0);
    }
    expect(queue.size).toBe([...waiting.values()].reduce((sum, line) => sum + line.length, 0));
  }
  return log;
}

describe("whatever happens to it", () => {
  it("serves each delivery in order, single messages first, loses nothing, and does the same for the same calls", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        expect(play(steps)).toEqual(play(steps));
      }),
    );
  });

  it("serves every item after a bounded number of others, even while others keep coming", () => {
    const newcomers = fc.array(fc.record({ delivery: fc.integer({ min: 1, max: 40 }), count: fc.nat(3) }), {
      minLength: 20,
    });
    fc.assert(
      fc.property(fc.constantFrom(...weights), fc.nat(5), newcomers, (weight, ahead, coming) => {
        const queue = createFairQueue<Item>();
        for (const { delivery, count } of coming) fill(queue, delivery, weights[delivery % 5] ?? 1, count);
        serve(queue, 7);
        fill(queue, 0, weight, ahead + 1);
        const served = new Map<number, number>();
        for (let i = 0; ; i++) {
          const more = coming[i % coming.length];
          if (more) fill(queue, more.delivery, weights[more.delivery % 5] ?? 1, 2, i);
          const item = queue.next();
          if (item?.delivery === 0 && item.n === ahead) break;
          if (!item) throw new Error("nothing is served");
          served.set(item.delivery, (served.get(item.delivery) ?? 0) + 1);
        }
        for (const [delivery, count] of served) {
          const bound = ((ahead + 1) * (weights[delivery % 5] ?? 1)) / weight + 2;
          if (delivery !== 0) expect(count).toBeLessThanOrEqual(bound);
        }
      }),
    );
  });
});
