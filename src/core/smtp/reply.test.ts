import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { addBytes, createReplyParser, readReply, type Reading } from "./reply.ts";

/** Everything that can be read from these chunks. */
function read(...chunks: (string | Uint8Array)[]): Reading[] {
  const parser = createReplyParser();
  const readings: Reading[] = [];
  for (const chunk of chunks) {
    addBytes(parser, typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
    for (;;) {
      const reading = readReply(parser);
      if (reading.kind === "incomplete") break;
      readings.push(reading);
      if (reading.kind === "garbage") return readings;
    }
  }
  return readings;
}

const reply = (code: number, enhanced: string | null, ...lines: string[]): Reading => ({
  kind: "reply",
  reply: { code, enhanced, lines },
});

describe("replies", () => {
  test.each<[string, string, Reading[]]>([
    ["one line", "250 2.0.0 Ok\r\n", [reply(250, "2.0.0", "2.0.0 Ok")]],
    ["several lines", "250-a\r\n250-b\r\n250 c\r\n", [reply(250, null, "a", "b", "c")]],
    ["two replies", "250 a\r\n354 b\r\n", [reply(250, null, "a"), reply(354, null, "b")]],
    ["a bare code", "250\r\n", [reply(250, null, "")]],
    ["an empty text after the blank", "250 \r\n", [reply(250, null, "")]],
    ["LF alone", "250-a\n250 b\n", [reply(250, null, "a", "b")]],
    ["a CR too many", "250 a\r\r\n", [reply(250, null, "a")]],
    ["codes that disagree: the last counts", "220-hi\r\n521 5.3.2 no\r\n", [reply(521, "5.3.2", "hi", "5.3.2 no")]],
    [
      "the enhanced code of the last line that has one",
      "550-5.1.1 no\r\n550 bye\r\n",
      [reply(550, "5.1.1", "5.1.1 no", "bye")],
    ],
    ["an enhanced code before punctuation", "550 5.7.1: no\r\n", [reply(550, "5.7.1", "5.7.1: no")]],
    ["an IP address is no enhanced code", "554 5.6.7.8 is listed\r\n", [reply(554, null, "5.6.7.8 is listed")]],
    ["an enhanced code within the text does not count", "550 no 5.1.1\r\n", [reply(550, null, "no 5.1.1")]],
    ["an unfinished line", "250 o", []],
    ["an unfinished reply", "250-o\r\n", []],
  ])("%s", (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each([
    ["no code", "hello\r\n"],
    ["a code that cannot be", "650 a\r\n"],
    ["a preliminary code", "150 a\r\n"],
    ["two digits", "25 a\r\n"],
    ["no blank after the code", "250a\r\n"],
    ["four digits", "2500 a\r\n"],
    ["an empty line", "\r\n"],
    ["a NUL for a blank", "250\0a\r\n"],
    ["a line without end", "250 ".padEnd(9000, "x")],
    ["a reply without end", "250-x\r\n".padEnd(100, "x").concat("\r\n250-", "y".repeat(8000), "\r\n").repeat(9)],
  ])("%s is garbage", (_, text) => {
    expect(read(text).at(-1)?.kind).toBe("garbage");
  });

  test("a line of policy text longer than the standard allows is read", () => {
    expect(read(`550 ${"x".repeat(4000)}\r\n`)).toEqual([reply(550, null, "x".repeat(4000))]);
  });
});

describe("charsets", () => {
  test.each<[string, Uint8Array, string]>([
    ["UTF-8", Buffer.from("550 gefüllt 満杯 📭\r\n"), "gefüllt 満杯 📭"],
    ["latin1", Buffer.from("550 gefüllt\r\n", "latin1"), "gefüllt"],
    ["an overlong form is read as latin1", Buffer.from("550 \xc0\xaf\r\n", "latin1"), "\xc0\xaf"],
    ["a surrogate is read as latin1", Buffer.from("550 \xed\xa0\xa0!\r\n", "latin1"), "í\xa0\xa0!"],
    ["a sequence that the line end cuts", Buffer.from("550 \xe6\xba\r\n", "latin1"), "æº"],
    ["controls", Buffer.from("550 a\0b\x1b[31m\tc\x7f\r\n", "latin1"), "a\ufffdb\ufffd[31m\tc\ufffd"],
    ["C1 controls in latin1", Buffer.from("550 \x85\r\n", "latin1"), "\ufffd"],
  ])("%s", (_, bytes, text) => {
    expect(read(bytes)).toEqual([reply(550, null, text)]);
  });

  test("any text comes back from its UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(text.isWellFormed() && !/\p{Cc}/u.test(text));
        expect(read(Buffer.from(`550 x${text}\r\n`))).toEqual([reply(550, null, `x${text}`)]);
      }),
    );
  });
});

test("where the bytes are cut makes no difference", () => {
  const line = fc.tuple(
    fc.constantFrom("250-", "250 ", "550 5.1.1 ", "xyz", "", "354"),
    fc.string(),
    fc.constantFrom("\n", "\r\n"),
  );
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 40 })), (lines, sizes) => {
      const bytes = Buffer.from(lines.flat().join(""));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      chunks.push(bytes.subarray(at));
      expect(read(...chunks)).toEqual(read(bytes));
    }),
  );
});
