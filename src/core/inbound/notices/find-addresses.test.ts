import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findAddresses } from "./find-addresses.ts";

describe("findAddresses", () => {
  it.each<[string, string[]]>([
    ["<ada@one.example>: no", ["ada@one.example"]],
    ["'ada@one.example'... no", ["ada@one.example"]],
    ["[SMTP:ada@one.example]", ["ada@one.example"]],
    ["rfc822;ada+x=y@one.example", ["ada+x=y@one.example"]],
    ['"ada lovelace"@one.example', ['"ada lovelace"@one.example']],
    ["ada@[192.0.2.1] said", ["ada@[192.0.2.1]"]],
    ["{ada@one.example}", ["ada@one.example"]],
    ["ada@one.example.", ["ada@one.example"]],
    ["müller@köln.example（x）", ["müller@köln.example"]],
    ["a@b.example,c@d.example", ["a@b.example", "c@d.example"]],
    ["@one.example ada@ @", []],
    ["at 10 @ noon", []],
    ["", []],
  ])("%s", (text, expected) => {
    expect(findAddresses(text).map(({ address }) => address)).toEqual(expected);
  });

  it("finds what it says where it says", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "@", ".", '"', " ", "<", "[", "]", "1", "é") }), (text) => {
        for (const { address, start, end } of findAddresses(text)) expect(text.slice(start, end)).toBe(address);
      }),
    );
  });
});
