/** What is chosen says the same before and after; what cannot be chosen stays as it is. */
import { expect, test } from "vitest";

import type { Audience } from "../../../src/contract/index.ts";
import { audienceOf, chosenOf, isChosen, treeOf } from "./chosen.ts";

test.each<[Audience, string, object | null]>([
  [{ all: true }, "all", { and: [] }],
  [{ list: "3" }, "list", { list: "3" }],
  [{ service: "4" }, "service", { service: "4" }],
  [{ segment: "5" }, "segment", { segment: "5" }],
  [{ delivery: "6", outcome: ["not-opened"] }, "delivery", { or: [{ behaviour: "not-opened", deliveries: ["6"] }] }],
  [
    { delivery: "6", outcome: ["opened", "clicked"] },
    "kept",
    {
      or: [
        { behaviour: "opened", deliveries: ["6"] },
        { behaviour: "clicked", deliveries: ["6"] },
      ],
    },
  ],
  [{ segment: { list: "1" } }, "kept", { list: "1" }],
  [{ import: "7" }, "kept", { import: "7" }],
  [{ file: "8" }, "kept", null],
])("%j is chosen as %s", (audience, kind, tree) => {
  const chosen = chosenOf(audience);
  expect(chosen.kind).toBe(kind);
  expect(isChosen(chosen)).toBe(true);
  expect(audienceOf(chosen)).toEqual(audience);
  expect(treeOf(audience)).toEqual(tree);
});

test("nobody is chosen as long as only the kind is", () => {
  expect(isChosen({ ...chosenOf({ list: "3" }), id: "" })).toBe(false);
});
