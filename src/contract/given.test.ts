/** What was not said stays unsaid: no default of the schemas appears, whatever is given. */
import { expect, test } from "vitest";
import { z } from "zod";

import { givenOf, overrideOf } from "./given.ts";
import { contentSchema, newDeliverySchema, senderSchema, settingsSchema, templateSchema } from "./index.ts";

const given = givenOf(settingsSchema);
const override = overrideOf(settingsSchema);

test("nothing given is nothing", () => {
  for (const schema of [givenOf(contentSchema), givenOf(senderSchema), given]) expect(schema.parse({})).toEqual({});
  for (const schema of [overrideOf(contentSchema), overrideOf(senderSchema), override]) {
    expect(schema.parse({})).toEqual({});
  }
  expect(templateSchema.parse({ label: "x" })).toEqual({ label: "x" });
});

test.each<[string, object]>([
  ["one setting", { validity: "2d" }],
  ["one of a group", { archive: { on: true } }],
  ["an empty group", { tracking: {} }],
  ["a value that is the default", { validity: "5d" }],
  ["lists and names", { headers: [{ name: "X-A", value: "1" }], routes: { "*": "h:25" }, variables: { a: "" } }],
  ["an object that is one value", { dkim: { domain: "a.example", selector: "s" } }],
])("%s is kept as it is", (_name, settings) => {
  expect(given.parse(settings)).toEqual(settings);
  expect(override.parse(settings)).toEqual(settings);
});

test("only what lies over something else may take away by null", () => {
  const settings = { validity: null, archive: { timing: null }, tracking: null };
  expect(override.parse(settings)).toEqual(settings);
  expect(given.safeParse(settings).error?.issues.map(({ path }) => path.join("."))).toEqual([
    "validity",
    "tracking",
    "archive.timing",
  ]);
});

test.each<[string, object, string[]]>([
  ["an unknown setting", { colour: "red" }, ["unrecognized_keys "]],
  ["an unknown setting in a group", { archive: { colour: "red" } }, ["unrecognized_keys archive"]],
  [
    "a value that is none",
    { validity: "soon", archive: { on: "yes" } },
    ["invalid_format validity", "invalid_type archive.on"],
  ],
  ["half of an object that is one value", { dkim: { domain: "a.example" } }, ["invalid_type dkim.selector"]],
])("%s is refused", (_name, settings, expected) => {
  for (const schema of [given, override]) {
    const issues = schema.safeParse(settings).error?.issues ?? [];
    expect(issues.map(({ code, path }) => `${code} ${path.join(".")}`)).toEqual(expected);
  }
});

test("the description of the API still says the defaults", () => {
  const described = z.toJSONSchema(newDeliverySchema, { io: "input" }) as unknown as {
    properties: Record<string, { properties: Record<string, { default?: unknown; description?: string }> }>;
  };
  expect(described.properties["settings"]?.properties["validity"]?.default).toBe("5d");
  expect(described.properties["content"]?.properties["inlineCss"]?.description).toContain("absent: on");
});
