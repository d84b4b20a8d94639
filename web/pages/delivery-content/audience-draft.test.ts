/** Every audience survives the form, also one that only the API can set; exclusions have a word each. */
import { expect, test } from "vitest";

import { audienceDraft, audienceOf, ruleKey, ruleOf } from "./audience-draft.ts";

test.each([
  [{ all: true }, "all"],
  [{ list: "3" }, "list"],
  [{ import: "4" }, "import"],
  [{ file: "6" }, "file"],
  [{ segment: "5" }, "segment"],
  [{ segment: { and: [] } }, "kept"],
  [{ delivery: "7", outcome: ["opened"] }, "kept"],
] as const)("%j is %s", (audience, kind) => {
  const draft = audienceDraft(audience as Parameters<typeof audienceDraft>[0]);
  expect(draft.audience).toBe(kind);
  expect(audienceOf(draft)).toEqual(audience);
});

test("rules that can be chosen have a word, others none", () => {
  for (const rule of [{ list: "1" }, { import: "2" }, { segment: "3" }]) {
    expect(ruleOf(ruleKey(rule) ?? "")).toEqual(rule);
  }
  expect(ruleKey({ segment: { or: [] } })).toBeNull();
  expect(ruleKey({ delivery: "1", outcome: ["opened"] })).toBeNull();
  expect(ruleOf("")).toBeNull();
});
