import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { commonHost, coversMask, matchesMask } from "./match-masks.ts";

const mask = fc.array(fc.constantFrom("a", "b", "?", "*"), { maxLength: 6 }).map((letters) => letters.join(""));
const host = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 }).map((letters) => letters.join(""));

describe("one mask covers another", () => {
  test.each([
    ["*", "*.example.org", true],
    ["*", "*", true],
    ["*.example.org", "*.mx.example.org", true],
    ["*.example.org", "mx.EXAMPLE.org", true],
    ["mx?.example.org", "mx1.example.org", true],
    ["mx*.example.org", "mx?.example.org", true],
    ["*?", "?*", true],
    ["*.example.org", "*", false],
    ["*.mx.example.org", "*.example.org", false],
    ["mx?.example.org", "mx*.example.org", false],
    ["*.example.org", "example.org", false],
    ["a*b", "a*", false],
  ])("%s and %s: %s", (wide, narrow, covered) => {
    expect(coversMask(wide, narrow)).toBe(covered);
  });

  test("what the narrow one matches, the wide one does", () => {
    fc.assert(
      fc.property(mask, mask, host, (wide, narrow, text) => {
        fc.pre(coversMask(wide, narrow) && matchesMask(narrow, text));
        return matchesMask(wide, text);
      }),
      { numRuns: 300, maxSkipsPerRun: 1000 },
    );
  });

  test("every mask covers itself, and * covers all", () => {
    fc.assert(fc.property(mask, (one) => coversMask(one, one) && coversMask("*", one)));
  });
});

describe("a host that two masks match", () => {
  test.each([
    ["*.example.org", "mx.*", "mx.example.org"],
    ["*.example.org", "*.mx.example.org", ".mx.example.org"],
    ["a?c", "?b*", "abc"],
    ["*.google.com", "*.googlemail.com", null],
    ["*.olc.example.org", "*.mail.example.org", null],
    ["a", "ab", null],
    ["*", "*", ""],
  ])("%s and %s: %s", (one, other, found) => {
    expect(commonHost(one, other)).toBe(found);
    expect(commonHost(other, one)?.length).toBe(found?.length);
  });

  test("is matched by both, and is found whenever there is one", () => {
    fc.assert(
      fc.property(mask, mask, host, (one, other, text) => {
        const found = commonHost(one, other);
        if (found !== null) return matchesMask(one, found) && matchesMask(other, found);
        return !(matchesMask(one, text) && matchesMask(other, text));
      }),
      { numRuns: 2000 },
    );
  });

  test("two masks of which one covers the other have one", () => {
    fc.assert(fc.property(mask, mask, (one, other) => !coversMask(one, other) || commonHost(one, other) !== null));
  });
});

describe("hosts under a mask", () => {
  test.each([
    ["*", "", true],
    ["mx?.example.org", "mx1.example.org", true],
    ["mx?.example.org", "mx12.example.org", false],
    ["*.a.*.b", "x.a.y.z.b", true],
    ["MX.Example.org", "mx.example.ORG", true],
    ["", "x", false],
  ])("mask %s on %s: %s", (mask, text, expected) => expect(matchesMask(mask, text)).toBe(expected));

  test("a mask of stars stays fast on a long host that does not match", () => {
    expect(matchesMask(`${"*a".repeat(40)}b`, "a".repeat(5000))).toBe(false);
  });
});
