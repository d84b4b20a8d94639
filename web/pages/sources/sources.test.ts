/** Sources, pools and the grid of the warm-up without a DOM. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { poolSchema, type SourceAnswer, sourceSchema, type WarmUpCell } from "../../../src/contract/shaping.ts";
import {
  emptyPool,
  emptySource,
  poolFieldOf,
  poolRequestOf,
  sourceDraftOf,
  sourceFieldOf,
  sourceRequestOf,
} from "./drafts.ts";
import { gridOf, hasBegun, sharesOf, usedShare, warmUpSearch } from "./view-model.ts";

const heading = { version: 1, createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z" };
const source = (id: string, over: Partial<SourceAnswer> = {}): SourceAnswer => ({
  ...sourceSchema.parse({ name: `out${id}`, addressV4: `192.0.2.${id}`, helo: `out${id}.example.net` }),
  id,
  ...heading,
  ...over,
});
const members = [5, 5, 1].map((weight, index) => ({ source: String(index + 1), weight }));
const percents = (sources: SourceAnswer[]) =>
  sharesOf(members, sources).map(({ share }) => (share === null ? null : Math.round(share * 100)));

test("weights 5, 5, 1 are 45, 45 and 9 percent; without the first 83 and 17", () => {
  const all = [source("1"), source("2"), source("3")];
  expect(percents(all)).toEqual([45, 45, 9]);
  expect(percents([source("1", { enabled: false }), ...all.slice(1)])).toEqual([null, 83, 17]);
  expect(sharesOf(members, all.slice(0, 2)).at(-1)).toEqual({ source: "3", name: null, weight: 1, share: null });
});

test("shares of sources in use add up to all", () => {
  const pool = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 10_000 }), enabled: fc.boolean() }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(pool, (each) => {
      const shares = sharesOf(
        each.map(({ weight }, index) => ({ source: String(index + 1), weight })),
        each.map(({ enabled }, index) => source(String(index + 1), { enabled })),
      );
      const sum = shares.reduce((total, { share }) => total + (share ?? 0), 0);
      expect(sum).toBeCloseTo(each.some(({ enabled }) => enabled) ? 1 : 0, 9);
    }),
  );
});

test("a source is read and written back; empty fields are null, sender 0 is a sender", () => {
  const read = source("7", { addressV4: null, addressV6: "2001:db8::7", sender: 0, warmUp: "off", enabled: false });
  const { id: _id, version: _version, createdAt: _created, updatedAt: _updated, ...input } = read;
  expect(sourceRequestOf(sourceDraftOf(read))).toEqual(input);
  expect(sourceRequestOf(emptySource)).toMatchObject({ addressV4: null, addressV6: null, sender: null });
  expect(sourceFieldOf(["helo"])).toBe("helo");
  expect(sourceFieldOf(["id"])).toBeNull();
});

test("rows of a pool that are not filled in are left out; an empty weight is 1", () => {
  const draft = {
    name: " main ",
    members: [
      { source: "1", weight: 5 },
      { source: "", weight: 3 },
      { source: "2", weight: "" as const },
    ],
  };
  const request = poolRequestOf(draft);
  expect(poolSchema.parse(request)).toEqual({
    name: "main",
    members: [
      { source: "1", weight: 5 },
      { source: "2", weight: 1 },
    ],
  });
  expect(poolRequestOf(emptyPool).members).toEqual([]);
  expect(poolFieldOf(["members", "0", "source"])).toBe("members");
  expect(poolFieldOf([""])).toBeNull();
});

const cell = (sourceId: string, provider: string, over: Partial<WarmUpCell> = {}): WarmUpCell => ({
  sourceId,
  source: `out${sourceId}`,
  provider,
  state: "warming",
  day: 1,
  allowance: 200,
  hourlyAllowance: 25,
  used: 0,
  acceptedToday: 0,
  deferredToday: 0,
  refusedToday: 0,
  complaintsToday: 0,
  ...over,
});

test("the grid has a row for each provider that got something, all of them when asked", () => {
  const cells = [cell("1", "yahoo"), cell("1", "google", { used: 3 }), cell("2", "yahoo"), cell("2", "google")];
  expect(gridOf(cells, {})).toEqual({
    sources: [
      { id: "1", name: "out1" },
      { id: "2", name: "out2" },
    ],
    rows: [{ provider: "google", cells: [cells[1], cells[3]] }],
  });
  expect(gridOf(cells, { all: true }).rows.map(({ provider }) => provider)).toEqual(["google", "yahoo"]);
});

test("by state: other cells are left out, their columns stay", () => {
  const held = cell("2", "google", { state: "held", day: 4 });
  const { sources, rows } = gridOf([cell("1", "google", { day: 3 }), held], { state: "held" });
  expect(sources).toHaveLength(2);
  expect(rows).toEqual([{ provider: "google", cells: [null, held] }]);
});

test.each<[Partial<WarmUpCell>, boolean, number]>([
  [{}, false, 0],
  [{ used: 50 }, true, 0.25],
  [{ used: 900 }, true, 1],
  [{ day: 3 }, true, 0],
  [{ allowance: 0, used: 0, state: "held" }, true, 0],
  [{ state: "done", used: 12 }, true, 1],
])("%j has begun: %s, used: %d", (over, begun, share) => {
  expect([hasBegun(cell("1", "google", over)), usedShare(cell("1", "google", over))]).toEqual([begun, share]);
});

test("filters of the address; other words are no filters", () => {
  expect(warmUpSearch({ state: "held", all: true, cell: "1 google" })).toEqual({
    state: "held",
    all: true,
    cell: "1 google",
  });
  expect(warmUpSearch({ state: "cold", all: "yes", cell: {} })).toEqual({
    state: undefined,
    all: undefined,
    cell: undefined,
  });
});
