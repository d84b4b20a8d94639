/** A bounce rule as a form: read, changed, written back, refused at its fields. */
import { expect, test } from "vitest";

import type { Problem } from "../../../src/contract/index.ts";
import {
  type BounceRuleInput,
  bounceRuleSchema,
  type ShippedBounceRule,
  type TriedRules,
} from "../../../src/contract/reply-texts.ts";
import { fieldErrors } from "../../parts/field-errors.ts";
import {
  bounceDraftOf,
  bounceFieldOf,
  bounceRequestOf,
  draftLikeShipped,
  emptyBounceRule,
  namingEntries,
} from "./rule-draft.ts";
import { conditionsOf, differing, matchingRules, newRuleSearch, rulesSearch } from "./view-model.ts";

const rule: BounceRuleInput = bounceRuleSchema.parse({
  name: "moon",
  enabled: false,
  stage: ["rcpt", "async"],
  code: ["550", "55x"],
  enhanced: ["5.7.*"],
  text: ["moon * house", "a & b"],
  notText: ["your house"],
  mx: ["example.net"],
  verdict: { type: "hard", reason: "user-unknown", action: "fail", scope: "address" },
  source: "ticket 4711",
  examples: [
    { reply: "550 the moon", stage: "rcpt", mx: "mx.example.net" },
    { reply: "550 the house", stage: "async" },
  ],
});

test("what is read and written back is the same", () => {
  expect(bounceRequestOf(bounceDraftOf(rule))).toEqual(rule);
});

test("what is empty is no condition; blank lines count for nothing, stages stand in their order", () => {
  const request = bounceRequestOf({
    ...emptyBounceRule,
    name: " a ",
    stage: ["async", "connect"],
    code: " 550, 55x\n",
    text: "\n over quota \n\n",
    examples: [{ reply: " 550 x ", stage: "rcpt", mx: " " }],
  });
  expect(request).toEqual({
    name: "a",
    enabled: true,
    stage: ["connect", "async"],
    code: ["550", "55x"],
    enhanced: null,
    text: ["over quota"],
    notText: null,
    mx: null,
    verdict: { type: "soft", reason: "refused", action: null, scope: "message" },
    source: "",
    examples: [{ reply: "550 x", stage: "rcpt", mx: null }],
  });
  expect(bounceRuleSchema.parse(request)).toEqual(request);
});

const problemOf = (errors: { pointer: string; message: string }[]): Problem => ({
  type: "",
  title: "",
  status: 422,
  detail: "",
  code: "invalid-input",
  errors: errors.map((error) => ({ ...error, code: "invalid" })),
});

test("each refusal lands at its field and names its entry, of a try as of a save", () => {
  const problem = problemOf([
    { pointer: "/text/1", message: "no such list" },
    { pointer: "/code/0", message: 'code "550" is odd' },
    { pointer: "/examples/1", message: "reaches another" },
    { pointer: "/verdict/scope", message: "hard with another scope" },
    { pointer: "/change/rule/name", message: "a name is lower case" },
    { pointer: "/change/rule/notText/0", message: "too long" },
    { pointer: "", message: "no condition" },
  ]);
  expect(fieldErrors(namingEntries(problem, rule), bounceFieldOf)).toEqual({
    fields: {
      text: "a & b: no such list",
      code: 'code "550" is odd',
      "examples/1": "reaches another",
      scope: "hard with another scope",
      name: "a name is lower case",
      notText: "your house: too long",
    },
    others: ["no condition"],
  });
  expect(namingEntries(null, rule)).toBeNull();
});

test("a rule like a shipped one has another name", () => {
  const { enabled: _, ...fields } = rule;
  const shipped: ShippedBounceRule = { ...fields, file: "10-provider.toml:1" };
  expect(draftLikeShipped(shipped)).toMatchObject({ name: "moon-own", enabled: true, text: "moon * house\na & b" });
});

test("rules are found by name, code, pattern and host", () => {
  const other = { ...rule, name: "quota", code: null, enhanced: null, text: null, notText: null, mx: null };
  const names = (words: string) => matchingRules([rule, other], words).map(({ name }) => name);
  expect(names(" MOON * h")).toEqual(["moon"]);
  expect(names("55x")).toEqual(["moon"]);
  expect(names("quot")).toEqual(["quota"]);
  expect(names("")).toHaveLength(2);
  expect(conditionsOf(other)).toEqual([]);
  expect(conditionsOf(rule)).toEqual([
    "550",
    "55x",
    "5.7.*",
    "“moon * house”",
    "“a & b”",
    "≠ “your house”",
    "@example.net",
  ]);
});

test("what differs between two verdicts", () => {
  const before: TriedRules["changes"][number]["before"] = {
    type: "soft",
    reason: "refused",
    action: "retry",
    scope: "message",
    rule: "a",
  };
  const change = { before, after: { ...before, type: "hard", rule: "b" } as const, texts: 1, count: 1, examples: [] };
  expect([...differing(change)]).toEqual(["type", "rule"]);
});

test("addresses: a text is a number, a rule is a word", () => {
  expect(newRuleSearch({ text: 12, like: "mailbox-full" })).toEqual({ text: "12", like: "mailbox-full" });
  expect(newRuleSearch({ text: "x1" })).toEqual({ text: undefined, like: undefined });
  expect(rulesSearch({ rule: "a", text: ["b"] })).toEqual({ rule: "a" });
});
