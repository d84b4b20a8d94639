import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { DAY, HOUR } from "../../time.ts";
import { judgeRule, sayFacts } from "../control-rule.ts";
import type { Phase } from "../rule.ts";
import { evaluate, type Facts, shareOfCapitals } from "./evaluate.ts";
import { readExpression } from "./expression.ts";
import { FACTS, FUNCTIONS } from "./vocabulary.ts";

const ZONES = ["UTC", "Europe/Paris"];
const ground = (phase: Phase = "end") => ({
  phase,
  reasons: ["quarantined", "duplicate"],
  isZone: (name: string) => ZONES.includes(name),
});

/** A Tuesday. */
const NOW = Date.parse("2026-12-01T23:30:00Z");
const FACTS_HERE: Facts = {
  values: {
    now: NOW,
    "delivery.nature": "marketing",
    "delivery.validity": 5 * DAY,
    "content.subject": "Offres d'ÉTÉ",
    "content.html": `<p>${"x".repeat(100_000)}</p>`,
    "content.hasHtml": true,
    "content.size": 61 * 1024,
    "content.links": ["https://shop.example/a", "http://old.example/b"],
    "content.imagesWithoutAlt": 0,
    "sender.address": "News@Shop.example",
    "counts.targeted": 200,
    "counts.toDeliver": 150,
  },
  headers: new Map([["x-campaign", "spring"]]),
  variables: new Map([["season", "spring"]]),
  excluded: new Map([["quarantined", 50]]),
  offsetIn: (zone) => () => (zone === "UTC" ? 0 : HOUR),
};

function run(source: string, phase: Phase = "end") {
  const read = readExpression(source, ground(phase));
  if (read.kind === "problems") return read.problems.map(({ code }) => code).join(" ");
  const result = evaluate(read.node, FACTS_HERE);
  return result.kind === "value" ? result.value : result.message;
}

