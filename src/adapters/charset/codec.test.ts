import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CHARSETS, codec } from "./codec.ts";

const hex = (bytes: string) => Buffer.from(bytes, "latin1").toString("hex");

describe("codec", () => {
  it.each([
    ["utf-8", "é🎉", "c3a9f09f8e89"],
    ["iso-8859-1", "é", "e9"],
    ["iso-8859-15", "€", "a4"],
    ["windows-1252", "€œ", "809c"],
    ["koi8-r", "Привет", "f0d2c9d7c5d4"],
    ["windows-1251", "Привет", "cff0e8e2e5f2"],
    ["shift_jis", "日本語ｱ", "93fa967b8cea" + "b1"],
    ["euc-jp", "日本語", "c6fccbdcb8ec"],
    ["iso-2022-jp", "日本語", "1b2442467c4b5c386c1b2842"],
    ["iso-2022-jp", "a日b本", "61" + "1b2442" + "467c" + "1b2842" + "62" + "1b2442" + "4b5c" + "1b2842"],
    ["iso-2022-jp", "ｱ", "1b244225221b2842"],
    ["iso-2022-jp", "ﾎﾟ", "1b244225" + "5d1b2842"],
    ["iso-2022-jp", "ﾟ", "1b2442" + "212c" + "1b2842"],
    ["euc-kr", "한국", "c7d1b1b9"],
    ["gbk", "中文", "d6d0cec4"],
    ["big5", "中文", "a4a4a4e5"],
    ["gb18030", "🎉", "9439bd35"],
  ])("%s: %s", (charset, text, expected) => {
    expect(hex(codec.encode(text, charset).bytes)).toBe(expected);
    expect(codec.encode(text, charset).lost).toBe("");
  });

  it.each([
    ["us-ascii", "café", "caf?", "é"],
    ["iso-8859-1", "10 € 🎉 €?", "10 ? ? ??", "€🎉"],
    ["iso-2022-jp", "é日한", "?\u001b$BF|\u001b(B?", "é한"],
    ["iso-2022-jp", "a\u001b$Bb", "a?$Bb", "\u001b"],
    ["shift_jis", "한", "?", "한"],
    ["windows-1252", "\ud83c", "?", "\ufffd"],
    ["euc-kr", "1 €", "1 ?", "€"],
  ])("%s cannot express all of %j", (charset, text, bytes, lost) => {
    expect(codec.encode(text, charset)).toEqual({ bytes, lost });
  });

  it.each(CHARSETS.map((charset) => [charset]))("%s keeps ASCII, and gives back what is not lost", (charset) => {
    expect(codec.supports(charset)).toBe(true);
    const ascii = fc.string({ unit: "grapheme-ascii" });
    fc.assert(fc.property(ascii, (text) => codec.encode(text, charset).bytes === text));
    const decoder = new TextDecoder(charset);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const { bytes, lost } = codec.encode(text, charset);
        if (charset === "iso-2022-jp" && /[\uff61-\uff9f]/.test(text)) return;
        const kept = Array.from(text.toWellFormed(), (c) => (lost.includes(c) ? "?" : c)).join("");
        expect(decoder.decode(Buffer.from(bytes, "latin1"))).toBe(kept);
      }),
    );
  });

  it("supports nothing else", () => {
    for (const name of ["", "UTF-8", "utf-7", "utf-16", "ebcdic-us", "constructor"])
      expect(codec.supports(name)).toBe(false);
  });
});
