import { expect, test } from "vitest";

import { ApiProblem } from "../../api.ts";
import { outcomeOf, refusalOf } from "./refusal.ts";

test.each([
  [401, "sign-in-failed", "wrong"],
  [422, "invalid-input", "wrong"],
  [401, "code-needed", "code-needed"],
  [401, "code-wrong", "code-wrong"],
  [429, "sign-in-locked", "other"],
  [0, "no-connection", "other"],
])("%i %s is %s", (status, code, refusal) => {
  expect(refusalOf(new ApiProblem({ type: "about:blank", title: "", detail: "", status, code }))).toBe(refusal);
});

test("what is no answer at all is told as it is", () => {
  expect(refusalOf(new Error("x"))).toBe("other");
});

test.each([
  ["oidc-unavailable", "unavailable"],
  ["oidc-no-role", "no-role"],
  ["sign-in-locked", "locked"],
  ["oidc-refused", "refused"],
  ["<b>anything</b>", "refused"],
])("%s is told as %s", (code, outcome) => {
  expect(outcomeOf(code)).toBe(outcome);
});
