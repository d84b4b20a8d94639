/** The table of properties and the API say the same. */
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { platformSettingsSchema, settingsSchema } from "../../contract/index.ts";
import { PROPERTIES } from "./properties.ts";
import { propertyTable } from "./property-table.ts";
import { PROPERTY_GROUPS } from "./property.ts";

test("every property says what it does and what it is when nothing is said", () => {
  for (const [path, property] of PROPERTIES) {
    expect(PROPERTY_GROUPS, path).toContain(property.group);
    const said = [property.default, property.otherwise, property.platform, property.required];
    expect(
      said.some((one) => one !== undefined),
      path,
    ).toBe(true);
  }
});

test("defaults of §3.28", () => {
  const settings = settingsSchema.parse({});
  expect(settings).toMatchObject({
    format: "recipient",
    charset: "utf-8",
    priority: "normal",
    archive: { on: false },
    mode: "live",
    personalisationTimeout: "5s",
    validity: "5d",
    mirror: "default",
    tracking: { clicks: true, opens: true },
    listUnsubscribe: true,
  });
  expect(settings.partSize).toBeUndefined();
});

test("a setting of the platform that stands behind a property exists", () => {
  const platform = platformSettingsSchema.parse({}) as Record<string, unknown>;
  for (const [path, { platform: behind }] of PROPERTIES) {
    if (behind === undefined) continue;
    const value = behind.split(".").reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], platform);
    expect(value, path).toBeDefined();
  }
});

test("docs/delivery-templates.md has the table as it is", () => {
  const page = readFileSync(new URL("../../../docs/delivery-templates.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("## All properties");
  expect(section.split("\n").filter((line) => line.startsWith("|"))).toEqual(propertyTable());
});
