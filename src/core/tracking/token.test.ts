import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  MAX_URL_BYTES,
  mintTag,
  mintToken,
  readTag,
  readToken,
  type Token,
  type TokenKey,
  type TokenKeys,
} from "./token.ts";

const KEY: TokenKey = { id: 7, words: [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c] };
const OLD: TokenKey = { id: 3, words: [1, 2, 3, 0xffffffff] };
const KEYS: TokenKeys = {
  current: KEY,
  byId: new Map([
    [3, OLD],
    [7, KEY],
  ]),
};
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const ids = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const tokens: fc.Arbitrary<Token> = fc
  .record({
    kind: fc.constantFrom("click", "open", "mirror", "unsubscribe"),
    deliveryId: ids,
    partId: ids,
    seq: ids,
    link: fc.nat(),
    url: fc.option(fc.webUrl({ withQueryParameters: true, withFragments: true })),
    mark: fc.constantFrom("live", "preview", "copy"),
  })
  .map((token) => (token.kind === "click" ? token : { ...token, link: 0, url: null }) as Token);

const click = (url: string | null): Token => ({
  kind: "click",
  deliveryId: 12,
  partId: 345,
  seq: 678,
  link: 9,
  url,
  mark: "live",
});

describe("a token", () => {
  test("reads as it was minted, with any key that is known", () => {
    fc.assert(
      fc.property(tokens, fc.constantFrom(KEY, OLD), (token, key) => {
        expect(readToken(KEYS, mintToken(key, token))).toEqual(token);
      }),
    );
  });

  test("is short: 22 characters for a delivery of some size", () => {
    expect(mintToken(KEY, click(null))).toHaveLength(22);
  });

  test("never changes: links of old messages must be readable for years", () => {
    expect(mintToken(KEY, click(null))).toMatchInlineSnapshot(`"EAcM2QKmBQkNW4UEu6Q4sQ"`);
    expect(mintToken(KEY, click("https://shop.example/?c=1"))).toMatchInlineSnapshot(
      `"FAcM2QKmBQlodHRwczovL3Nob3AuZXhhbXBsZS8_Yz0x1cVfcDjrFWs"`,
    );
    expect(mintToken(KEY, { ...click(null), mark: "preview" })).toMatchInlineSnapshot(`"GAcM2QKmBQlZ0KXTQzC_SA"`);
    expect(mintToken(KEY, { ...click(null), mark: "copy" })).toMatchInlineSnapshot(`"OAcM2QKmBQmit56uHXdRwg"`);
    expect(mintTag(KEY, { partId: 345, seq: 678 })).toMatchInlineSnapshot(`"a7mqfjqfqrsq5afqftcmq"`);
    expect(mintTag(KEY, { partId: 345, seq: 678 }, 2)).toMatchInlineSnapshot(`"a7mqfjqfakbkn3mespsn27y"`);
  });

  test("with any one character changed, left out or put in is refused", () => {
    const changes = fc.record({
      token: tokens,
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      letter: fc.oneof(
        fc.constantFrom(...LETTERS.split("")),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      ),
      what: fc.constantFrom("change", "leave out", "put in"),
    });
    fc.assert(
      fc.property(changes, ({ token, at, letter, what }) => {
        const text = mintToken(KEY, token);
        const i = Math.floor(at * text.length);
        const altered =
          text.slice(0, i) + (what === "leave out" ? "" : letter) + text.slice(what === "put in" ? i : i + 1);
        expect(altered === text ? null : readToken(KEYS, altered)).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  test("with every single character changed to every other is refused", () => {
    const text = mintToken(KEY, click(null));
    for (let i = 0; i < text.length; i++) {
      for (const letter of LETTERS) {
        const altered = text.slice(0, i) + letter + text.slice(i + 1);
        if (altered !== text) expect(readToken(KEYS, altered), altered).toBeNull();
      }
    }
  });

  test("has one spelling: bits beyond its last byte must be zero", () => {
    const texts = [1, 2, 3].map((n) => mintToken(KEY, click("https://a.example/".padEnd(20 + n, "x"))));
    expect(new Set(texts.map((text) => text.length % 4))).toEqual(new Set([0, 2, 3]));
    for (const text of texts) {
      const bytes = Buffer.from(text, "base64url");
      const spellings = LETTERS.split("").map((letter) => text.slice(0, -1) + letter);
      const same = spellings.filter((spelling) => Buffer.from(spelling, "base64url").equals(bytes));
      expect(same.filter((spelling) => readToken(KEYS, spelling) !== null)).toEqual([text]);
      for (const padded of [`${text}=`, `${text}==`, ` ${text}`, `${text}\n`])
        expect(readToken(KEYS, padded)).toBeNull();
    }
  });

  test("of a key that is not there is refused, also when its id is given to another key", () => {
    const text = mintToken(KEY, click(null));
    expect(readToken({ current: OLD, byId: new Map([[3, OLD]]) }, text)).toBeNull();
    expect(readToken({ current: OLD, byId: new Map([[7, { ...OLD, id: 7 }]]) }, text)).toBeNull();
  });

  test.each(["", "A", "AAAA", "é", "\0".repeat(30), "A".repeat(100_000), "/../../etc/passwd", "constructor"])(
    "%j is none",
    (text) => expect(readToken(KEYS, text)).toBeNull(),
  );

  test("any text is refused without an exception", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => readToken(KEYS, text) === null));
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...LETTERS.split("")), { maxLength: 60 }),
        (t) => readToken(KEYS, t.join("")) === null,
      ),
    );
  });

  test("carries a URL in any script", () => {
    for (const url of ["https://bücher.example/ü?q=100%25&x=😀#ende", "http://x.example/\u{10ffff}%"]) {
      expect(readToken(KEYS, mintToken(KEY, click(url)))?.url).toBe(url);
    }
    // a lone surrogate is no character
    expect(readToken(KEYS, mintToken(KEY, click("http://x.example/\ud800")))?.url).toBe("http://x.example/\ufffd");
  });

  test("carries no URL beyond its limit, and is read at the limit", () => {
    const longest = "https://x.example/".padEnd(MAX_URL_BYTES, "x");
    const text = mintToken(KEY, { ...click(longest), deliveryId: 2 ** 53 - 1, partId: 2 ** 53 - 1, seq: 2 ** 31 });
    expect(text.length).toBeLessThan(2000);
    expect(readToken(KEYS, text)?.url).toBe(longest);
    expect(() => mintToken(KEY, click(`${longest}x`))).toThrow(RangeError);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53])("%d is no part of one", (partId) => {
    expect(() => mintToken(KEY, { ...click(null), partId })).toThrow(RangeError);
    expect(() => mintTag(KEY, { partId, seq: 1 })).toThrow(RangeError);
  });
});

