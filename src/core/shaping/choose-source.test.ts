import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { boundSender, chooseSource, findPool, partOwner, sharesOf } from "./choose-source.ts";

const KEYS = Array.from({ length: 100_000 }, (_, i) => `recipient${i}@example.org`);

type Weights = Record<number, number>;
const poolOf = (weights: Weights) => ({
  members: Object.entries(weights).map(([source, weight]) => ({ source: Number(source), weight })),
});

/** Percent of the keys that each choice gets. */
function spread<K>(keys: readonly K[], choose: (key: K) => number | null): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) {
    const choice = String(choose(key));
    counts[choice] = (counts[choice] ?? 0) + 100 / keys.length;
  }
  return counts;
}

function expectNear(found: Record<string, number>, expected: Weights): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [choice, percent] of Object.entries(expected)) {
    expect(Math.abs((found[choice] ?? 0) - percent), `share of ${choice}: ${found[choice]}`).toBeLessThan(1);
  }
}

describe("the source of a message", () => {
  test.each<[weights: Weights, unusable: number[], percent: Weights]>([
    [{ 1: 5, 2: 5, 3: 1 }, [], { 1: 500 / 11, 2: 500 / 11, 3: 100 / 11 }],
    [{ 1: 5, 2: 5, 3: 1 }, [1], { 2: 500 / 6, 3: 100 / 6 }],
    [{ 1: 5, 2: 5, 3: 1 }, [1, 2], { 3: 100 }],
    [{ 7: 1, 8: 1 }, [], { 7: 50, 8: 50 }],
    [{ 1: 1, 2: 99 }, [], { 1: 1, 2: 99 }],
    [{ 1: 10_000, 1_000_000_000: 10_000 }, [], { 1: 50, 1_000_000_000: 50 }],
    [{ 4: 3 }, [], { 4: 100 }],
  ])("%j without %j", (weights, unusable, percent) => {
    const choose = (key: string) => chooseSource(poolOf(weights), key, (id) => !unusable.includes(id));
    expectNear(spread(KEYS, choose), percent);
  });

  test("message keys, which differ in a digit only, spread as well", () => {
    const keys = KEYS.map((_, i) => `${7000 + (i >> 10)}-${i & 1023}`);
    expectNear(
      spread(keys, (key) => chooseSource(poolOf({ 1: 5, 2: 5, 3: 1 }), key, () => true)),
      { 1: 500 / 11, 2: 500 / 11, 3: 100 / 11 },
    );
  });

  test("twenty equal sources get equal shares", () => {
    const weights = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i + 1, 3]));
    const percent = Object.fromEntries(Object.keys(weights).map((id) => [id, 5]));
    expectNear(
      spread(KEYS, (key) => chooseSource(poolOf(weights), key, () => true)),
      percent,
    );
  });

  test("there is none when none is usable", () => {
    expect(chooseSource(poolOf({ 1: 5, 2: 5 }), "a@example.org", () => false)).toBeNull();
    expect(sharesOf(poolOf({ 1: 5, 2: 5 }), () => false)).toEqual([]);
  });

  const pools = fc.uniqueArray(
    fc.record({ source: fc.integer({ min: 1, max: 1000 }), weight: fc.integer({ min: 1, max: 10_000 }) }),
    {
      minLength: 1,
      maxLength: 12,
      selector: ({ source }) => source,
    },
  );

  test("stays at every retry, whatever the order of the members, and is one of the usable", () => {
    fc.assert(
      fc.property(pools, fc.string(), fc.func(fc.boolean()), (members, key, isUsable) => {
        const usable = members.filter(({ source }) => isUsable(source)).map(({ source }) => source);
        const chosen = chooseSource({ members }, key, isUsable);
        expect(chooseSource({ members: members.toReversed() }, key, isUsable)).toBe(chosen);
        if (usable.length === 0) expect(chosen).toBeNull();
        else expect(usable).toContain(chosen);
      }),
    );
  });

  test("changes only for messages of a source that went away", () => {
    fc.assert(
      fc.property(pools, fc.string(), fc.nat(11), (members, key, index) => {
        const gone = members[index % members.length]?.source;
        const before = chooseSource({ members }, key, () => true);
        const after = chooseSource({ members }, key, (id) => id !== gone);
        if (before === gone) expect(after).not.toBe(gone);
        else expect(after).toBe(before);
      }),
    );
  });
});

test("shares are weights by the sum of the usable weights", () => {
  expect(sharesOf(poolOf({ 1: 5, 2: 5, 3: 1 }), (id) => id !== 1)).toEqual([
    { source: 2, share: 5 / 6 },
    { source: 3, share: 1 / 6 },
  ]);
});

test.each([
  ["News", 1],
  [" news ", 1],
  ["NEWS", 1],
  ["new", null],
  ["", null],
])("the pool named %j is %j", (name, id) => {
  expect(findPool([{ id: 1, name: "news", members: [] }], name)?.id ?? null).toBe(id);
});

describe("the sender of a source", () => {
  test.each([
    [1, null, 2, 0],
    [2, null, 2, 1],
    [3, null, 2, 0],
    [9, null, 1, 0],
    [9, 1, 2, 1],
    [9, 0, 1, 0],
  ])("source %i with sender %j of %i senders: %i", (id, sender, senders, expected) => {
    expect(boundSender({ id, name: "a", sender }, senders)).toEqual({ kind: "bound", sender: expected });
  });

  test.each([
    [2, 2, 'the source "a" is bound to sender 2, and there are only senders 0 to 1'],
    [1, 1, 'the source "a" is bound to sender 1, and there is only sender 0'],
    [null, 0, 'no sender runs that could use the source "a"'],
  ])("with sender %j of %i senders it is unusable", (sender, senders, reason) => {
    expect(boundSender({ id: 1, name: "a", sender }, senders)).toEqual({ kind: "unusable", reason });
  });
});

describe("the sender of a part", () => {
  const PARTS = Array.from({ length: 100_000 }, (_, i) => i + 1);
  const pool = poolOf({ 1: 5, 2: 5, 3: 1, 4: 9 });
  /** Sources 1 and 2 at sender 0, source 3 at sender 1; source 4 cannot be used. */
  const bindingOf = (source: number) => [null, 0, 0, 1, null][source] ?? null;

  test("is chosen by the weights of usable sources, among those that are there", () => {
    expectNear(
      spread(PARTS, (part) => partOwner(pool, [0, 1, 2], bindingOf, part)),
      { 0: 1000 / 11, 1: 100 / 11 },
    );
  });

  test("is another when it is gone, and only then", () => {
    const binding = (source: number) => source % 3;
    for (const part of PARTS.slice(0, 2000)) {
      const before = partOwner(pool, [0, 1, 2], binding, part);
      const after = partOwner(pool, [0, 2], binding, part);
      if (before === 1) expect([0, 2]).toContain(after);
      else expect(after).toBe(before);
    }
  });

  test("is nobody when no sender has a usable source", () => {
    expect(partOwner(pool, [2], bindingOf, 1)).toBeNull();
    expect(partOwner(pool, [], bindingOf, 1)).toBeNull();
    expect(partOwner(pool, [0, 1], () => null, 1)).toBeNull();
  });
});
