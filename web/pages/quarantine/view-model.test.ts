/** Which addresses are looked up. */
import { expect, test } from "vitest";

import { isAddress, quarantineSearch } from "./view-model.ts";

test.each([
  ["ann@example.com", true],
  ["josé@exämple.example", true],
  ['"a@b"@example.com', true],
  ["ann@", false],
  ["ann@example", false],
  ["ann", false],
  [undefined, false],
])("%s", (value, expected) => {
  expect(isAddress(value)).toBe(expected);
});

test("the address in the address bar is the one looked up", () => {
  expect(quarantineSearch({ address: "ann@example.com" })).toEqual({ address: "ann@example.com" });
  expect(quarantineSearch({ address: "" })).toEqual({ address: undefined });
});
