import { describe, expect, it } from "vitest";
import { compareRules, type PastReply } from "./compare-rules.ts";
import { compileRules } from "./qualify.ts";
import type { Rule } from "./rule.ts";

const FULL: Rule = {
  file: "test.toml",
  name: "full",
  text: ["full"],
  verdict: { type: "soft", reason: "mailbox-full", scope: "address" },
  source: "test",
  examples: [],
};
const GONE: Rule = {
  ...FULL,
  name: "gone",
  text: ["gone"],
  verdict: { type: "hard", reason: "user-unknown", scope: "address" },
};

const compile = (...rules: Rule[]) => compileRules({ words: {}, rules });
const reply = (text: string, count: number): PastReply => ({
  stage: "rcpt",
  code: 550,
  enhanced: null,
  mx: null,
  text,
  count,
});

describe("compareRules", () => {
  it("finds nothing when the rules say the same, whatever they are called", () => {
    const renamed = compile({ ...FULL, name: "other" });
    expect(compareRules(compile(FULL), renamed, [reply("full", 3), reply("what", 2)])).toEqual({
      count: 5,
      changed: 0,
      newlyHard: 0,
      noLongerHard: 0,
      changes: [],
    });
  });

  it("groups what would change, the most frequent first, with counts and examples", () => {
    const replies = [
      reply("a gone", 2),
      reply("full", 10),
      reply("b gone", 5),
      reply("full and gone", 4),
      reply("hm", 1),
    ];
    const result = compareRules(compile(FULL), compile(GONE, FULL), replies);
    expect(result).toMatchObject({ count: 22, changed: 11, newlyHard: 11, noLongerHard: 0 });
    expect(result.changes).toMatchObject([
      { before: { type: "not-defined" }, after: { rule: "gone" }, texts: 2, count: 7, examples: ["b gone", "a gone"] },
      { before: { rule: "full" }, after: { rule: "gone" }, texts: 1, count: 4, examples: ["full and gone"] },
    ]);
  });

  it("tells the other way round too", () => {
    const result = compareRules(compile(GONE, FULL), compile(FULL), [reply("gone", 6)]);
    expect(result).toMatchObject({ changed: 6, newlyHard: 0, noLongerHard: 6 });
  });

  it("names the most frequent examples only", () => {
    const replies = Array.from({ length: 9 }, (_, i) => reply(`gone x${i}`, i + 1));
    const [change] = compareRules(compile(FULL), compile(GONE), replies).changes;
    expect(change).toMatchObject({ texts: 9, count: 45 });
    expect(change?.examples).toEqual(["gone x8", "gone x7", "gone x6", "gone x5", "gone x4"]);
  });
});
