/** Rules of operators as forms: whom they name, what is kept, their order, what is missing, where refusals stand, and their words. */
import fc from "fast-check";
import { createInstance } from "i18next";
import { describe, expect, test } from "vitest";

import { typologySchema } from "../../../src/contract/typologies.ts";
import { pressureSpan } from "../../../src/core/population/pressure.ts";
import { en } from "../../i18n/en/index.ts";
import {
  blankChoice,
  type Choice,
  CHOICE_KINDS,
  closed,
  isChoice,
  isComplete,
  kindOf,
  opened,
  treeOf,
} from "./choice-model.ts";
import { EXAMPLE, EXAMPLE_GROUPINGS } from "./example.ts";
import { emptyRule, hasForm, type OwnDraft, ownRulesOf, RULE_KINDS, type RuleKind } from "./rule-draft.ts";
import { fieldsOf, missingIn, placed } from "./rule-errors.ts";
import { readRule, ruleText } from "./rule-json.ts";
import { endsOf, inTheirOrder, laneOf, withMoved } from "./rule-order.ts";
import { ruleWords } from "./rule-words.ts";

const rule = (kind: RuleKind, part: object = {}): OwnDraft =>
  ({ ...emptyRule(kind, "k", "2026-11-23"), name: "Mine", ...part }) as OwnDraft;

const CHOICES: Choice[] = [
  { segment: "4" },
  { segment: { and: [{ list: "1" }, { not: { or: [] } }] } },
  { segment: { list: "1" } },
  { list: "7" },
  { import: "8" },
  { service: "9" },
  { delivery: "3", outcome: ["opened", "clicked"] },
];

describe("whom a rule names", () => {
  test.each(CHOICES)("%j comes back as it was, also as everybody else", (choice) => {
    expect(closed(opened(choice))).toEqual(choice);
    const others = closed({ others: true, inner: choice });
    expect(others).toEqual({ segment: { not: treeOf(choice) } });
    expect(closed(opened(others))).toEqual(others);
    expect(opened(others)).toMatchObject({ others: true });
    expect([isChoice(choice), isComplete(choice), isComplete(others)]).toEqual([true, true, true]);
  });

  test("what only names somebody is shown as that, also behind `not`", () => {
    expect(opened({ segment: { not: { segment: "4" } } })).toEqual({ others: true, inner: { segment: "4" } });
    expect(opened({ segment: { not: { list: "4" } } })).toEqual({ others: true, inner: { list: "4" } });
    const twice: Choice = { segment: { not: { not: { list: "4" } } } };
    expect(closed(opened(twice))).toEqual(twice);
  });

  test("what was just chosen is of its kind, and only conditions are complete without more", () => {
    const made = CHOICE_KINDS.map((kind) => [kindOf(blankChoice(kind)), isComplete(blankChoice(kind))]);
    expect(made).toEqual(CHOICE_KINDS.map((kind) => [kind, kind === "tree"]));
  });

  test.each([null, [], {}, { segment: 4 }, { segment: { and: 3 } }, { segment: { not: null } }, { delivery: "1" }])(
    "%j is nothing that fields can show",
    (json) => expect(isChoice(json)).toBe(false),
  );
});

describe("what a rule says is kept", () => {
  test.each(RULE_KINDS)("an empty %s rule has a form, and is a rule of the API when it is filled in", (kind) => {
    const filled = rule(kind, {
      ...(kind === "control" ? { expression: "true" } : {}),
      ...(kind === "filtering" ? { exclude: { list: "1" } } : {}),
      ...(kind === "capacity" ? { lines: [{ from: "2026-11-23", to: "2026-11-29", messages: 9 }] } : {}),
    });
    expect([hasForm(filled), missingIn(filled)]).toEqual([true, []]);
    expect(typologySchema.safeParse({ name: "x", rules: ownRulesOf([filled]) }).success).toBe(true);
  });

  test("fields of a newer server stay, in the form, in JSON and on the way back", () => {
    const newer = rule("pressure", { id: "5", key: "5", natures: ["marketing"], weighted: { by: "x" } });
    expect(hasForm(newer)).toBe(true);
    const read = readRule(ruleText(newer), newer);
    expect(read).toEqual({ rule: newer });
    expect(ownRulesOf([newer])[0]).toMatchObject({ id: "5", weighted: { by: "x" } });
  });

  test("JSON never changes what a rule is; a whole one that is pasted brings its name", () => {
    const mine = rule("filtering", { id: "5", key: "5" });
    const pasted = '{"kind": "filtering", "id": "9", "name": "No competitors", "exclude": {"segment": "12"}}';
    expect(readRule(pasted, mine)).toEqual({
      rule: { ...mine, name: "No competitors", exclude: { segment: "12" } },
    });
    expect(readRule('{"kind":"pressure"}', mine)).toEqual({ problem: "kind", detail: "filtering" });
    for (const text of ["", "[]", "null", "{"]) expect(readRule(text, mine)).toMatchObject({ problem: "json" });
    expect(readRule("{}", rule("filtering"))).not.toHaveProperty("rule.id");
  });

  test.each<[RuleKind, object]>([
    ["control", { phase: "later" }],
    ["filtering", { exclude: { everybody: true } }],
    ["filtering", { natures: "all" }],
    ["pressure", { threshold: { formula: "a + b" } }],
    ["pressure", { threshold: { cases: [{ segment: 4, threshold: 1 }], otherwise: 2 } }],
    ["pressure", { grouping: "decade" }],
    ["pressure", { recipients: 3 }],
    ["capacity", { lines: 5 }],
    ["capacity", { lines: [{ on: "2026-11-23", messages: 5 }] }],
    ["capacity", { by: { attribute: "a", direction: "sideways" } }],
  ])("a %s rule with %j is left to JSON, and the server judges it", (kind, part) => {
    expect([hasForm(rule(kind, part)), missingIn(rule(kind, part))]).toEqual([false, []]);
  });
});

