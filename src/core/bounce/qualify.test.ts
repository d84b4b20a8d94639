import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome, Trouble } from "../smtp/outcome.ts";
import { compileRules, qualify, qualifyOutcome } from "./qualify.ts";
import { ANSWER_STAGES, FAILURE_TYPES, type Rule, VERDICT_ACTIONS } from "./rule.ts";
import type { Answer } from "./verdict.ts";

const BASE = { file: "test.toml", source: "test", examples: [] };
const SOFT = { type: "soft", reason: "refused", scope: "sender" } as const;

function rule(name: string, conditions: Partial<Rule>): Rule {
  return { ...BASE, name, verdict: SOFT, ...conditions };
}

function decide(rules: readonly Rule[], answer: Partial<Answer>): string {
  const full: Answer = { stage: "rcpt", code: 550, enhanced: null, text: "", mx: null, ...answer };
  return qualify(compileRules({ words: {}, rules }), full).rule;
}

describe("conditions", () => {
  it.each<[string, Partial<Rule>, Partial<Answer>, boolean]>([
    ["stage", { stage: ["rcpt", "dot"] }, { stage: "rcpt" }, true],
    ["stage", { stage: ["rcpt", "dot"] }, { stage: "mail" }, false],
    ["code", { code: ["550"] }, { code: 550 }, true],
    ["code", { code: ["45x", "550"] }, { code: 452 }, true],
    ["code", { code: ["5xx"] }, { code: 452 }, false],
    ["code", { code: ["5xx"] }, { code: null, enhanced: "5.0.0" }, true],
    ["code", { code: ["5xx"] }, { code: null, enhanced: null }, false],
    ["code", { code: ["550"] }, { code: null, enhanced: "5.0.0" }, false],
    ["enhanced", { enhanced: ["5.1.1"] }, { enhanced: "5.1.1" }, true],
    ["enhanced", { enhanced: ["5.1.1"] }, { enhanced: "5.1.10" }, false],
    ["enhanced", { enhanced: ["x.2.2"] }, { code: 452, enhanced: "4.2.2" }, true],
    ["enhanced", { enhanced: ["5.7.*"] }, { enhanced: "5.7.515" }, true],
    ["enhanced", { enhanced: ["5.7.*"] }, { enhanced: "5.6.0" }, false],
    ["enhanced, class of the basic code", { enhanced: ["4.7.*"] }, { code: 421, enhanced: "5.7.32" }, true],
    ["enhanced, class of the basic code", { enhanced: ["5.7.*"] }, { code: 421, enhanced: "5.7.32" }, false],
    ["mx", { mx: ["example.net"] }, { mx: "mx.example.net" }, true],
    ["mx", { mx: ["example.net"] }, { mx: "badexample.net" }, false],
    ["mx", { mx: ["example.net"] }, { mx: null }, false],
    ["text", { text: ["user unknown"] }, { text: "User unknown" }, true],
    ["not text", { text: ["unknown"], notText: ["sender"] }, { text: "sender unknown" }, false],
  ])("%s %j %j", (_, conditions, answer, applies) => {
    expect(decide([rule("one", conditions)], answer)).toBe(applies ? "one" : "default-unknown");
  });

  it("the first rule that applies wins", () => {
    const rules = [rule("a", { text: ["full"] }), rule("b", { code: ["5xx"] }), rule("c", { code: ["550"] })];
    expect(decide(rules, { text: "mailbox full" })).toBe("a");
    expect(decide(rules, { text: "no" })).toBe("b");
  });
});

describe("action", () => {
  const rules = compileRules({ words: {}, rules: [rule("any", { stage: ["rcpt"] })] });
  it.each([
    [550, null, "fail"],
    [450, null, "retry"],
    [null, "5.2.2", "fail"],
    [null, "4.2.2", "retry"],
    [421, "5.7.32", "retry"],
    [null, null, "retry"],
  ])("%s %s: %s when the rule leaves it out", (code, enhanced, action) => {
    expect(qualify(rules, { stage: "rcpt", code, enhanced, text: "", mx: null }).action).toBe(action);
  });
});

describe("qualifyOutcome", () => {
  const rules = compileRules({ words: {}, rules: [rule("full", { text: ["full"], mx: ["example.net"] })] });

  it("hands stage, codes, all lines and the host to the rules", () => {
    const reply = { code: 552, enhanced: "5.2.2", lines: ["5.2.2 no", "5.2.2 mailbox full"] };
    const outcome: Outcome = { kind: "refused", stage: "rcpt", reply };
    expect(qualifyOutcome(rules, outcome, "mx.example.net")).toEqual({ ...SOFT, action: "fail", rule: "full" });
  });

  it.each<[Trouble, string]>([
    ["dns", "soft unreachable retry"],
    ["no-such-domain", "soft invalid-domain fail"],
    ["unreachable", "soft unreachable retry"],
    ["timeout", "soft unreachable retry"],
    ["closed", "soft unreachable retry"],
    ["garbage", "soft unreachable retry"],
    ["tls", "soft unreachable retry"],
    ["smtputf8", "ignored refused fail"],
    ["too-large", "ignored refused fail"],
  ])("%s", (trouble, expected) => {
    const outcome: Outcome = { kind: "lost", stage: "connect", trouble, detail: "", inDoubt: false };
    const { type, reason, action, rule: name } = qualifyOutcome(rules, outcome, null);
    expect(`${type} ${reason} ${action}`).toBe(expected);
    expect(name).toBe(`default-${trouble}`);
  });
});

it("any answer gets a verdict", () => {
  const rules = compileRules({ words: {}, rules: [rule("full", { text: ["full * box"] })] });
  const answer = fc.record({
    stage: fc.constantFrom(...ANSWER_STAGES),
    code: fc.option(fc.integer({ min: 400, max: 599 })),
    enhanced: fc.option(fc.constantFrom("4.0.0", "5.1.1", "5.7.999")),
    text: fc.string({ unit: "grapheme" }),
    mx: fc.option(fc.domain()),
  });
  fc.assert(
    fc.property(answer, (a) => {
      const verdict = qualify(rules, a);
      expect(FAILURE_TYPES).toContain(verdict.type);
      expect(VERDICT_ACTIONS).toContain(verdict.action);
    }),
  );
});
