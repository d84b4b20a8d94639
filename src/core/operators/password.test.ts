import { expect, test } from "vitest";

import { normalisePassword, passwordProblem } from "./password.ts";

test.each([
  ["correct horse battery staple", null],
  ["пароль из четырёх слов", null],
  ["short", "It has fewer than 12 characters"],
  ["😀😁😂😃😄", "It has fewer than 12 characters"],
  ["aaaaaaaaaaaaaaaa", "It has fewer than 5 different characters"],
  ["Password2026!!", "It begins like the passwords that are tried first"],
  ["Ann.Lee-2026-spring", "It contains the name to sign in with"],
  [`${"a1b2c3"}${"x".repeat(1100)}`, "It has more than 1024 characters"],
])("%j: %s", (password, problem) => {
  expect(passwordProblem(password, "ann.lee@example.com")).toBe(problem);
});

test("one typed with composed and decomposed letters is the same", () => {
  expect(normalisePassword("cafe\u0301 au lait")).toBe(normalisePassword("caf\u00e9 au lait"));
});
