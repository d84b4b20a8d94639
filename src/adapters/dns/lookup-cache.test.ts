import { expect, test } from "vitest";

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
