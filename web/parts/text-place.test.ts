/** Jumping to what the server complains about: its line and column are the field's offset. */
import { expect, test } from "vitest";

import { countLines, isMjml, offsetOf, placedMessage, wordAt } from "./text-place.ts";

const SOURCE = "<p>\n{% fi %}</p>\n\nlast";

test.each([
  [1, 1, 0],
  [1, 3, 2],
  [2, 4, 7],
  [3, 1, 17],
  [4, 2, 19],
  [2, 99, 16],
  [99, 1, SOURCE.length],
  [1, 0, 0],
])("line %i, column %i is offset %i", (line, column, offset) => {
  expect(offsetOf(SOURCE, { line, column })).toBe(offset);
});

test.each([
  [0, "<p>"],
  [4, "{% fi %}"],
  [7, "fi"],
  [18, "last"],
  [16, ""],
])("at offset %i the jump marks %j", (offset, word) => {
  expect(SOURCE.slice(offset, wordAt(SOURCE, offset))).toBe(word);
});

test("a long line without an end is marked in bounded work", () => {
  const long = "{".repeat(100_000);
  expect(wordAt(long, 0)).toBeLessThanOrEqual(80);
});

test("lines are counted as an editor shows them", () => {
  expect([countLines(""), countLines("a"), countLines("a\n"), countLines("a\nb\nc")]).toEqual([1, 1, 2, 3]);
});

test.each([
  ["<mjml><mj-body/></mjml>", true],
  ["\n  <MJML lang='fr'>", true],
  ["<mjmlx>", false],
  ["<p><mjml></p>", false],
  ["", false],
])("%j is MJML: %s", (html, expected) => {
  expect(isMjml(html)).toBe(expected);
});

test("a refusal that names a place is taken apart, another one is not", () => {
  expect(placedMessage("line 3, column 14: unknown tag fi\nsecond")).toEqual({
    line: 3,
    column: 14,
    message: "unknown tag fi\nsecond",
  });
  expect(placedMessage("too long")).toBeNull();
});
