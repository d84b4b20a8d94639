import * as fc from "fast-check";
import { expect, test } from "vitest";

import { formatPath } from "./path.ts";

const bytes = (text: string) => Buffer.from(text).toString("latin1");

test.each([
  ["", "<>"],
  ["a@example.com", "<a@example.com>"],
  ["a+b=c/d@example.com", "<a+b=c/d@example.com>"],
  ['"a b"@example.com', '<"a b"@example.com>'],
  ["a b@example.com", '<"a b"@example.com>'],
  ['a"b\\c@example.com', '<"a\\"b\\\\c"@example.com>'],
  ["a@b@example.com", '<"a@b"@example.com>'],
  ["a>b@example.com", '<"a>b"@example.com>'],
  ["grå@example.com", bytes("<grå@example.com>")],
  ["a@bücher.example", bytes("<a@bücher.example>")],
])("%j is written %j", (address, path) => {
  expect(formatPath(address)).toBe(path);
});

test.each([
  "a",
  "@example.com",
  "a@",
  "a@b c",
  "a@b>",
  "a\r\nRSET@example.com",
  "a\0@example.com",
  "a\ud800@example.com",
])("%j cannot be written", (address) => {
  expect(formatPath(address)).toBeNull();
});

test("no address ends the command or the path early", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (local, domain) => {
      const path = formatPath(`${local}@${domain}`);
      fc.pre(path !== null);
      // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
      expect(path).toMatch(/^<(?:"(?:[^"\\\0-\x1f\x7f]|\\[^\0-\x1f\x7f])*"|[^ "<>\0-\x1f\x7f]+)@[^ <>\0-\x1f\x7f]+>$/);
    }),
  );
});
