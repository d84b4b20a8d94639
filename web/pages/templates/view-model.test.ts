/** The order of templates. */
import { expect, test } from "vitest";

import type { TemplateSummary } from "../../../src/contract/index.ts";
import { inOrder } from "./view-model.ts";

test("the one that comes with Envoi is first, the others follow by label", () => {
  const template = (label: string, builtIn = false) => ({ label, builtIn }) as TemplateSummary;
  const labels = inOrder([template("b"), template("Email delivery", true), template("a")]).map(({ label }) => label);
  expect(labels).toEqual(["Email delivery", "a", "b"]);
});
