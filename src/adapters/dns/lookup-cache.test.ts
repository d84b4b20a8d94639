import { beforeEach, describe, expect, test } from "vitest";

import { cachedLookup, createSlots } from "./lookup-cache.ts";

test("at most so many look-ups at once; all are done", async () => {
  let running = 0;
  let most = 0;
  const lookUp = async (name: string) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return name.length;
  };
  const cached = cachedLookup({ lookUp, keepFor: () => 10, maxEntries: 100, slots: createSlots(3), now: () => 0 });
  const names = Array.from({ length: 20 }, (_, i) => "x".repeat(i));
  expect(await Promise.all(names.map(cached))).toEqual(names.map((name) => name.length));
  expect(most).toBe(3);
});

test("the answer remembered longest ago makes room", async () => {
  const asked: string[] = [];
  const lookUp = async (name: string) => asked.push(name);
  const cached = cachedLookup({ lookUp, keepFor: () => 10, maxEntries: 2, slots: createSlots(1), now: () => 0 });
  for (const name of ["a", "b", "c", "b", "c", "a"]) await cached(name);
  expect(asked).toEqual(["a", "b", "c", "a"]);
});

test("a look-up that throws is not remembered and frees its slot", async () => {
  let calls = 0;
  const lookUp = async () => {
    if (++calls === 1) throw new Error("bug");
    return calls;
  };
  const cached = cachedLookup({ lookUp, keepFor: () => 10, maxEntries: 2, slots: createSlots(1), now: () => 0 });
  await expect(cached("a")).rejects.toThrow("bug");
  expect(await cached("a")).toBe(2);
});

describe("old answers", () => {
  const HOUR = 3_600_000;
  let now: number;
  let next: () => Promise<string>;
  let asked: number;
  let cached: (name: string) => Promise<string>;
  beforeEach(() => {
    now = 0;
    asked = 0;
    next = () => Promise.resolve("good");
    cached = cachedLookup({
      lookUp: () => {
        asked++;
        return next();
      },
      keepFor: () => 1000,
      maxEntries: 10,
      slots: createSlots(1),
      now: () => now,
      stale: { isFailure: (answer) => answer === "failed", mayGoOn: (answer) => answer === "good", patience: 1 },
    });
  });

  test("stand in for failures for an hour; every half minute there is another try", async () => {
    await cached("a");
    next = () => Promise.resolve("failed");
    now = 1000;
    expect(await cached("a")).toBe("good");
    expect(asked).toBe(2);
    now += 29_999;
    expect(await cached("a")).toBe("good");
    expect(asked).toBe(2);
    now++;
    expect(await cached("a")).toBe("good");
    expect(asked).toBe(3);
    now = 1000 + HOUR;
    expect(await cached("a")).toBe("failed");
  });

  test("stand in when the new one is long in coming; it is there for the next who asks", async () => {
    await cached("a");
    const late = Promise.withResolvers<string>();
    next = () => late.promise;
    now = 1000;
    expect(await cached("a")).toBe("good");
    late.resolve("newer");
    await late.promise;
    await expect.poll(() => cached("a")).toBe("newer");
    expect(asked).toBe(2);
  });

  test("a new answer comes before the old one, whatever it says", async () => {
    await cached("a");
    next = () => Promise.resolve("bad");
    now = 1000;
    expect(await cached("a")).toBe("bad");
    next = () => Promise.resolve("failed");
    now = 2000;
    expect(await cached("a")).toBe("failed");
  });
});
