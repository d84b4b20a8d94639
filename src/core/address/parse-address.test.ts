/** Addresses: what is accepted, what is refused with which words and where, and laws that hold for any text. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseAddress } from "./parse-address.ts";

describe("valid", () => {
  // text, address, match key, envelope
  test.each<[string, string, string, string]>([
    ["a@b.example", "a@b.example", "a@b.example", "a@b.example"],
    ["John.Doe@Example.COM", "John.Doe@Example.COM", "john.doe@example.com", "John.Doe@Example.COM"],
    ["  \u00a0\ufeffa@b.test\u200b\t ", "a@b.test", "a@b.test", "a@b.test"],
    [
      "o'neil+tag_1%x@sub.b-c.example",
      "o'neil+tag_1%x@sub.b-c.example",
      "o'neil+tag_1%x@sub.b-c.example",
      "o'neil+tag_1%x@sub.b-c.example",
    ],
    ["info@Bücher.Example", "info@Bücher.Example", "info@xn--bcher-kva.example", "info@xn--bcher-kva.example"],
    [
      "info@Bu\u0308cher.example",
      "info@Bu\u0308cher.example",
      "info@xn--bcher-kva.example",
      "info@xn--bcher-kva.example",
    ],
    ["a@例え。テスト", "a@例え。テスト", "a@xn--r8jz45g.xn--zckzah", "a@xn--r8jz45g.xn--zckzah"],
    ["a@ｅxample．com", "a@ｅxample．com", "a@example.com", "a@example.com"],
    ["A@XN--BCHER-KVA.example", "A@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", "A@XN--BCHER-KVA.example"],
    ["Jürgen@b.example", "Jürgen@b.example", "jürgen@b.example", "Jürgen@b.example"],
    ["用户@例子.example", "用户@例子.example", "用户@xn--fsqu00a.example", "用户@xn--fsqu00a.example"],
    ['"john doe"@b.example', '"john doe"@b.example', '"john doe"@b.example', '"john doe"@b.example'],
    ['"John"@b.example', '"John"@b.example', "john@b.example", '"John"@b.example'],
    ['"a\\"b@c"@b.example', '"a\\"b@c"@b.example', '"a\\"b@c"@b.example', '"a\\"b@c"@b.example'],
    [
      `${"a".repeat(64)}@b.example`,
      `${"a".repeat(64)}@b.example`,
      `${"a".repeat(64)}@b.example`,
      `${"a".repeat(64)}@b.example`,
    ],
    [
      `a@${"b".repeat(63)}.example`,
      `a@${"b".repeat(63)}.example`,
      `a@${"b".repeat(63)}.example`,
      `a@${"b".repeat(63)}.example`,
    ],
  ])("%j", (text, address, matchKey, envelope) => {
    expect(parseAddress(text)).toMatchObject({ kind: "valid", address, matchKey, envelope });
  });

  test("SMTPUTF8 is needed for the local part only", () => {
    expect(parseAddress("é@b.example")).toMatchObject({ needsSmtpUtf8: true });
    expect(parseAddress("e@é.example")).toMatchObject({ needsSmtpUtf8: false, domain: "xn--9ca.example" });
  });

  // Oracle values: the sample strings of RFC 3492 §7.1 and common registrations.
  test.each([
    ["münchen.example", "xn--mnchen-3ya.example"],
    ["straße.example", "xn--strae-oqa.example"],
    ["почемужеонинеговорятпорусски.example", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.example"],
    ["למההםפשוטלאמדבריםעברית.example", "xn--4dbcagdahymbxekheh6e0a7fei0b.example"],
    ["3年b組金八先生.example", "xn--3b-ww4c5e180e575a65lsy2b.example"],
    ["i❤.example", "xn--i-7iq.example"],
    ["ÉCOLE.example", "xn--cole-9oa.example"],
  ])("domain %s", (domain, ascii) => {
    expect(parseAddress(`a@${domain}`)).toMatchObject({ domain: ascii });
  });

  test("agrees with the platform's own conversion", () => {
    const label = fc.string({
      unit: fc.constantFrom(...Array.from("abzäöüßéλяж日本語한글")),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(label, (text) => {
        expect(parseAddress(`a@${text}.example`)).toMatchObject({ domain: new URL(`http://${text}.example`).hostname });
      }),
    );
  });
});

describe("not given", () => {
  test.each(["", " ", "\t\u00a0\u200b\ufeff"])("%j", (text) => {
    expect(parseAddress(text)).toEqual({ kind: "empty" });
  });
});

describe("invalid", () => {
  test.each<[string, number, RegExp]>([
    ["a", 1, /no "@"/],
    ["@b.example", 1, /nothing before/],
    ["a@", 2, /nothing after/],
    ["a@b@c.example", 4, /more than one/],
    [".a@b.example", 1, /begins with a dot/],
    ["a.@b.example", 2, /dot before/],
    ["a..b@c.example", 2, /two dots/],
    ["a b@c.example", 2, /blank/],
    ["a\u00a0b@c.example", 2, /blank/],
    ["a\u200bb@c.example", 2, /invisible/],
    ["a\u0007@c.example", 2, /control/],
    ["a@b.example\n", 12, /line break/],
    ["a@b.example\r\nBcc: x@y.example", 12, /line break/],
    ["a\0@b.example", 2, /NUL/],
    ["a@b.example,c@d.example", 14, /more than one/],
    ["a,b@d.example", 2, /one address/],
    ["Ann <a@b.example>", 4, /angle brackets/],
    ["<a@b.example>", 1, /angle brackets/],
    ['"Ann, Dr." <a@b.example>', 10, /angle brackets/],
    ["mailto:a@b.example", 7, /link/],
    ["a(b)@c.example", 2, /"\("/],
    ['a"b@c.example', 2, /where it is not allowed/],
    ['"a@b.example', 1, /closing quote/],
    ['""@b.example', 1, /nothing before/],
    ['"a"b@c.example', 3, /after the closing quote/],
    ["a@[127.0.0.1]", 3, /IP address/],
    ["a@127.0.0.1", 11, /IP address/],
    ["a@localhost", 3, /without a dot/],
    ["a@b..example", 5, /dot too many/],
    ["a@.example", 3, /dot too many/],
    ["a@b.example.", 13, /dot too many/],
    ["a@-b.example", 3, /hyphen/],
    ["a@b-.example", 3, /hyphen/],
    ["a@b_c.example", 4, /"_"/],
    ["a@b c.example", 4, /" "/],
    ["a@b.exa\u00admple", 5, /domain/],
    ["  a@b!.example", 6, /"!"/],
    [`${"a".repeat(65)}@b.example`, 1, /64 octets/],
    [`${"é".repeat(33)}@b.example`, 1, /64 octets/],
    [`a@${"b".repeat(64)}.example`, 3, /63 octets/],
    [`a@${"b.".repeat(126)}example`, 3, /253|254/],
    [`a@${"b".repeat(1_000_000)}`, 1, /254 octets/],
  ])("%j", (text, at, reason) => {
    expect(parseAddress(text)).toEqual({ kind: "invalid", at, reason: expect.stringMatching(reason) });
  });

  test("a megabyte of blanks is quick", () => {
    expect(parseAddress(`a${" ".repeat(1_000_000)}b`)).toMatchObject({ kind: "invalid" });
  });
});

describe("properties", () => {
  const unit = fc.constantFrom(...Array.from('aZ0.@"\\ <>,-_é日ßİΣς\u0301\u00a0\u200b\u200d\r\n\0\ufeff。．xn'));
  const anything = fc.oneof(
    fc.string({ unit }),
    fc.string({ unit: "binary" }),
    fc.emailAddress(),
    fc.tuple(fc.string({ unit, minLength: 1 }), fc.string({ unit, minLength: 1 })).map(([a, b]) => `${a}@${b}.example`),
  );
  const valid = anything.map(parseAddress).filter((result) => result.kind === "valid");

  test("never throws; what is wrong has a place in the text", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const result = parseAddress(text);
        if (result.kind === "invalid") {
          expect(result.at).toBeGreaterThanOrEqual(1);
          expect(result.at).toBeLessThanOrEqual(text.length + 1);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("what was parsed parses to itself, and so does its match key", () => {
    fc.assert(
      fc.property(valid, (result) => {
        expect(parseAddress(result.address)).toEqual(result);
        expect(parseAddress(result.envelope)).toMatchObject({ matchKey: result.matchKey, envelope: result.envelope });
        expect(parseAddress(result.matchKey)).toMatchObject({ matchKey: result.matchKey });
      }),
      { numRuns: 1000 },
    );
  });

  test("results hold no control characters and keep within the limits; domains are ASCII", () => {
    fc.assert(
      fc.property(valid, (result) => {
        expect(result.address).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(result.matchKey).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(result.domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
        expect(new TextEncoder().encode(result.envelope).length).toBeLessThanOrEqual(254);
      }),
      { numRuns: 1000 },
    );
  });

  test("every address that fast-check calls one is accepted", () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        expect(parseAddress(text).kind).toBe("valid");
      }),
    );
  });
});
