/** What lies over what, as laws: they hold for any settings. */
import { expect, test } from "vitest";
import fc from "fast-check";

import type { Given, Override, Settings } from "../../contract/index.ts";
import { overlay } from "./overlay.ts";

const value = <T>(arbitrary: fc.Arbitrary<T>, nullable: boolean): fc.Arbitrary<T | null | undefined> =>
  nullable ? fc.oneof(arbitrary, fc.constant(null), fc.constant(undefined)) : arbitrary;

/** A setting of each form: a word, a switch, a list, names, a whole object, both groups. */
function settings(nullable: boolean) {
  const names = fc.dictionary(fc.constantFrom("a", "b", "__proto__", "constructor"), fc.string());
  const group = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
    value(fc.record(fields, { requiredKeys: [] }), nullable);
  return fc.record(
    {
      validity: value(fc.constantFrom("1d", "2d", "3d"), nullable),
      embedImages: value(fc.boolean(), nullable),
      headers: value(fc.array(fc.record({ name: fc.string(), value: fc.string() }), { maxLength: 2 }), nullable),
      routes: value(names, nullable),
      dkim: value(fc.record({ domain: fc.string(), selector: fc.string() }), nullable),
      tracking: group({ clicks: value(fc.boolean(), nullable), expiredUrl: value(fc.webUrl(), nullable) }),
      archive: group({
        on: value(fc.boolean(), nullable),
        timing: value(fc.constantFrom("before", "after"), nullable),
      }),
    },
    { requiredKeys: [] },
  );
}
const below = settings(false) as fc.Arbitrary<Given<Settings>>;
const above = settings(true) as fc.Arbitrary<Override<Settings>>;

type Fields = Record<string, unknown>;
const GROUPS = ["tracking", "archive"];
/** Each setting by its path, groups taken apart. */
const leaves = (fields: object): Map<string, unknown> =>
  new Map(
    Object.entries(fields).flatMap(([name, entry]): [string, unknown][] =>
      GROUPS.includes(name) && typeof entry === "object" && entry !== null
        ? Object.entries(entry as Fields).map(([inner, leaf]) => [`${name}.${inner}`, leaf])
        : [[name, entry]],
    ),
  );

test("each setting is what is said on top, else what is below; null leaves none", () => {
  fc.assert(
    fc.property(below, above, (under, over) => {
      const result = leaves(overlay<Settings>(under, over));
      const [bottom, top] = [leaves(under), leaves(over)];
      for (const path of new Set([...result.keys(), ...bottom.keys(), ...top.keys()])) {
        if (GROUPS.includes(path)) continue;
        const said = top.get(path);
        const whole = top.get(path.split(".")[0] ?? "");
        const expected = said === null || whole === null ? undefined : said === undefined ? bottom.get(path) : said;
        expect([path, result.get(path)]).toEqual([path, expected]);
      }
    }),
  );
});

test("nothing on top changes nothing, and over nothing lies what is on top", () => {
  fc.assert(
    fc.property(below, (some) => {
      expect(overlay<Settings>(some, {})).toEqual(some);
      expect(overlay<Settings>({}, some)).toEqual(some);
      expect(overlay<Settings>(some, some)).toEqual(some);
    }),
  );
});

test("three layers come to the same from below and from above", () => {
  fc.assert(
    fc.property(below, below, below, (a, b, c) => {
      expect(overlay<Settings>(overlay<Settings>(a, b), c)).toEqual(overlay<Settings>(a, overlay<Settings>(b, c)));
    }),
  );
});

test("what was laid together stays as it was", () => {
  fc.assert(
    fc.property(below, above, (under, over) => {
      const before = structuredClone([under, over]);
      overlay<Settings>(under, over);
      expect([under, over]).toEqual(before);
    }),
  );
});
