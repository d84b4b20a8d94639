/**
 * Which comparison there is for which type of value, and what it wants to be compared with. One table: the check, the words for
 * people and the SQL go by it.
 */
import type { Comparison, Operand } from "./segment.ts";

/** Of a value when it is compared; dates and times are instants, a date its midnight in UTC. */
export type ValueType = "text" | "number" | "boolean" | "date" | "timestamp";

/** `day`: a date, or a date and time where times are compared; `date`: only a date; `duration`: `7d`; `days`: a whole number. */
type OperandKind = "none" | "value" | "values" | "range" | "day" | "date" | "duration" | "days";

export type Operator = {
  readonly types: readonly ValueType[];
  readonly operand: OperandKind;
  /** The complement of another. */
  readonly not?: string;
  readonly words: string;
};

const ANY: readonly ValueType[] = ["text", "number", "boolean", "date", "timestamp"];
const INSTANT: readonly ValueType[] = ["date", "timestamp"];

export const OPERATORS: Readonly<Record<string, Operator>> = {
  equals: { types: ["text", "number", "boolean", "date"], operand: "value", words: "is" },
  "not-equals": { types: ["text", "number", "boolean", "date"], operand: "value", not: "equals", words: "is not" },
  in: { types: ["text", "number"], operand: "values", words: "is one of" },
  "not-in": { types: ["text", "number"], operand: "values", not: "in", words: "is none of" },
  contains: { types: ["text"], operand: "value", words: "contains" },
  "not-contains": { types: ["text"], operand: "value", not: "contains", words: "does not contain" },
  "starts-with": { types: ["text"], operand: "value", words: "starts with" },
  "ends-with": { types: ["text"], operand: "value", words: "ends with" },
  greater: { types: ["number"], operand: "value", words: "is greater than" },
  "at-least": { types: ["number"], operand: "value", words: "is at least" },
  less: { types: ["number"], operand: "value", words: "is less than" },
  "at-most": { types: ["number"], operand: "value", words: "is at most" },
  between: { types: ["number", "date", "timestamp"], operand: "range", words: "is between" },
  before: { types: INSTANT, operand: "day", words: "is before" },
  after: { types: INSTANT, operand: "day", words: "is after" },
  on: { types: INSTANT, operand: "date", words: "is on" },
  "within-last": { types: INSTANT, operand: "duration", words: "is within the last" },
  "older-than": { types: INSTANT, operand: "duration", words: "is longer ago than" },
  "within-next": { types: INSTANT, operand: "duration", words: "is within the next" },
  anniversary: { types: INSTANT, operand: "days", words: "has its anniversary" },
  exists: { types: ANY, operand: "none", words: "is there" },
  missing: { types: ANY, operand: "none", not: "exists", words: "is empty" },
};

/** What is known of a declared attribute (core/audience); an enumeration is compared as text. */
export type AttributeType = {
  readonly name: string;
  readonly type: ValueType | "enum";
  readonly values?: readonly string[];
};

/**
 * As what the values are read. A declared attribute and a field have their type; of any other attribute the comparison decides:
 * by its word, and where several would do by the JSON type of what it compares with.
 */
export function typeOf(node: Comparison, schema: readonly AttributeType[]): ValueType {
  if ("field" in node) return node.field === "address" || node.field === "domain" ? "text" : "timestamp";
  const declared = schema.find(({ name }) => name === node.attribute)?.type;
  if (declared !== undefined) return declared === "enum" ? "text" : declared;
  if (OPERATORS[node.is]?.operand === "none") return "text";
  const types = OPERATORS[node.is]?.types ?? [];
  const given = jsonTypeOf(node.value);
  if (types.includes(given)) return given;
  return types.includes("timestamp") ? "timestamp" : (types[0] ?? "text");
}

function jsonTypeOf(value: Operand | undefined): ValueType {
  const one = Array.isArray(value) ? (value[0] as unknown) : value;
  return typeof one === "number" ? "number" : typeof one === "boolean" ? "boolean" : "text";
}
