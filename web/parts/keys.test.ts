/** Which key does what. */
import { expect, test } from "vitest";

import { keyAct } from "./keys.ts";

test.each([
  ["/", { kind: "search" }],
  ["j", { kind: "row", step: 1 }],
  ["k", { kind: "row", step: -1 }],
  ["?", { kind: "help" }],
  ["g", { kind: "prefix" }],
  ["d", { kind: "none" }],
  ["Enter", { kind: "none" }],
] as const)("%s alone", (key, act) => {
  expect(keyAct(key, false)).toEqual(act);
});

test.each([
  ["d", { kind: "go", to: "/deliveries" }],
  ["m", { kind: "go", to: "/messages" }],
  ["s", { kind: "go", to: "/sandbox" }],
  ["b", { kind: "go", to: "/blocks" }],
  [",", { kind: "go", to: "/settings" }],
  ["j", { kind: "none" }],
] as const)("g then %s", (key, act) => {
  expect(keyAct(key, true)).toEqual(act);
});
