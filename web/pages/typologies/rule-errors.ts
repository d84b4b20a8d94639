/** What is missing in rules before they are sent, and at which field each refusal stands. */
import { isChoice, isComplete } from "./choice-model.ts";
import { hasForm, type OwnDraft, type PressureDraft, type ThresholdDraft } from "./rule-draft.ts";

/** `path` as in a pointer, from the rule: `threshold/cases/0/segment`. */
export type Missing =
  | { path: string; word: "name" | "choose" | "attribute" | "expression" | "day" | "line" }
  | { path: string; word: "number"; min: number; max: number };

const MOST_MESSAGES = 1_000_000_000;

/** The server says the rest. Of a rule without a form it says everything. */
export function missingIn(rule: OwnDraft): Missing[] {
  const found: Missing[] = rule.name.trim() === "" ? [{ path: "name", word: "name" }] : [];
  if (!hasForm(rule)) return found;
  switch (rule.kind) {
    case "control":
      if (rule.expression.trim() === "") found.push({ path: "expression", word: "expression" });
      return found;
    case "filtering":
      return [...found, ...ofChoice("exclude", rule.exclude)];
    case "pressure":
      return [...found, ...ofPressure(rule)];
    case "capacity":
      found.push(...ofRanking(rule.by));
      if (rule.lines.length === 0) found.push({ path: "lines", word: "line" });
      for (const [index, line] of rule.lines.entries()) {
        if (line.from === "") found.push({ path: `lines/${index}/from`, word: "day" });
        if (line.to === "") found.push({ path: `lines/${index}/to`, word: "day" });
        found.push(...ofNumber(`lines/${index}/messages`, line.messages, 0, MOST_MESSAGES));
      }
      return found;
  }
}

const ofChoice = (path: string, choice: unknown): Missing[] =>
  isChoice(choice) && isComplete(choice) ? [] : [{ path, word: "choose" }];

const ofRanking = (by: { attribute: string } | undefined): Missing[] =>
  by !== undefined && by.attribute.trim() === "" ? [{ path: "by/attribute", word: "attribute" }] : [];

function ofNumber(path: string, value: unknown, min: number, max: number): Missing[] {
  const fits = typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
  return fits ? [] : [{ path, word: "number", min, max }];
}

function ofPressure({ threshold, days, recipients }: PressureDraft): Missing[] {
  return [
    ...ofThreshold(threshold),
    ...ofNumber("days", days, 1, 366),
    ...(recipients === undefined ? [] : ofChoice("recipients", recipients)),
  ];
}

function ofThreshold(threshold: ThresholdDraft): Missing[] {
  const count = (path: string, value: unknown) => ofNumber(path, value, 0, 1000);
  if (typeof threshold !== "object") return count("threshold", threshold);
  const otherwise = count("threshold/otherwise", threshold.otherwise);
  if ("attribute" in threshold) {
    const isNamed = threshold.attribute.trim() !== "";
    return [...(isNamed ? [] : [{ path: "threshold/attribute", word: "attribute" } as const]), ...otherwise];
  }
  if (threshold.cases.length === 0) otherwise.push({ path: "threshold", word: "line" });
  return [
    ...threshold.cases.flatMap((each, index) => [
      ...ofChoice(`threshold/cases/${index}/segment`, { segment: each.segment }),
      ...count(`threshold/cases/${index}/threshold`, each.threshold),
    ]),
    ...otherwise,
  ];
}

/** The fields that the form of a rule shows, by their paths. */
export function fieldsOf(rule: OwnDraft): string[] {
  const common = ["name", "order"];
  if (!hasForm(rule)) return common;
  switch (rule.kind) {
    case "control":
      return [...common, "phase", "level", "expression", "message"];
    case "filtering":
      return [...common, "exclude", "natures"];
    case "pressure":
      return [...common, "days", "grouping", "natures", "recipients", ...fieldsOfThreshold(rule.threshold)];
    case "capacity": {
      const lines = rule.lines.flatMap((_, index) =>
        ["from", "to", "messages"].map((each) => `lines/${index}/${each}`),
      );
      return [...common, "natures", "lines", ...lines, ...(rule.by === undefined ? [] : ["by/attribute"])];
    }
  }
}

function fieldsOfThreshold(threshold: ThresholdDraft): string[] {
  if (typeof threshold !== "object") return ["threshold"];
  const own =
    "attribute" in threshold
      ? ["attribute"]
      : threshold.cases.flatMap((_, index) => [`cases/${index}/threshold`, `cases/${index}`]);
  return ["threshold", ...[...own, "otherwise"].map((each) => `threshold/${each}`)];
}

/** `rest`: where in the field, for fields that are trees: `/segment/and/0`. */
export type Placed = { rest: string; message: string };
/** `""`: no field shows it. */
export type PlacedErrors = Readonly<Record<string, readonly Placed[]>>;

/** Each message at the innermost field that it is about. */
export function placed(fields: readonly string[], errors: Readonly<Record<string, string>>): PlacedErrors {
  const all: Record<string, Placed[]> = {};
  for (const [path, message] of Object.entries(errors)) {
    const around = fields.filter((field) => path === field || path.startsWith(`${field}/`));
    const field = around.toSorted((a, b) => b.length - a.length)[0] ?? "";
    const rest = field === "" ? `/${path}` : path.slice(field.length);
    (all[field] ??= []).push({ rest, message });
  }
  return all;
}

/** In one text, for a field that is no tree. */
export function saidAt(errors: PlacedErrors, field: string): string | undefined {
  return errors[field]?.map(({ message }) => message).join("\n");
}
