/** Reading token and invitation out of the fragment. */
import { expect, test } from "vitest";

import { secretOf } from "./session.ts";

test.each([
  ["#token=abc_DEF-1", "abc_DEF-1"],
  ["#a=1&token=x", "x"],
  ["#token=", null],
  ["", null],
  ["#content", null],
])("%s", (hash, token) => {
  expect(secretOf(hash, "token")).toBe(token);
  expect(secretOf(hash.replace("token", "invitation"), "invitation")).toBe(token);
});
