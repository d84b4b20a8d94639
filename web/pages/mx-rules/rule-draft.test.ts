/** An MX rule as a form: read, changed, written back, refused. */
import { expect, test } from "vitest";

import { mxRuleSchema } from "../../../src/contract/shaping.ts";
import { fieldErrors } from "../../parts/field-errors.ts";
import { inOrder, moved } from "../../parts/ordered.ts";
import type { MxRule, Provider } from "../../queries-sending.ts";
import { emptyRule, ruleDraftOf, ruleFieldOf, ruleRequestOf } from "./rule-draft.ts";
import { matching, ruleSearch } from "./view-model.ts";

const input = mxRuleSchema.parse({
  name: "slow",
  mx: ["*.example.net", "mx?.example.org"],
  sources: { from: 2, to: 5 },
  countedPer: "rule",
  shared: true,
  connections: { min: 2, max: 20 },
  messagesPerConnection: 50,
  messagesPerHour: { min: 100, max: 1000 },
  connectionsPerMinute: 30,
  timeouts: { connect: 20, data: 300, other: 60 },
  tls: "required",
  enabled: false,
});
const rule: MxRule = {
  ...input,
  id: "1",
  position: 1,
  version: 1,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  warnings: [],
};

test("what is read and written back is the same", () => {
  expect(ruleRequestOf(ruleDraftOf(rule))).toEqual(input);
});

test("an empty form asks for the server's own defaults", () => {
  const request = ruleRequestOf({ ...emptyRule, name: "a", mx: "*" });
  expect(mxRuleSchema.parse(request)).toEqual(
    mxRuleSchema.parse({ name: "a", mx: ["*"], connections: { min: 1, max: 10 } }),
  );
});

test("masks are parted by lines, blanks and commas; one source alone is both ends, the most an hour alone leaves room", () => {
  const request = ruleRequestOf({
    ...emptyRule,
    mx: " a.example\nb.example, c.example\n",
    sourceFrom: 3,
    perHourMax: 5000,
  });
  expect(request).toMatchObject({
    mx: ["a.example", "b.example", "c.example"],
    sources: { from: 3, to: 3 },
    messagesPerHour: { min: 500, max: 5000 },
  });
});

test("each refusal lands at its field", () => {
  const errors = [
    { pointer: "/mx/1", code: "invalid", message: "no host name" },
    { pointer: "/connections", code: "custom", message: "min is above max" },
    { pointer: "/messagesPerHour/min", code: "too_small", message: "too small" },
    { pointer: "/timeouts/data", code: "too_big", message: "too long" },
    { pointer: "/sources/to", code: "invalid", message: "ends before it begins" },
    { pointer: "/position", code: "x", message: "elsewhere" },
  ];
  const problem = { type: "", title: "", status: 422, detail: "", code: "invalid-input", errors };
  expect(fieldErrors(problem, ruleFieldOf)).toEqual({
    fields: {
      mx: "no host name",
      connectionsMax: "min is above max",
      perHourMin: "too small",
      data: "too long",
      sourceTo: "ends before it begins",
    },
    others: ["/position: elsewhere"],
  });
});

test("one place up or down, and no further than the ends", () => {
  expect(moved(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], "b", 1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b"], "a", -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], "gone", 1)).toEqual(["a", "b"]);
  const other = { ...rule, id: "2", position: 2 };
  expect(inOrder([rule, other], ["2", "1"]).map(({ id, position }) => [id, position])).toEqual([
    ["2", 1],
    ["1", 2],
  ]);
});

test("the question in the address: hosts or a domain, never both; a source is a number", () => {
  expect(ruleSearch({ mx: "mx.example.net", domain: "example.org", source: 3 })).toEqual({
    mx: "mx.example.net",
    domain: undefined,
    source: "3",
  });
  expect(ruleSearch({ domain: "example.org", source: "a" })).toEqual({
    mx: undefined,
    domain: "example.org",
    source: undefined,
  });
});

test("providers are found by name, label and mask", () => {
  const provider = (name: string, mask: string): Provider => ({
    name,
    label: name.toUpperCase(),
    mx: [mask],
    warmUp: null,
    reactions: [],
  });
  const all = [provider("alpha", "*.alpha.example"), provider("beta", "*.mail.example")];
  expect(matching(all, " MAIL ").map(({ name }) => name)).toEqual(["beta"]);
  expect(matching(all, "")).toHaveLength(2);
});
