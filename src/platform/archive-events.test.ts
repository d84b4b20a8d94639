import { expect, test } from "vitest";

import { fieldChanges } from "./archive-events.ts";

test("fields that differ are named, deep ones by their path", () => {
  const from = { name: "a", rule: { natures: [], onlyNamed: false }, target: { kind: "smtp", address: "a@b.example" } };
  const to = { name: "b", rule: { natures: [], onlyNamed: true }, target: { kind: "smtp", address: "a@b.example" } };
  expect(fieldChanges(from, to)).toEqual([
    { field: "name", from: "a", to: "b" },
    { field: "rule.onlyNamed", from: false, to: true },
  ]);
});

test("what was not there or is no more is null; lists are compared as a whole", () => {
  expect(fieldChanges({ a: [1, 2], gone: "x" }, { a: [1, 3], user: "u" })).toEqual([
    { field: "a", from: [1, 2], to: [1, 3] },
    { field: "gone", from: "x", to: null },
    { field: "user", from: null, to: "u" },
  ]);
});

test("a field that is not set is no change", () => {
  expect(fieldChanges({ a: 1 }, { a: 1, b: undefined, c: null })).toEqual([]);
});
