/** Folders in lists. */
import { expect, test } from "vitest";

import type { Folder } from "../../../src/contract/index.ts";
import { indented, placesFor } from "./view-model.ts";

const folder = (id: string, ...path: string[]): Folder => ({
  id,
  tree: "deliveries",
  label: path.at(-1) ?? "",
  parent: null,
  path,
  count: 0,
  version: 1,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
});
const all = [folder("1", "Shop"), folder("2", "Shop", "Spring"), folder("3", "Shopping"), folder("4", "Spring")];

test("a folder goes neither into itself nor below itself", () => {
  expect(placesFor(all, all[0] ?? null).map(({ id }) => id)).toEqual(["3", "4"]);
  expect(placesFor(all, all[1] ?? null).map(({ id }) => id)).toEqual(["1", "3", "4"]);
  expect(placesFor(all, null)).toEqual(all);
});

test("each level is further in", () => {
  expect(all.map(indented)).toEqual(["Shop", "\u00a0\u00a0Spring", "Shopping", "Spring"]);
});
