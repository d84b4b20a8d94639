import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { matchesMask, ruleFor, shareOf, type ShapingRule } from "./limits.ts";

const rule = (name: string, mx: string[]): ShapingRule => ({
  name,
  mx,
  connections: 1,
  messagesPerConnection: 1,
  messagesPerHour: null,
});

describe("limits", () => {
  const rules = [rule("google", ["*.google.com", "*.googlemail.com"]), rule("default", ["*"])];

  test.each([
    [["gmail-smtp-in.l.google.com", "alt1.gmail-smtp-in.l.google.com"], "google"],
    [["aspmx.l.google.com", "alt3.aspmx.googlemail.com"], "google"],
    // one host of somebody else: the site is not the provider's alone
    [["aspmx.l.google.com", "mx.example.org"], "default"],
    [["google.com.example.org"], "default"],
  ])("%j is %s", (hosts, name) => expect(ruleFor(rules, hosts).name).toBe(name));

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

  test("shares of all senders add up to the limit", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 16 }), fc.string(), (limit, of, site) => {
        const shares = Array.from({ length: of }, (_, i) => shareOf(limit, i, of, site));
        return shares.reduce((a, b) => a + b, 0) === limit;
      }),
    );
  });
});
