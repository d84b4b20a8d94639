/** Each check of the linter is shown to fail on a planted violation. */
import { describe, expect, it } from "vitest";
import { lintRules } from "./lint-rules.ts";
import type { Rule } from "./rule.ts";

const GOOD: Rule = {
  file: "10-test.toml",
  name: "mailbox-full",
  stage: ["rcpt"],
  code: ["5xx"],
  text: ["mailbox full"],
  verdict: { type: "soft", reason: "mailbox-full", scope: "address" },
  source: "RFC 3463",
  examples: [{ reply: "552 mailbox full", stage: "rcpt" }],
};
const WIDE: Rule = {
  ...GOOD,
  file: "05-wide.toml",
  name: "wide",
  text: ["mailbox full", "quota"],
  examples: [{ reply: "552 quota", stage: "rcpt" }],
};

const lint = (...rules: Rule[]) => lintRules({ words: {}, rules });

describe("lintRules", () => {
  it("finds nothing wrong with a good set", () => {
    expect(lint(GOOD)).toEqual([]);
  });

  it.each<[string, Rule[], string]>([
    ["a name used twice", [GOOD, { ...GOOD, text: ["other"] }], "taken by a rule in 10-test.toml"],
    ["a name of the program", [{ ...GOOD, name: "default-x" }], "belong to the program"],
    ["a bad code", [{ ...GOOD, code: ["5x0"] }], '"5x0"'],
    ["a code of success", [{ ...GOOD, code: ["250"] }], '"250"'],
    ["a bad enhanced code", [{ ...GOOD, enhanced: ["5.1"] }], '"5.1"'],
    ["a bad pattern", [{ ...GOOD, text: ["mailbox *"] }], "begins or ends"],
    ["a bad exclusion", [{ ...GOOD, notText: ["$none"] }], "no word list"],
    ["a pattern given twice", [{ ...GOOD, text: ["full", "quota", "full"] }], '"full" is given twice'],
    ["no example", [{ ...GOOD, examples: [] }], "no example"],
    [
      "an example that reaches nothing",
      [{ ...GOOD, examples: [{ reply: "552 no", stage: "rcpt" }] }],
      "reaches default-unknown",
    ],
    [
      "an example that an earlier rule takes",
      [{ ...GOOD, name: "earlier", text: ["full"], examples: [{ reply: "550 full", stage: "rcpt" }] }, GOOD],
      "reaches earlier",
    ],
    ["a rule behind a wider one", [WIDE, GOOD], "never be reached: wide"],
    [
      "blame before RCPT",
      [{ ...GOOD, stage: ["mail"], examples: [{ reply: "552 mailbox full", stage: "mail" }] }],
      "speaks of the address",
    ],
    [
      "hard without the address",
      [{ ...GOOD, verdict: { type: "hard", reason: "refused", scope: "sender" } }],
      "another scope",
    ],
  ])("%s", (_, rules, detail) => {
    const problems = lint(...rules);
    expect(problems.map((p) => p.detail).join("\n")).toContain(detail);
    expect(problems[0]).toMatchObject({ file: rules.at(-1)?.file, rule: rules.at(-1)?.name });
  });

  it("refuses a rule without any condition", () => {
    const { stage: _s, code: _c, text: _t, ...bare } = GOOD;
    const verdict = { type: "soft", reason: "refused", scope: "sender" } as const;
    expect(lint({ ...bare, verdict }).map((p) => p.detail)).toContain("no condition: it would take every answer");
  });
});
