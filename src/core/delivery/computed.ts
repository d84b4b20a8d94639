/**
 * Label and code of a delivery that its analysis makes, each from a Liquid text: over the delivery, its variables, the counts and the date of the
 * analysis. Nothing is run as a program; work and length are bounded as in messages.
 */
import { budgetFor, RenderFailure } from "../template/budget.ts";
import { describeRenderError } from "../template/engine.ts";
import { parseTemplate } from "../template/parse-template.ts";
import { execute, startRun } from "../template/program.ts";
import { formatInstant, type Instant } from "../time.ts";

/** As `settings.computed`; absent or blank: what somebody wrote stays. */
export type ComputedTexts = { readonly label?: string | undefined; readonly code?: string | undefined };

type ComputedFacts = {
  readonly delivery: Readonly<Record<(typeof DELIVERY)[number] | "label" | "code", string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly counts: { readonly targeted: number; readonly toDeliver: number };
  readonly platformName: string;
  readonly now: Instant;
};

type ComputedField = "label" | "code";
type ComputedError = {
  readonly field: ComputedField;
  readonly line: number;
  readonly column: number;
  readonly message: string;
};
/** Null: not computed. */
export type Computed = {
  readonly label: string | null;
  readonly code: string | null;
  readonly errors: readonly ComputedError[];
};

const DELIVERY = ["id", "template", "category", "nature", "sender_name"] as const;
const LONGEST: Readonly<Record<ComputedField, number>> = { label: 500, code: 100 };
const BUDGET = budgetFor(1000);

/** The label first, so that the code may be made of it. Nothing is made of itself: each analysis would make it longer. */
export function computeWords(texts: ComputedTexts, facts: ComputedFacts): Computed {
  const label = compute("label", texts.label, texts.code?.trim() ? [] : ["code"], facts);
  const named = label.text === null ? facts : { ...facts, delivery: { ...facts.delivery, label: label.text } };
  const code = compute("code", texts.code, ["label"], named);
  return { label: label.text, code: code.text, errors: [...label.errors, ...code.errors] };
}

type One = { readonly text: string | null; readonly errors: readonly ComputedError[] };

function compute(
  field: ComputedField,
  source: string | undefined,
  more: readonly ComputedField[],
  facts: ComputedFacts,
): One {
  if (!source?.trim()) return { text: null, errors: [] };
  const fail = (message: string, line = 1, column = 1): One => ({
    text: null,
    errors: [{ field, line, column, message }],
  });
  const fields = {
    delivery: [...DELIVERY, ...more],
    counts: ["targeted", "to_deliver", "excluded"],
    platform: ["name"],
  };
  // A variable of the same name stands behind what is the delivery's own.
  const variables = Object.keys(facts.variables).filter((name) => name !== "label" && name !== "code");
  const parsed = parseTemplate(source, { kind: "header", variables, fields });
  if (parsed.kind === "errors") {
    const errors = parsed.errors.map(({ line, column, message }) => ({ field, line, column, message }));
    return { text: null, errors };
  }
  let made: string;
  try {
    made = execute(parsed.program, startRun("header", scopeOf(facts), { budget: BUDGET }), (text) => text);
  } catch (error) {
    const message = error instanceof RenderFailure ? error.message : describeRenderError(error);
    if (message === null) throw error;
    return fail(message);
  }
  const text = made.replace(/[\p{Cc}\p{Z}]+/gu, " ").trim();
  if (text === "" && field === "label") return fail("it comes out empty");
  if (text.length > LONGEST[field])
    return fail(`it comes out with ${text.length} characters, ${LONGEST[field]} at most`);
  return { text, errors: [] };
}

function scopeOf({ delivery, variables, counts: { targeted, toDeliver }, platformName, now }: ComputedFacts) {
  const values = (own: object) => Object.assign(Object.create(null) as Record<string, unknown>, own);
  return {
    recipient: {},
    delivery: Object.assign(values(variables), delivery),
    // What `'now'` means in the filter `date`.
    message: { date: formatInstant(now) },
    platform: { name: platformName },
    counts: values({ targeted, to_deliver: toDeliver, excluded: targeted - toDeliver }),
    clickUrl: () => "",
  };
}
