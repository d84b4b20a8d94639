/** Reads one comparison of a tree: that the word exists, is one for the type of the value, and compares with something of that type. */
import { readDay, readSpan } from "./instants.ts";
import { OPERATORS, typeOf, type Operator, type ValueType } from "./operators.ts";
import { fault, onlyKeys, type Json, type Reader } from "./reader.ts";
import { FIELDS, type Comparison, type Operand } from "./segment.ts";

const MAX_NAME = 200;
const MAX_TEXT = 1000;
const MAX_VALUES = 10_000;
/** More digits are not told apart by a JSON number. */
const MAX_NUMBER = 1e15;

export function readComparison(reader: Reader, node: Json, pointer: string): Comparison | null {
  const subject = "attribute" in node ? "attribute" : "field";
  if (!onlyKeys(reader, node, [subject, "is", "value"], pointer)) return null;
  const name = node[subject];
  if (subject === "field" && !FIELDS.some((field) => field === name)) {
    return fault(reader, `${pointer}/field`, "invalid-value", `One of: ${FIELDS.join(", ")}`);
  }
  if (typeof name !== "string" || name === "" || name.length > MAX_NAME || !isStorable(name)) {
    return fault(
      reader,
      `${pointer}/attribute`,
      "invalid-value",
      `The name of an attribute, at most ${MAX_NAME} characters`,
    );
  }
  const is = node["is"];
  const operator = typeof is === "string" && Object.hasOwn(OPERATORS, is) ? OPERATORS[is] : undefined;
  if (typeof is !== "string" || operator === undefined) {
    return fault(reader, `${pointer}/is`, "invalid-value", `One of: ${Object.keys(OPERATORS).join(", ")}`);
  }
  const value = node["value"];
  const given = { [subject]: name, is, ...(value === undefined ? {} : { value }) } as Comparison;
  const type = typeOf(given, reader.schema);
  if (!operator.types.includes(type)) {
    const fitting = Object.keys(OPERATORS).filter((word) => OPERATORS[word]?.types.includes(type));
    const message = `"${is}" does not compare a ${type}; these do: ${fitting.join(", ")}`;
    return fault(reader, `${pointer}/is`, "invalid-operator", message);
  }
  const wanted = operandProblem(operator, type, value) ?? enumProblem(reader, given, operator);
  return wanted === null ? given : fault(reader, `${pointer}/value`, "invalid-value", wanted);
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** Null: it fits. */
function operandProblem({ operand }: Operator, type: ValueType, value: unknown): string | null {
  switch (operand) {
    case "none":
      return value === undefined ? null : "This word stands without a value";
    case "value":
      return fits(type, value) ? null : `${WANTED[type]} is needed`;
    case "values": {
      const values: unknown[] = Array.isArray(value) ? value : [];
      if (values.length === 0 || values.length > MAX_VALUES) return `A list of 1 to ${MAX_VALUES} values is needed`;
      return values.every((each) => fits(type, each)) ? null : `A list is needed, each of it: ${WANTED[type]}`;
    }
    case "range": {
      const values: unknown[] = Array.isArray(value) ? value : [];
      return values.length === 2 && values.every((each) => fits(type, each)) ? null : `Two are needed: ${WANTED[type]}`;
    }
    case "day":
      return fits(type, value) ? null : `${WANTED[type]} is needed`;
    case "date":
      return fits("date", value) ? null : `${WANTED.date} is needed`;
    case "duration":
      return typeof value === "string" && readSpan(value) !== null && (type !== "date" || value.endsWith("d"))
        ? null
        : `A duration such as ${type === "date" ? "7d" : "36h or 7d"}, at most 36500d`;
    case "days":
      return Number.isInteger(value) && Math.abs(Number(value)) <= 366
        ? null
        : "A number of days from today, -366 to 366";
  }
}

const WANTED: Readonly<Record<ValueType, string>> = {
  text: `a text of 1 to ${MAX_TEXT} characters`,
  number: "a number of at most 15 digits",
  boolean: "true or false",
  date: "a date such as 2026-11-21",
  timestamp: "a date such as 2026-11-21, or a time such as 2026-11-21T09:00:00Z",
};

function fits(type: ValueType, value: unknown): boolean {
  switch (type) {
    case "text":
      return typeof value === "string" && value !== "" && value.length <= MAX_TEXT && isStorable(value);
    case "number":
      return typeof value === "number" && Math.abs(value) <= MAX_NUMBER;
    case "boolean":
      return typeof value === "boolean";
    case "date":
      return typeof value === "string" && readDay(value)?.whole === true;
    case "timestamp":
      return typeof value === "string" && readDay(value) !== null;
  }
}

/** A value that an enumeration does not have is a misspelt one. */
function enumProblem(reader: Reader, node: Comparison, { operand }: Operator): string | null {
  if ("field" in node || node.is === "contains" || node.is === "not-contains" || node.is.endsWith("-with")) return null;
  const declared = reader.schema.find(({ name }) => name === node.attribute);
  if (declared?.type !== "enum" || declared.values === undefined || operand === "none") return null;
  const given: readonly (Operand | undefined)[] = Array.isArray(node.value) ? node.value : [node.value as Operand];
  const strange = given.find((each) => !declared.values?.includes(String(each)));
  return strange === undefined ? null : `"${String(strange)}" is none of the values of ${declared.name}`;
}
