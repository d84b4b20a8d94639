/** Properties on the screens: every one has a word, and what is typed is a change only where it is one. */
import { expect, test } from "vitest";

import { PROPERTIES, type Traced } from "../../../src/contract/index.ts";
import { en } from "../../i18n/en/index.ts";
import { groupsOf, typedOver, wishOf } from "./view-model.ts";

const wordOf = (path: string) =>
  path.split(".").reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], en.property.name);

test("every property that is shown has a name in web/i18n", () => {
  const shown = [...PROPERTIES].filter(([, { writes }]) => writes === undefined).map(([path]) => path);
  expect(shown.filter((path) => typeof wordOf(path) !== "string")).toEqual([]);
});

const row = (path: string, value: unknown, origin: Traced["origin"] = "platform"): Traced => ({
  path,
  group: "delivery",
  value,
  origin,
});

test("typing a value back is no change; a reset is one", () => {
  const pool = row("settings.pool", "a", "delivery");
  expect(typedOver({}, pool, "b")).toEqual({ "settings.pool": "b" });
  expect(typedOver({ "settings.pool": "b", category: "x" }, pool, "a")).toEqual({ category: "x" });
  expect(typedOver({}, pool, null)).toEqual({ "settings.pool": null });
});

test("an emptied field says nothing any more, where there need not be anything", () => {
  const typed = { "settings.pool": "", category: "", "content.subject": "", "settings.speed": 5 };
  expect(wishOf(typed)).toEqual({ ...typed, "settings.pool": null });
});

test("only own values: those of the delivery, and what is being changed", () => {
  const list = {
    version: 1,
    editable: true,
    properties: [
      row("settings.pool", null),
      row("settings.speed", 5, "delivery"),
      row("settings.mode", "live", "template"),
    ],
  };
  const paths = (typed: object) =>
    groupsOf(list, true, "deliveries", typed as never).flatMap(({ rows }) => rows.map(({ path }) => path));
  expect(paths({})).toEqual(["settings.speed"]);
  expect(paths({ "settings.pool": "a" })).toEqual(["settings.pool", "settings.speed"]);
  expect(groupsOf(list, true, "templates", {}).flatMap(({ rows }) => rows)).toHaveLength(1);
});
