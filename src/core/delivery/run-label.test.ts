import { expect, test } from "vitest";

import { findUnknownWord, labelOfRun } from "./run-label.ts";

test.each([
  ["News {date}", "News 2026-11-05"],
  ["{day}.{month}.{year}, {time}", "05.11.2026, 09:30"],
  ["the same each time", "the same each time"],
  ["{date", "{date"],
])("%s is %s", (pattern, label) => {
  expect(findUnknownWord(pattern)).toBeNull();
  expect(labelOfRun(pattern, "2026-11-05T09:30:00")).toBe(label);
});

test("a word that stands for nothing is named; a label stays as short as labels are", () => {
  expect(findUnknownWord("{date} {weather} {x}")).toBe("{weather}");
  expect(labelOfRun("{date}".repeat(80), "2026-11-05T09:30:00")).toHaveLength(500);
});
