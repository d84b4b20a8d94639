/** What the preview asks the server for. */
import { expect, test } from "vitest";

import { isClipped, wishOf } from "./preview-input.ts";

test.each([
  ["worst", "", "", { kind: "ready", input: { worstCases: true } }],
  ["recipient", " ", "", { kind: "empty" }],
  ["recipient", " ada@shop.example ", "", { kind: "ready", input: { recipient: "ada@shop.example" } }],
  ["attributes", "", "\n", { kind: "empty" }],
  ["attributes", "", '{"city":"Lyon"}', { kind: "ready", input: { attributes: { city: "Lyon" } } }],
  ["attributes", "", "[1]", { kind: "refused", reason: "not-an-object", detail: "" }],
  ["attributes", "", "null", { kind: "refused", reason: "not-an-object", detail: "" }],
] as const)("%s, %j, %j", (kind, address, json, wish) => {
  expect(wishOf(kind, address, json)).toEqual(wish);
});

test("what is no JSON is refused with the reader's words", () => {
  expect(wishOf("attributes", "", "{city}")).toMatchObject({ kind: "refused", reason: "not-json" });
});

test("the length that Gmail cuts at is counted in bytes", () => {
  expect(isClipped(null)).toBe(false);
  expect(isClipped("a".repeat(102 * 1024))).toBe(false);
  expect(isClipped("a".repeat(102 * 1024 + 1))).toBe(true);
  expect(isClipped("é".repeat(52 * 1024))).toBe(true);
});
