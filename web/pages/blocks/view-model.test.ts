/** Names and refusals of blocks. */
import { expect, test } from "vitest";

import type { Block } from "../../../src/contract/index.ts";
import { errorsOf, inOrder, nameOf } from "./view-model.ts";

test.each([
  ["Opening hours", "opening-hours"],
  ["  Été 2026! ", "ete-2026-"],
  ["mirror-page", "mirror-page"],
  ["2 for 1", "for-1"],
  ["…", ""],
])("%j becomes %j", (typed, name) => {
  expect(nameOf(typed)).toBe(name);
});

test("the operator's own blocks come first, then by name", () => {
  const block = (name: string, builtIn: boolean) => ({ name, builtIn }) as Block;
  const names = inOrder([block("unsubscribe", true), block("shop", false), block("greeting", true), block("a", false)]);
  expect(names.map((each) => each.name)).toEqual(["a", "shop", "greeting", "unsubscribe"]);
});

test("a refusal with a place leads there, any other one is told", () => {
  const errors = [
    { pointer: "/html", code: "template-syntax", message: "line 2, column 4: unknown tag fi" },
    { pointer: "/name", code: "invalid", message: "A name has letters" },
  ];
  const problem = { type: "about:blank", title: "", status: 422, detail: "", code: "invalid-input", errors };
  expect(errorsOf(problem)).toEqual({
    placed: [{ part: "html", code: "template-syntax", line: 2, column: 4, message: "unknown tag fi" }],
    others: ["A name has letters"],
  });
});
