import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { decodeHeaderValue } from "./encoded-words.ts";
import { withLf } from "./lines.ts";
import { readMediaType } from "./media-type.ts";
import { decodeTransfer } from "./transfer-encoding.ts";

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

describe("lines end with LF", () => {
  test.each([
    ["a\nb", "a\nb"],
    ["a\r\nb\r\n", "a\nb\n"],
    ["a\rb\r\rc", "a\nb\n\nc"],
    ["a\r\r\nb", "a\nb"],
  ])("%j", (given, expected) => expect(withLf(given)).toBe(expected));

  test("and are counted in one pass over a long run of CR", () => {
    expect(withLf("\r".repeat(2_000_000))).toHaveLength(2_000_000);
  });
});

describe("a Content-Type", () => {
  test.each([
    ["text/plain", { type: "text/plain", boundary: null, charset: null }],
    ["Text/HTML; Charset=UTF-8", { type: "text/html", charset: "utf-8" }],
    ['multipart/mixed; boundary="a b;c "', { type: "multipart/mixed", boundary: "a b;c" }],
    ["multipart/mixed; boundary = plain", { boundary: "plain" }],
    ["multipart/mixed boundary=x", { type: "multipart/mixed", boundary: "x" }],
    ['multipart/mixed; boundary="open', { boundary: "open" }],
    ["text/plain; charset*=us-ascii'en'iso-8859-2", { charset: "iso-8859-2" }],
    ['Multipart/Report; report-type="Feedback-Report"; boundary=b', { reportType: "feedback-report" }],
    ["text/plain;\tcharset=a; charset=b", { charset: "a" }],
  ])("%s", (value, expected) => expect(readMediaType(value)).toMatchObject(expected));

  test.each([null, "", "text", "; charset=utf-8", "/plain"])("%j is none", (value) => {
    expect(readMediaType(value)).toBeNull();
  });
});

describe("transfer encodings", () => {
  test.each([
    ["quoted-printable", "caf=E9 =3D =\r\nover", "caf\xe9 = over"],
    ["Quoted-Printable", "=\n=zz =", "=zz ="],
    ["base64", "SGVs\r\nbG8=", "Hello"],
    ["BASE64 ", "SGVsbG8", "Hello"],
    ["base64", "SGVs*bG8=", "SGVs*bG8="],
    ["base64", "SGU=bGxv", "Hello"],
    ["base64", "Final-Recipient: rfc822; ada@one.example", "Final-Recipient: rfc822; ada@one.example"],
    ["8bit", "=E9", "=E9"],
    ["x-unknown", "SGVsbG8=", "SGVsbG8="],
    [null, "SGVsbG8=", "SGVsbG8="],
  ])("%s %j", (encoding, bytes, expected) => expect(decodeTransfer(bytes, encoding)).toBe(expected));

  test("base64 gives back any bytes", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 20_000, minLength: 1 }), (bytes) => {
      const encoded = Buffer.from(bytes).toString("base64").replace(/.{76}/g, "$&\r\n");
      expect(decodeTransfer(encoded, "base64")).toBe(latin1(bytes));
    });
    fc.assert(property, { numRuns: 50 });
  });
});

describe("header values", () => {
  const charsets: (string | null)[] = [];
  const decode = (bytes: string, charset: string | null) => {
    charsets.push(charset);
    return Buffer.from(bytes, "latin1").toString(charset === "latin1" ? "latin1" : "utf8");
  };
  test.each([
    ["plain", "plain"],
    ["=?utf-8?Q?caf=C3=A9?=", "café"],
    ["=?UTF-8?B?Y2Fmw6k=?=", "café"],
    ["=?utf-8*fr?q?caf=C3=A9?=", "café"],
    ["Re: =?latin1?Q?caf=E9_?= bar", "Re: café  bar"],
    ["=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"],
    ["=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"],
    ["=?utf-8?Q?a?= and =?utf-8?Q?b?=", "a and b"],
    ["=?utf-8?Q?with blanks?=", "with blanks"],
    ["=?utf-8?X?a?= =?utf-8?Q?", "=?utf-8?X?a?= =?utf-8?Q?"],
  ])("%s", (value, expected) => expect(decodeHeaderValue(value, decode)).toBe(expected));

  test("the charset of a word is its own, of what stands around it nobody's", () => {
    charsets.length = 0;
    decodeHeaderValue("a =?KOI8-R?Q?b?= c", decode);
    expect(charsets).toEqual([null, "koi8-r", null]);
  });
});
