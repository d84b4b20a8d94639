import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Base64Writer, prepareSegment, toBase64, wrapBase64 } from "./base64.ts";

const bytes = fc.uint8Array({ maxLength: 500 }).map((array) => String.fromCharCode(...array));

describe("toBase64", () => {
  it.each([
    // RFC 4648 §10
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ])("%j becomes %j", (text, expected) => {
    expect(toBase64(text)).toBe(expected);
  });

  it("is what Node makes of the bytes", () => {
    fc.assert(fc.property(bytes, (text) => toBase64(text) === Buffer.from(text, "latin1").toString("base64")));
  });
});

describe("wrapBase64", () => {
  it.each([
    ["", ""],
    ["Zg==", "Zg==\r\n"],
    ["A".repeat(76), `${"A".repeat(76)}\r\n`],
    ["A".repeat(80), `${"A".repeat(76)}\r\nAAAA\r\n`],
  ])("%j", (text, expected) => {
    expect(wrapBase64(text)).toBe(expected);
  });
});

describe("Base64Writer", () => {
  it("gives the bytes of all pieces in their order, on lines that no canonicalisation changes", () => {
    const piece = fc.record({ text: bytes, prepared: fc.boolean() });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const writer = new Base64Writer();
        for (const { text, prepared } of pieces) {
          if (prepared && text.length > 2) writer.writeSegment(prepareSegment(text));
          else writer.write(text);
        }
        const body = writer.end();
        expect(body).toMatch(/^(?:[A-Za-z0-9+/]{2,76}={0,2}\r\n)+$/);
        for (const line of body.split("\r\n")) expect(line.length).toBeLessThanOrEqual(76);
        const whole = pieces.map(({ text }) => text).join("");
        expect(Buffer.from(body, "base64").toString("latin1")).toBe(whole === "" ? "\r\n" : whole);
      }),
      { numRuns: 1000 },
    );
  });
});
