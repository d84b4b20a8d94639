import { expect, test } from "vitest";
import { weightOf, type Priority } from "./priority.ts";

test("each level weighs twice as much as the one below; deliveries without one are normal", () => {
  const levels: Priority[] = ["very-low", "low", "normal", "high", "very-high"];
  expect(levels.map(weightOf)).toEqual([1, 2, 4, 8, 16]);
  expect(weightOf(undefined)).toBe(4);
});
