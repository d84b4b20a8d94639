/** Encodings and delimiters from the first bytes of a file. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { sniffDelimiter } from "./sniff-delimiter.ts";
import { sniffEncoding } from "./sniff-encoding.ts";

const TEXT = "email;name\r\nzoë@x.example;Zoë Müller\r\n";
const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, bigEndian: boolean) => {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), !bigEndian);
  return new Uint8Array(view.buffer);
};
const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe("sniffEncoding", () => {
  test.each<[string, Uint8Array, string, number]>([
    ["ASCII", utf8("email\na@x.example"), "utf-8", 0],
    ["UTF-8", utf8(TEXT), "utf-8", 0],
    ["UTF-8 with BOM", utf8(`\ufeff${TEXT}`), "utf-8", 3],
    ["UTF-8 cut inside a character", utf8("é").slice(0, 1), "utf-8", 0],
    ["UTF-16LE with BOM", utf16(`\ufeff${TEXT}`, false), "utf-16le", 2],
    ["UTF-16BE with BOM", utf16(`\ufeff${TEXT}`, true), "utf-16be", 2],
    ["UTF-16LE", utf16(TEXT, false), "utf-16le", 0],
    ["UTF-16BE", utf16(TEXT, true), "utf-16be", 0],
    ["Windows-1252", latin1("email;name\na@x.example;Zo\xeb\n"), "windows-1252", 0],
    ["overlong UTF-8 is no UTF-8", latin1("a\xc0\xafb"), "windows-1252", 0],
    ["a surrogate is no UTF-8", latin1("a\xed\xa0\x80b"), "windows-1252", 0],
    ["a NUL in a value", utf8("email,name\na@x.example,A\0B\nb@x.example,C\n"), "utf-8", 0],
    ["nothing", utf8(""), "utf-8", 0],
  ])("%s", (_, bytes, encoding, bomLength) => {
    expect(sniffEncoding(bytes)).toEqual({ kind: "text", encoding, bomLength });
  });

  test.each<[string, Uint8Array, RegExp, number]>([
    ["Excel workbook", latin1("PK\x03\x04rest"), /Excel/, 0],
    ["PNG", latin1("\x89PNG\r\n\x1a\n"), /PNG/, 0],
    ["zeros", new Uint8Array(100), /binary/, 0],
    ["bytes of a program", latin1("ab\x7fELF\x02\x01\x01\x03\x04\x90\xff\x06\x07\x0e"), /binary/, 2],
  ])("binary: %s", (_, bytes, looksLike, offset) => {
    expect(sniffEncoding(bytes)).toEqual({ kind: "binary", offset, looksLike: expect.stringMatching(looksLike) });
  });

  test("every text without control characters is UTF-8 when written so", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(sniffEncoding(utf8(`e${text}`))).toMatchObject({ kind: "text", encoding: "utf-8" });
      }),
    );
  });
});

describe("sniffDelimiter", () => {
  test.each<[string, string, string, number]>([
    ["comma", "email,first,last\n", ",", 0],
    ["semicolon", "email;first;last, all\n1,2,3,4,5;6;7", ";", 0],
    ["tab", "email\tfirst name", "\t", 0],
    ["bar", "email|first\r\n", "|", 0],
    ["one column", "email\na;b;c", ",", 0],
    ["quoted delimiters do not count", '"a,b,c";"d"\n', ";", 0],
    ["quoted line ends do not end the header", '"a\n,,,";b;c\n', ";", 0],
    ["empty lines before the header", "\r\n\na;b\n", ";", 0],
    ["a hint", "sep=;\r\na,b;c\n", ";", 7],
    ["nothing", "", ",", 0],
  ])("%s", (_, sample, delimiter, skip) => {
    expect(sniffDelimiter(sample)).toEqual({ delimiter, skip });
  });
});