describe("order", () => {
  const kinds = fc.constantFrom(...RULE_KINDS);
  const phases = fc.constantFrom("before-target", "end");
  const orders = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(50, 1000, "" as const));
  const rules = fc
    .array(fc.record({ kind: kinds, phase: phases, order: orders, isNew: fc.boolean() }), { maxLength: 12 })
    .map((each) =>
      each.map(({ kind, phase, order, isNew }, n) =>
        rule(kind, {
          key: `k${n}`,
          order,
          ...(kind === "control" ? { phase } : {}),
          ...(isNew ? {} : { id: String(100 - n) }),
        }),
      ),
    );

  test("a rule goes past its neighbour, numbers alone say so, and other lanes stay as they are", () => {
    fc.assert(
      fc.property(rules, fc.nat(), fc.constantFrom<1 | -1>(1, -1), (own, pick, step) => {
        const chosen = own[pick % Math.max(1, own.length)];
        if (chosen === undefined) return;
        const lane = (all: readonly OwnDraft[]) =>
          inTheirOrder(all.filter((each) => laneOf(each) === laneOf(chosen))).map(({ key }) => key);
        const before = lane(own);
        const moved = withMoved(own, chosen.key, step);
        const from = before.indexOf(chosen.key);
        const to = Math.min(before.length - 1, Math.max(0, from + step));
        expect(lane(moved)).toEqual(before.toSpliced(from, 1).toSpliced(to, 0, chosen.key));
        expect(moved.every(({ order }) => order === "" || (order >= 0 && order <= 1000))).toBe(true);
        const elsewhere = (all: readonly OwnDraft[]) =>
          inTheirOrder(all.filter((each) => laneOf(each) !== laneOf(chosen))).map(({ key, order }) => [key, order]);
        expect(elsewhere(moved)).toEqual(elsewhere(own));
      }),
    );
  });

  test("control rules of different phases do not wait for each other", () => {
    const own = [rule("control", { key: "a" }), rule("control", { key: "b", phase: "end" })];
    expect(endsOf(own, "a")).toEqual({ isFirst: true, isLast: true });
    expect(withMoved(own, "a", 1)).toBe(own);
  });
});

describe("what is missing", () => {
  test.each<[RuleKind, object, string[]]>([
    ["control", { name: " " }, ["name", "expression"]],
    ["filtering", {}, ["exclude"]],
    ["filtering", { exclude: { delivery: "3", outcome: [] } }, ["exclude"]],
    ["pressure", { threshold: "", days: "" }, ["threshold", "days"]],
    ["pressure", { threshold: 1001, days: 367 }, ["threshold", "days"]],
    ["pressure", { threshold: 0, days: 366 }, []],
    ["pressure", { threshold: { attribute: "", otherwise: 1.5 } }, ["threshold/attribute", "threshold/otherwise"]],
    ["pressure", { threshold: { cases: [], otherwise: 1 } }, ["threshold"]],
    [
      "pressure",
      { threshold: { cases: [{ segment: "", threshold: "" }], otherwise: "" }, recipients: { list: "" } },
      ["threshold/cases/0/segment", "threshold/cases/0/threshold", "threshold/otherwise", "recipients"],
    ],
    ["capacity", { lines: [] }, ["lines"]],
    ["capacity", { by: { attribute: "" } }, ["by/attribute", "lines/0/messages"]],
    ["capacity", { lines: [{ from: "", to: "", messages: 0 }] }, ["lines/0/from", "lines/0/to"]],
  ])("of a %s rule with %j: %j, each at a field that is shown", (kind, part, paths) => {
    const given = rule(kind, part);
    const missing = missingIn(given).map(({ path }) => path);
    expect(missing.toSorted()).toEqual(paths.toSorted());
    const at = placed(fieldsOf(given), Object.fromEntries(missing.map((path) => [path, "missing"])));
    expect(Object.keys(at)).not.toContain("");
  });
});

