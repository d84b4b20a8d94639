/** What the audit log shows of a change, and what it never shows. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { changesBetween, withoutSecrets } from "./changes.ts";

describe("a change", () => {
  test.each([
    ["a value", { a: 1 }, { a: 2 }, [{ pointer: "/a", before: 1, after: 2 }]],
    ["a value that was not there", {}, { a: null }, [{ pointer: "/a", after: null }]],
    ["a value that went", { a: [] }, {}, [{ pointer: "/a", before: [] }]],
    [
      "deep inside",
      { a: { "x/y": { z: 1 } } },
      { a: { "x/y": { z: 2 } } },
      [{ pointer: "/a/x~1y/z", before: 1, after: 2 }],
    ],
    ["a list, as a whole", { a: [1, 2] }, { a: [2] }, [{ pointer: "/a", before: [1, 2], after: [2] }]],
    ["its version alone", { a: 1, version: 1 }, { a: 1, version: 2 }, []],
    ["all of it, made", undefined, { a: 1 }, [{ pointer: "", after: { a: 1 } }]],
    ["all of it, removed", { a: 1 }, undefined, [{ pointer: "", before: { a: 1 } }]],
    ["a name that objects inherit", {}, JSON.parse('{"__proto__":1}'), [{ pointer: "/__proto__", after: 1 }]],
  ])("of %s", (_name, before, after, changes) => {
    expect(changesBetween(before, after)).toEqual(changes);
  });

  test("shows of a secret only that it changed", () => {
    expect(changesBetween({ password: "one" }, { password: "two" })).toEqual([
      { pointer: "/password", before: "(secret)", after: "(secret)" },
    ]);
  });

  test("cuts texts and long lists of changes", () => {
    const [change] = changesBetween({ html: "" }, { html: "x".repeat(1_000_000) });
    expect(JSON.stringify(change)).toHaveLength(
      JSON.stringify({ pointer: "/html", before: "", after: "x".repeat(500) }).length + "… (1000000 characters)".length,
    );
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]));
    expect(changesBetween({}, many)).toHaveLength(200);
  });

  test("of anything shows no secret, whatever lies around it", () => {
    const names = [
      "password",
      "smtpPassword",
      "clientSecret",
      "token",
      "refreshToken",
      "recoveryCodes",
      "privateKey",
      "code",
    ];
    const nest = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        fc.constant({}),
        fc.record({ plain: fc.string(), inner: tie("tree") }),
        fc.tuple(tie("tree"), tie("tree")),
        fc.constantFrom(...names).map((name) => ({ [name]: ["hunter2", { hunter: "hunter2" }] })),
      ),
    })).tree;
    fc.assert(
      fc.property(nest, nest, (before, after) => {
        expect(JSON.stringify([changesBetween(before, after), withoutSecrets(after)])).not.toContain("hunter2");
      }),
    );
  });

  test("of equal things is none", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(changesBetween(value, structuredClone(value))).toEqual([]);
      }),
    );
  });
});
