/** The shipped rules against replies as servers of many makes, years and languages give them. */
import { beforeAll, describe, expect, it } from "vitest";
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import { judgeText, loadShippedRules, WILD_ROWS } from "./wild-rows.ts";

let rules: CompiledRules;
beforeAll(async () => {
  rules = await loadShippedRules();
});

describe("replies of the wild", () => {
  it("are many", () => {
    expect(WILD_ROWS.length).toBeGreaterThan(1000);
  });

  it.each(WILD_ROWS)("$section: $stage $text", ({ stage, text, expected }) => {
    const { type, reason, action, rule } = judgeText(rules, stage, text);
    expect(`${type} ${reason} ${action}`, rule).toBe(expected);
  });
});
