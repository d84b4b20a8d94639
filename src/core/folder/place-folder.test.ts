/** Folders stay a tree, whatever is moved where. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { DEEPEST, type Folder, MOST_FOLDERS, placeFolder, wayTo } from "./place-folder.ts";

const SHOP: readonly Folder[] = [
  { id: 1, parent: null, label: "Shop" },
  { id: 2, parent: 1, label: "Spring" },
  { id: 3, parent: 2, label: "Sale" },
  { id: 4, parent: null, label: "News" },
];

test.each([
  ["a new one at the top", { id: null, parent: null, label: "Events" }, "placed"],
  ["the same name in another place", { id: null, parent: 1, label: "Sale" }, "placed"],
  ["the same name beside it, in capitals", { id: null, parent: null, label: "SHOP" }, "taken"],
  ["its own name", { id: 1, parent: null, label: "shop" }, "placed"],
  ["one under nothing", { id: null, parent: 9, label: "x" }, "no-parent"],
  ["under itself", { id: 1, parent: 1, label: "Shop" }, "circle"],
  ["under what is below it", { id: 1, parent: 3, label: "Shop" }, "circle"],
  ["elsewhere with all that is below it", { id: 1, parent: 4, label: "Shop" }, "placed"],
] as const)("%s", (_, wanted, kind) => {
  expect(placeFolder(SHOP, wanted).kind).toBe(kind);
});

test("a tree has ten levels at most, whatever hangs below", () => {
  const chain = Array.from({ length: DEEPEST }, (_, i) => ({ id: i + 1, parent: i === 0 ? null : i, label: `${i}` }));
  expect(placeFolder(chain, { id: null, parent: DEEPEST, label: "x" }).kind).toBe("too-deep");
  expect(placeFolder(chain, { id: null, parent: DEEPEST - 1, label: "x" }).kind).toBe("placed");
  const other = [...chain.slice(0, 9), { id: 20, parent: null, label: "a" }, { id: 21, parent: 20, label: "b" }];
  expect(placeFolder(other, { id: 20, parent: 9, label: "a" }).kind).toBe("too-deep");
});

test("a tree has so many folders and no more; those there are still can be moved", () => {
  const many = Array.from({ length: MOST_FOLDERS }, (_, i) => ({ id: i + 1, parent: null, label: `${i}` }));
  expect(placeFolder(many, { id: null, parent: null, label: "x" }).kind).toBe("too-many");
  expect(placeFolder(many, { id: 1, parent: 2, label: "x" }).kind).toBe("placed");
});

test("after any moves that were let, every way ends at the top", () => {
  const move = fc.record({
    id: fc.option(fc.integer({ min: 1, max: 12 })),
    parent: fc.option(fc.integer({ min: 1, max: 12 })),
    label: fc.constantFrom("a", "b", "c"),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const folders = new Map<number, Folder>();
      for (const wanted of moves) {
        const id = wanted.id !== null && folders.has(wanted.id) ? wanted.id : null;
        if (placeFolder([...folders.values()], { ...wanted, id }).kind !== "placed") continue;
        const key = id ?? folders.size + 1;
        folders.set(key, { id: key, parent: wanted.parent, label: wanted.label });
      }
      for (const id of folders.keys()) {
        const way = wayTo(folders, id);
        expect(way[0]?.parent).toBeNull();
        expect(way.length).toBeLessThanOrEqual(DEEPEST);
      }
    }),
  );
});
