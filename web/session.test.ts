/** Reading the token out of the fragment. */
import { expect, test } from "vitest";

import { tokenOf } from "./session.ts";

test.each([
  ["#token=abc_DEF-1", "abc_DEF-1"],
  ["#a=1&token=x", "x"],
  ["#token=", null],
  ["", null],
  ["#content", null],
])("%s", (hash, token) => {
  expect(tokenOf(hash)).toBe(token);
});
