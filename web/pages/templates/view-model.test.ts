/** The order of templates; whom one can be executed for. */
import { expect, test } from "vitest";

import type { TemplateSummary } from "../../../src/contract/index.ts";
import { audienceChoices, inOrder, peopleOf } from "./view-model.ts";

test("the one that comes with Envoi is first, the others follow by label", () => {
  const template = (label: string, builtIn = false) => ({ label, builtIn }) as TemplateSummary;
  const labels = inOrder([template("b"), template("Email delivery", true), template("a")]).map(({ label }) => label);
  expect(labels).toEqual(["Email delivery", "a", "b"]);
});

test("people are counted where they are known before an analysis", () => {
  const choices = audienceChoices({
    segments: [{ id: "1", label: "Lyon" }],
    lists: [{ id: "1", label: "Testers", members: 12 }],
    imports: [{ id: "4", fileName: "april.csv", counts: { total: 100, failed: 3 } }],
  });
  expect(choices.map(({ kind }) => kind)).toEqual(["segment", "list", "import"]);
  expect(["list 1", "import 4", "segment 1", "all", "list 9"].map((key) => peopleOf(choices, key))).toEqual([
    12,
    97,
    null,
    null,
    null,
  ]);
  expect(audienceChoices({ segments: [], lists: [], imports: [] })).toEqual([]);
});