describe("expressions", () => {
  test.each<[string, boolean]>([
    ["true", true],
    ["not false", true],
    ["! true or true", true],
    ["false and true or true", true],
    ["false and (true or true)", false],
    ["not 1 = 2", true],
    ["1 + 2 * 3 = 7", true],
    ["(1 + 2) * 3 = 9", true],
    ["10 - 3 - 2 == 5", true],
    ["-2 + 3 <> 2", true],
    ["- -2 = 2", true],
    ["80% = 0.8", true],
    ["60kB = 61440 && 1MB = 1024kB", true],
    ["36h < 2d", true],
    ["2 * 12h = 1d", true],
    ["5d / 1d = 5", true],
    ['"a" = "a"', true],
    [String.raw`'it\'s' = "it's"`, true],
    [String.raw`"say \"hi\"" = 'say "hi"'`, true],
    ['"b" in ["a", "b"]', true],
    ['"c" in []', false],
    ['delivery.nature in ["service"]', false],
    ["counts.toDeliver >= 100", true],
    ["share(counts.toDeliver, counts.targeted) < 80%", true],
    ["share(1, 0) = 0", true],
    ['excluded("quarantined") = 50 and excluded("duplicate") = 0', true],
    ["content.size <= 60kB", false],
    ["length(content.subject) = 12", true],
    ["length(content.links) = 2", true],
    ['contains(content.subject, "été")', true],
    ['startsWith(content.subject, "OFFRES") and endsWith(content.subject, "été")', true],
    ['matches(content.subject, "offres*été")', true],
    ['matches("abcabc", "a*c*c")', true],
    ['matches("abc", "a*c*c")', false],
    ['matches("aa", "aa*a")', false],
    ['matches("abc", "abc") and not matches("abcd", "abc") and matches("", "*")', true],
    ['all(content.links, startsWith(it, "https:"))', false],
    ['any(content.links, host(it) = "old.example")', true],
    ['count(content.links, contains(it, "shop")) = 1', true],
    ["all([], false) and not any([], true)", true],
    ['domain(sender.address) = "shop.example"', true],
    ['host("https://user@Shop.example:8443/a?b") = "shop.example" and host("no address") = ""', true],
    ['header("X-Campaign") = "spring" and header("X-Other") = ""', true],
    ['variable("season") = "spring" and variable("none") = ""', true],
    ['now < date("2026-12-24") and now > date("2026-12-01T23:00:00Z")', true],
    ['date("2026-12-24") - now > 22d', true],
    ["now + 1d - now = 24h", true],
    ['weekday(now) = 2 and weekday(now, "Europe/Paris") = 3', true],
    ['hour(now) = 23 and hour(now, "Europe/Paris") = 0', true],
    ["month(now) = 12", true],
    ['month(date("2024-02-29")) = 2 and month(date("1970-01-01")) = 1 and month(date("2000-03-01")) = 3', true],
    ['weekday(date("1969-12-31")) = 3', true],
    ["capitals(content.subject) < 50%", true],
    ["if(content.hasHtml, content.size, 0) > 0", true],
    ["max(1, 2) = 2 and min(2d, 1d) = 1d", true],
    ['lower(trim("  ÀB ")) = "àb"', true],
  ])("%s", (source, expected) => expect(run(source)).toBe(expected));

  test.each<[string, string]>([
    ["", "empty"],
    ["   ", "empty"],
    ["1 +", "incomplete"],
    ["(1 = 1", "not-closed"],
    ["length(content.subject", "incomplete"],
    ["1 = 1)", "unexpected"],
    ["1 1", "unexpected"],
    ["or true", "unexpected"],
    ['"open', "text-open"],
    ["1 = 1 ; true", "character-unknown"],
    ["5w = 1d", "unit-unknown"],
    ["1 < 2 < 3", "comparison-chained"],
    ["content.subjekt = ''", "name-unknown"],
    ["constructor = 1", "name-unknown"],
    ["toString() = 1", "function-unknown"],
    ["lenght(content.subject) < 3", "function-unknown"],
    ["length() < 3", "arguments"],
    ["length(content.subject, 1) < 3", "arguments"],
    ["length(3) < 3", "type"],
    ["content.subject > 3", "type"],
    ['"a" < "b"', "type"],
    ["content.links = content.links", "type"],
    ["now + now > now", "type"],
    ["1 and true", "type"],
    ["not 1", "type"],
    ['-"a" = 1', "type"],
    ['if(true, 1, "a") = 1', "type"],
    ["content.subject", "not-a-condition"],
    ["it = 'a'", "it-alone"],
    ["any(content.links, any(content.links, true))", "nested"],
    ['weekday(now, "Paris") = 1', "zone-unknown"],
    ["weekday(now, content.subject) = 1", "not-constant"],
    ['excluded("tired") = 1', "reason-unknown"],
    ['now < date("2026-02-30")', "date-invalid"],
    [`${"(".repeat(41)}true${")".repeat(41)}`, "too-deep"],
    [`${"not ".repeat(41)}true`, "too-deep"],
    [`${"-".repeat(41)}1 = 1`, "too-deep"],
    [`true${" or true".repeat(400)}`, "too-big"],
    [`"${"x".repeat(4000)}" = ""`, "too-long"],
  ])("%s is refused: %s", (source, code) => expect(run(source)).toBe(code));

  test("every fault has its place, and what may have been meant", () => {
    const read = readExpression('content.subjekt = "a"\n  and counts.toDeliver > "5"', ground());
    expect(read).toMatchObject({
      kind: "problems",
      problems: [
        {
          code: "name-unknown",
          line: 1,
          column: 1,
          start: 0,
          end: 15,
          message: expect.stringContaining("content.subject"),
        },
        { code: "type", line: 2, column: 7, message: expect.stringContaining("a number and a text") },
      ],
    });
  });

  test("counts are not known before the target is", () => {
    expect(run("counts.toDeliver > 0", "before-target")).toBe("not-known-yet");
    expect(run('excluded("duplicate") = 0', "before-target")).toBe("not-known-yet");
    expect(run("counts.toDeliver > 0", "after-target")).toBe(true);
  });

  test("a division by zero is said, not answered", () => {
    expect(run("1 / (counts.toDeliver - 150) > 0")).toMatch(/divides by zero/);
  });

  test("work is counted: looking through a long text for each of many entries ends", () => {
    const many = {
      ...FACTS_HERE.values,
      "content.links": Array.from({ length: 10_000 }, (_, i) => `https://a.example/${i}`),
    };
    const read = readExpression("all(content.links, not contains(content.html, it))", ground());
    if (read.kind !== "expression") throw new Error("unread");
    expect(evaluate(read.node, { ...FACTS_HERE, values: many })).toMatchObject({ kind: "failed", message: /too long/ });
  });

  test("any text is read or refused, and what is read evaluates to true, false or a sentence", () => {
    const words = [
      ...Object.keys(FACTS),
      ...Object.keys(FUNCTIONS),
      "(",
      ")",
      ",",
      "[",
      "]",
      "and",
      "or",
      "not",
      "=",
      "<",
      "+",
      "-",
      "*",
      "/",
      "in",
      "it",
      '"a"',
      "1",
      "2d",
      "true",
      " ",
    ];
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(" ")),
    );
    fc.assert(
      fc.property(text, (source) => {
        const read = readExpression(source, ground());
        if (read.kind === "problems") return read.problems.every(({ start, end, line }) => start <= end && line >= 1);
        const result = evaluate(read.node, FACTS_HERE);
        return result.kind === "failed" || typeof result.value === "boolean";
      }),
      { numRuns: 2000 },
    );
  });
});

describe("control rules", () => {
  const rule = (source: string, message = "") => {
    const read = readExpression(source, ground());
    if (read.kind !== "expression") throw new Error("unread");
    return { id: "7", name: "Small target", level: "error" as const, message, node: read.node };
  };

  test("one that holds says nothing", () => expect(judgeRule(rule("counts.toDeliver < 1000"), FACTS_HERE)).toBeNull());

  test("one that does not says so with the facts that it looked at", () => {
    expect(judgeRule(rule("counts.toDeliver < 100", "Ask the head first"), FACTS_HERE)).toEqual({
      id: "control-rule",
      rule: "7",
      level: "error",
      title: "Ask the head first",
      detail: 'Rule "Small target". counts.toDeliver is 150.',
    });
    expect(judgeRule(rule("delivery.validity < 2d"), FACTS_HERE)).toMatchObject({
      title: "Small target",
      detail: "delivery.validity is 5d.",
    });
  });

  test("one that cannot be evaluated counts as one that does not hold", () => {
    expect(judgeRule(rule("content.hasText"), FACTS_HERE)).toMatchObject({ id: "control-rule-failed", level: "error" });
  });

  test("facts are said short", () => {
    const said = sayFacts(
      new Map<string, string | readonly string[]>([
        ["content.html", "x".repeat(200)],
        ["content.links", ["a", "b"]],
      ]),
    );
    expect(said).toBe(`content.html is "${"x".repeat(80)}…"; content.links is 2 × a, b.`);
  });

  test("the share of capitals is of letters that have two cases", () => {
    expect(shareOfCapitals("")).toBe(0);
    expect(shareOfCapitals("AB cd 12 日本")).toBe(0.5);
  });
});
