/** What the insert menu writes. */
import { expect, test } from "vitest";

import { attributeNames, blockTag, outputTag } from "./insert-words.ts";

test("each syntax has its own tags", () => {
  expect(outputTag("recipient.city", "liquid")).toBe("{{ recipient.city }}");
  expect(outputTag("recipient.city", "campaign")).toBe("<%= recipient.city %>");
  expect(blockTag("mirror-page", "liquid")).toBe("{% render 'mirror-page' %}");
  expect(blockTag("mirror-page", "campaign")).toBe("<%@ include view='mirror-page' %>");
});

test("attributes are those that some recipient has, the address always", () => {
  const people = [{ attributes: { town: "Lyon", email: "a@b.example" } }, { attributes: { age: 3, town: "" } }];
  expect(attributeNames(people)).toEqual(["email", "age", "town"]);
  expect(attributeNames([])).toEqual(["email"]);
});