test("a refusal stands at the innermost field that it is about, with where in it", () => {
  const given = rule("pressure", { threshold: { cases: [{ segment: { and: [] }, threshold: 1 }], otherwise: 2 } });
  const errors = {
    "threshold/cases/0/segment/and/0/value": "no number",
    "threshold/cases/1/threshold": "not there",
    days: "too many",
    speed: "what is that",
  };
  expect(placed(fieldsOf(given), errors)).toEqual({
    "threshold/cases/0": [{ rest: "/segment/and/0/value", message: "no number" }],
    threshold: [{ rest: "/cases/1/threshold", message: "not there" }],
    days: [{ rest: "", message: "too many" }],
    "": [{ rest: "/speed", message: "what is that" }],
  });
});

describe("in words", () => {
  const i18n = createInstance({
    lng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  void i18n.init();
  const words = (kind: RuleKind, part: object) =>
    ruleWords(rule(kind, part), { t: i18n.t, int: (n) => n.toLocaleString("en-US"), nameOf: (_, id) => `No. ${id}` });
  const mine = "With deliveries of this typology nobody gets";
  const counted = "Messages of all deliveries count. So do those of planned deliveries that go first.";

  test.each<[RuleKind, object, string]>([
    ["control", { expression: "a < 3", level: "error", phase: "end" }, "Error · At the end of the analysis: a < 3"],
    ["filtering", { exclude: { segment: "4" } }, "No message for people in the segment “No. 4”."],
    [
      "filtering",
      { exclude: { segment: { not: { list: "7" } } }, natures: ["marketing"] },
      "A message only for people on the list “No. 7”. Only for marketing deliveries.",
    ],
    [
      "filtering",
      { exclude: { segment: { or: [{ list: "1" }, { not: { and: [{ list: "2" }] } }] } } },
      "No message for people who meet 2 conditions.",
    ],
    ["filtering", { exclude: { segment: { and: [] } } }, "No message for everybody."],
    [
      "filtering",
      { exclude: { delivery: "3", outcome: ["opened", "clicked"] } },
      "No message for people of the delivery “No. 3” (Opened, Clicked).",
    ],
    ["pressure", { threshold: 2 }, `${mine} more than 2 messages in 7 days. ${counted}`],
    [
      "pressure",
      { threshold: 1, days: 1, grouping: "month", planned: false },
      `${mine} more than one message in one day, stretched to whole months. Messages of all deliveries count.`,
    ],
    ["pressure", { threshold: 0 }, `${mine} a message.`],
    [
      "pressure",
      { threshold: { attribute: "quota", otherwise: 3 }, recipients: { segment: { not: { segment: "4" } } } },
      `${mine} more messages in 7 days than the attribute “quota” says (3 where it says none). ${counted} Not for people in the segment “No. 4”.`,
    ],
    [
      "pressure",
      {
        threshold: { cases: [{ segment: "1", threshold: 2 }], otherwise: 4 },
        natures: ["marketing"],
        recipients: { list: "7" },
      },
      "With deliveries of this typology people get in 7 days at most 2 for people in the segment “No. 1”, 4 for everybody else. Messages of all marketing deliveries count. So do those of planned deliveries that go first. Only for marketing deliveries. Only for people on the list “No. 7”.",
    ],
    [
      "capacity",
      { lines: [{ from: "2026-11-23", to: "2026-11-29", messages: 40_000 }] },
      "At most 40,000 messages from 2026-11-23 to 2026-11-29. The checklist says when there are more.",
    ],
    [
      "capacity",
      {
        lines: [
          { from: "2026-12-01", to: "2026-12-02", messages: 2 },
          { from: "2026-11-23", to: "2026-11-29", messages: 1 },
        ],
        excludeExcess: true,
        by: { attribute: "points", direction: "ascending" },
      },
      "3 messages in 2 periods from 2026-11-23 to 2026-12-02. Those beyond it get no message; who has the lowest “points” stays.",
    ],
  ])("%s %j", (kind, part, said) => expect(words(kind, part)).toBe(said));

  test("what is not filled in, or has no form, has no words; a name is none of them", () => {
    expect(words("filtering", {})).toBeNull();
    expect(words("pressure", { grouping: "decade" })).toBeNull();
    expect(words("pressure", { name: "" })).not.toBeNull();
  });
});

test.each(EXAMPLE_GROUPINGS)("the example of six newsletters is what the rule does, by %s", (grouping) => {
  const all = EXAMPLE.map(({ day }) => Date.parse(`${day}T10:00:00Z`));
  const out: number[] = [];
  const stays = all.filter((at) => {
    const span = pressureSpan(at, 14, grouping);
    const before = out.filter((each) => each >= span.from && each < span.to).length;
    if (before < 3) out.push(at);
    return before >= 3;
  });
  const told = EXAMPLE.filter(({ stays: by }) => by.includes(grouping)).map(({ day }) =>
    Date.parse(`${day}T10:00:00Z`),
  );
  expect(told).toEqual(stays);
});
