/** Where values come from, as laws: whatever a delivery says over whatever its template said. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { settingsSchema } from "../../contract/index.ts";
import {
  changeProperties,
  collectSet,
  isSame,
  readProperty,
  traceProperties,
  valueBelow,
  writeProperty,
} from "./origin.ts";

const values: Record<string, fc.Arbitrary<unknown>> = {
  "content.subject": fc.constantFrom("a", "b"),
  "sender.replyTo": fc.constantFrom("x@example.com", "y@example.com"),
  "settings.validity": fc.constantFrom("1d", "5d"),
  "settings.tracking.clicks": fc.boolean(),
  "settings.headers": fc.array(fc.record({ name: fc.constant("X-A"), value: fc.string() }), { maxLength: 2 }),
  "settings.retries": fc.constantFrom({ mode: "adaptive" }, { mode: "fixed", count: 2, period: "1h" }),
  category: fc.constantFrom("", "news"),
};
const said = fc.record(values, { requiredKeys: [] });
const laid = (...layers: object[]) =>
  layers
    .flatMap((layer) => Object.entries(layer))
    .reduce<object>((fields, [path, value]) => writeProperty(fields, path, value), {
      settings: settingsSchema.parse({}),
      category: "",
    });
const traced = (fields: object, inherited: object, path: string) =>
  traceProperties(fields, inherited as Record<string, unknown>, {}).find((row) => row.path === path);

test("a value is the delivery's own exactly when it is another than without", () => {
  fc.assert(
    fc.property(said, said, (template, own) => {
      const fields = laid(template, own);
      for (const path of Object.keys(values)) {
        const row = traced(fields, template, path);
        const without = Object.hasOwn(template, path) ? template[path] : readProperty(laid(), path);
        expect(row?.origin).toBe(
          isSame(readProperty(fields, path), without)
            ? Object.hasOwn(template, path)
              ? "template"
              : "platform"
            : "delivery",
        );
        expect(row?.value ?? undefined).toEqual(readProperty(fields, path));
        expect(row?.inherited !== undefined).toBe(row?.origin === "delivery");
      }
    }),
  );
});

test("reset, every value is the inherited one again, and nothing else has changed", () => {
  fc.assert(
    fc.property(said, said, fc.subarray(Object.keys(values)), (template, own, paths) => {
      const fields = laid(template, own);
      const before = structuredClone(fields);
      const wish = Object.fromEntries(paths.map((path) => [path, null]));
      const inherited = template as Record<string, unknown>;
      const changed = changeProperties(fields, (path, property) => valueBelow(path, property, inherited).value, wish);
      expect(fields).toEqual(before);
      expect(changed.unknown).toEqual([]);
      for (const path of Object.keys(values)) {
        const row = traced(changed.fields, template, path);
        if (paths.includes(path)) expect(row?.origin).not.toBe("delivery");
        else expect(readProperty(changed.fields, path)).toEqual(readProperty(fields, path));
      }
    }),
  );
});

test("what a template sets is collected by path, and nothing that it leaves open", () => {
  fc.assert(
    fc.property(said, (template) => {
      const fields = Object.entries(template).reduce<object>((at, [path, value]) => writeProperty(at, path, value), {});
      expect(collectSet(fields)).toEqual(template);
    }),
  );
});

test("where nothing is said, the platform's setting is shown; an empty one is none", () => {
  const platform = { errorAddress: "bounces@example.com", archive: { timing: "after", strict: false } };
  const rows = traceProperties({ settings: { archive: { on: true } } }, {}, platform);
  const valueOf = (path: string) => rows.find((row) => row.path === path)?.value;
  expect(valueOf("sender.errorAddress")).toBe("bounces@example.com");
  expect(valueOf("settings.archive.timing")).toBe("after");
  expect(valueOf("settings.archive.strict")).toBe(false);
  expect(
    traceProperties({}, {}, { errorAddress: "" }).find(({ path }) => path === "sender.errorAddress")?.value,
  ).toBeNull();
});

test.each(["settings.nothing", "settings", "__proto__", "constructor.name", ""])("%j is no property", (path) => {
  const changed = changeProperties({}, () => undefined, Object.fromEntries([[path, 1]]));
  expect(changed).toEqual({ fields: {}, unknown: [path] });
});
