import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { closeBody, encodePiece } from "./quoted-printable.ts";

/** A decoder of its own: RFC 2045 §6.7, strict. */
function decode(encoded: string): string {
  expect(encoded).toMatch(/^(?:[\t\r\n !-<>-~]|=[0-9A-F]{2}|=\r\n)*$/);
  const bytes = encoded
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** RFC 6376 §3.4.4. */
function relaxBody(body: string): string {
  return body
    .replace(/[ \t]+/g, " ")
    .replace(/ \r\n/g, "\r\n")
    .replace(/(?:\r\n)*$/, "\r\n");
}

function expectWireForm(encoded: string): void {
  expect(encoded.replace(/\r\n/g, "")).not.toMatch(/[\r\n]/);
  expect(encoded).toMatch(/\r\n$/);
  for (const line of encoded.split("\r\n")) {
    expect(line.length).toBeLessThanOrEqual(76);
    expect(line).not.toMatch(/^\.|^From /);
  }
}

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        " ",
        "  ",
        "\t",
        "\r\n",
        "\n",
        "\r",
        ".",
        "..",
        "=",
        "=\r\n",
        "From ",
        "a",
        "é",
        "🎉",
        "word ",
        "x".repeat(40),
      ),
      {
        maxLength: 60,
      },
    )
    .map((parts) => parts.join("")),
);

const crlf = (value: string) => value.replace(/\r\n|\r|\n/g, "\r\n");

describe("encodePiece", () => {
  it.each([
    ["", ""],
    ["Paris", "Paris=\r\n"],
    ["a b", "a b=\r\n"],
    ["a  b", "a =20b=\r\n"],
    ["a   b", "a =20 b=\r\n"],
    [" a ", " a =\r\n"],
    ["a \nb", "a=20\r\nb=\r\n"],
    ["a\n", "a\r\n"],
    ["\n\n", "\r\n\r\n"],
    ["a\tb", "a=09b=\r\n"],
    ["a=b", "a=3Db=\r\n"],
    [".", "=2E=\r\n"],
    ["a\n.b.", "a\r\n=2Eb.=\r\n"],
    ["From me\nFrom you", "=46rom me\r\n=46rom you=\r\n"],
    ["Frome", "Frome=\r\n"],
    ["é🎉", "=C3=A9=F0=9F=8E=89=\r\n"],
    ["a\0b", "a=00b=\r\n"],
    ["\ud83c", "=EF=BF=BD=\r\n"],
    ["x".repeat(76), `${"x".repeat(75)}=\r\nx=\r\n`],
    [`${"x".repeat(75)}.`, `${"x".repeat(75)}=\r\n=2E=\r\n`],
    [`${"x".repeat(70)}🎉`, `${"x".repeat(70)}=\r\n=F0=9F=8E=89=\r\n`],
  ])("%j becomes %j", (source, expected) => {
    expect(encodePiece(source)).toBe(expected);
  });

  it("decodes to the text, whatever the text", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(decode(encodePiece(value))).toBe(crlf(value).toWellFormed());
      }),
    );
  });

  it("gives pieces that make a body in wire form, which is its own relaxed form", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (values) => {
        const body = closeBody(values.map(encodePiece).join(""));
        expectWireForm(body);
        expect(relaxBody(body)).toBe(body);
        expect(decode(body)).toBe(values.map((value) => crlf(value).toWellFormed()).join(""));
      }),
      { numRuns: 300 },
    );
  });
});
