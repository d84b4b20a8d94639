import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PatternError, readPattern } from "./pattern.ts";
import { findRuns, PatternIndexBuilder } from "./pattern-index.ts";
import { splitWords } from "./words.ts";

const LISTS = {
  box: ["mailbox", "account"],
  gone: ["disabl*", "closed"],
  all: ["$box", "user"],
  loop: ["$loop"],
  none: ["no such", "$box not", "不存在"],
};

function occurs(pattern: string, text: string): boolean {
  const builder = new PatternIndexBuilder(LISTS);
  const { runs } = builder.add(pattern);
  const { marks } = findRuns(builder.build(), splitWords(text));
  return runs.every((run) => marks[run] === 1);
}

describe("patterns", () => {
  it.each([
    ["user unknown", "550 User unknown.", true],
    ["user unknown", "unknown user", false],
    ["user unknown", "superuser unknown", false],
    ["blacklist*", "is blacklisted", true],
    ["user|recipient unknown", "recipient unknown", true],
    ["$box * $gone", "account was disabled", true],
    ["$box * $gone", "account disabled", true],
    ["$box * $gone", "account one two three four five six seven disabled", false],
    ["$all $gone", "user closed", true],
    ["$box not", "mailbox mailbox not", true],
    ["spf & fail*", "failed the check of SPF", true],
    ["spf & fail*", "SPF passed", false],
    ["doesn't exist", "doesn’t exist", true],
    ["不存在", "用户不存在", true],
    ["a * b * c", "a b x c", true],
    ["unknown", "", false],
    ["$none", "there is no such thing", true],
    ["$none", "such a thing", false],
    ["user & $none", "该 user 不存在", true],
    ["user & $none", "user of an account not found", true],
    ["user & $none", "user found", false],
    ["$none & $none", "no such user", true],
  ])("%s in %s", (pattern, text, expected) => {
    expect(occurs(pattern, text)).toBe(expected);
  });

  it.each([
    ["", "without words"],
    ["* user", "begins or ends"],
    ["user *", "begins or ends"],
    ["user * * x", "two * in a row"],
    ["a * b * c * d * e", "more than 3"],
    ["ab* x", "too short"],
    ["doesn't|not", "not one word"],
    ["$nobody", "no word list"],
    ["user $none", "not one word"],
    ["$loop", "contains itself"],
    ["... x", "no letter"],
  ])("%j is refused", (pattern, detail) => {
    expect(() => readPattern(pattern, LISTS)).toThrow(PatternError);
    expect(() => readPattern(pattern, LISTS)).toThrow(detail);
  });

  it("finds a run of words wherever it stands", () => {
    const word = fc.constantFrom("user", "unknown", "mailbox", "full", "spam", "x");
    const words = fc.array(word, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(words, words, words, (before, run, after) => {
        expect(occurs(run.join(" "), [...before, ...run, ...after].join(" "))).toBe(true);
      }),
    );
  });

  it("agrees with a search for the words in the text", () => {
    const words = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(words, words, (run, text) => {
        expect(occurs(run.join(" "), text.join(" "))).toBe(` ${text.join(" ")} `.includes(` ${run.join(" ")} `));
      }),
    );
  });

  it("stays fast on a text made to trip it", () => {
    const builder = new PatternIndexBuilder(LISTS);
    builder.add("x * x * x * y");
    const index = builder.build();
    const start = performance.now();
    findRuns(
      index,
      Array.from({ length: 2000 }, () => "x"),
    );
    expect(performance.now() - start).toBeLessThan(500);
  });
});