describe("a tag", () => {
  const keys = fc.record({ partId: fc.nat({ max: 2 ** 42 - 1 }), seq: fc.nat({ max: 2 ** 32 - 1 }) });

  test("reads as it was minted, also in upper case, and is 32 letters at most", () => {
    fc.assert(
      fc.property(keys, fc.constantFrom(KEY, OLD), (key, tokenKey) => {
        const tag = mintTag(tokenKey, key);
        expect(tag).toMatch(/^[a-z2-7]{1,32}$/);
        expect(readTag(KEYS, tag)).toEqual({ ...key, archive: null });
        expect(readTag(KEYS, tag.toUpperCase())).toEqual({ ...key, archive: null });
      }),
    );
    expect(mintTag(KEY, { partId: 2 ** 42 - 1, seq: 2 ** 32 - 1 })).toHaveLength(32);
  });

  test("of a copy names its archive, and is 37 letters at most", () => {
    fc.assert(
      fc.property(keys, fc.nat({ max: 2 ** 15 - 1 }), fc.constantFrom(KEY, OLD), (key, archive, tokenKey) => {
        const tag = mintTag(tokenKey, key, archive);
        expect(tag).toMatch(/^[a-z2-7]{1,37}$/);
        expect(readTag(KEYS, tag.toUpperCase())).toEqual({ ...key, archive });
      }),
    );
    expect(mintTag(KEY, { partId: 2 ** 42 - 1, seq: 2 ** 32 - 1 }, 2 ** 15 - 1)).toHaveLength(37);
  });

  test.each([null, 3])("with any one letter changed, left out or put in is refused (archive %s)", (archive) => {
    const tag = mintTag(KEY, { partId: 345, seq: 678 }, archive);
    for (let i = 0; i <= tag.length; i++) {
      for (const letter of ["", ..."abcdefghijklmnopqrstuvwxyz0123456789=-_é".split("")]) {
        for (const altered of [tag.slice(0, i) + letter + tag.slice(i + 1), tag.slice(0, i) + letter + tag.slice(i)]) {
          if (altered !== tag) expect(readTag(KEYS, altered), altered).toBeNull();
        }
      }
    }
  });

  test("is no token, nor the other way round", () => {
    const tag = mintTag(KEY, { partId: 1, seq: 1 });
    expect(readToken(KEYS, tag)).toBeNull();
    const open = mintToken(KEY, { ...click(null), kind: "open", link: 0, partId: 1, seq: 1 });
    expect(readTag(KEYS, open)).toBeNull();
    // the bytes of a token, spelled as a tag
    expect(readTag(KEYS, base32(Buffer.from(open, "base64url")))).toBeNull();
  });

  test("is not made for numbers that it cannot hold", () => {
    expect(() => mintTag(KEY, { partId: 2 ** 42, seq: 0 })).toThrow(RangeError);
    expect(() => mintTag(KEY, { partId: 1, seq: 2 ** 32 })).toThrow(RangeError);
    for (const archive of [-1, 2 ** 15, 1.5])
      expect(() => mintTag(KEY, { partId: 1, seq: 1 }, archive)).toThrow(RangeError);
  });

  // U+212A is the Kelvin sign, which turns into k in lower case
  test.each(["", "a", "\u212a".repeat(20), "a".repeat(38), "a".repeat(100_000)])("%j is none", (text) =>
    expect(readTag(KEYS, text)).toBeNull(),
  );
});

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = bits.match(/.{1,5}/g) ?? [];
  return letters.map((each) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(each.padEnd(5, "0"), 2)]).join("");
}
