/** What the messages of seeds say, and where they stand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { chanceOf } from "./chance.ts";
import { fillSeed, placeSeeds } from "./seeds.ts";

test("chance is the same for the same text, and spreads", () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let n = 0; n < 10_000; n++) {
    const chance = chanceOf(`seed ${n}`);
    expect(chance).toBe(chanceOf(`seed ${n}`));
    counts[Math.floor(chance * 10)] = (counts[Math.floor(chance * 10)] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

describe("a seed", () => {
  const donors = [
    { name: "Ann", city: "" },
    { name: "Bob", city: "Rome", points: 0 },
  ];
  test.each([
    ["keeps what it says", { name: "Me", city: "Here" }, { name: "Me", city: "Here" }],
    ["takes the rest from one person who has it all", { title: "Dr" }, { name: "Bob", city: "Rome" }],
    ["takes empty values as missing", { name: "", city: null }, { name: "Bob", city: "Rome" }],
  ])("%s", (_, given, filled) => {
    expect(fillSeed(given, ["name", "city"], donors, "x")).toEqual(filled);
  });

  test("goes without what nobody has, and takes zeros for values", () => {
    expect(fillSeed({}, ["points", "age"], donors, "x")).toEqual({ points: 0 });
    expect(fillSeed({}, ["age"], [], "x")).toEqual({});
    expect(fillSeed({}, ["constructor"], donors, "x")).toEqual({});
  });

  test("takes others by another chance", () => {
    const many = Array.from({ length: 50 }, (_, n) => ({ name: `n${n}` }));
    const names = new Set(Array.from({ length: 50 }, (_, n) => fillSeed({}, ["name"], many, `chance ${n}`)["name"]));
    expect(names.size).toBeGreaterThan(15);
  });
});

test("every seed has one place, places are in order and within the delivery, no part is too large", () => {
  const inputs = fc.record({
    seeds: fc.nat(300),
    parts: fc.nat(50),
    most: fc.integer({ min: 1, max: 40 }),
    position: fc.constantFrom("spread", "first", "last"),
    chance: fc.string(),
  });
  fc.assert(
    fc.property(inputs, ({ seeds, parts, most, position, chance }) => {
      const all = Array.from({ length: seeds }, (_, id) => ({ id }));
      const slots = placeSeeds(all, parts, { position: position as "spread", chance, most });
      expect(slots.flatMap((slot) => slot.seeds.map(({ id }) => id)).toSorted((a, b) => a - b)).toEqual(
        all.map(({ id }) => id),
      );
      const places = slots.map(({ before }) => before);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      for (const slot of slots) {
        expect(slot.seeds.length).toBeLessThanOrEqual(most);
        expect(slot.before).toBeGreaterThanOrEqual(position === "last" ? parts : 0);
        expect(slot.before).toBeLessThanOrEqual(position === "first" ? 0 : parts);
      }
    }),
  );
});
