/** Which comparisons there are for which type of value, and what each is compared with: as the server has it (a test holds them together). */
import type { DeclaredAttribute, AttributeCoverage } from "../../../src/contract/audience-attributes.ts";
import type { Tree } from "./tree.ts";

export type ValueType = "text" | "number" | "boolean" | "date" | "timestamp";
export type OperandKind = "none" | "value" | "values" | "range" | "day" | "date" | "duration" | "days";
export type Comparison = Extract<Tree, { is: string }>;
type Operand = NonNullable<Comparison["value"]>;

const ANY: readonly ValueType[] = ["text", "number", "boolean", "date", "timestamp"];
const INSTANT: readonly ValueType[] = ["date", "timestamp"];
const NUMBER: readonly ValueType[] = ["number"];
const TEXT: readonly ValueType[] = ["text"];

export const OPERATORS = {
  equals: { types: ["text", "number", "boolean", "date"], operand: "value" },
  "not-equals": { types: ["text", "number", "boolean", "date"], operand: "value" },
  in: { types: ["text", "number"], operand: "values" },
  "not-in": { types: ["text", "number"], operand: "values" },
  contains: { types: TEXT, operand: "value" },
  "not-contains": { types: TEXT, operand: "value" },
  "starts-with": { types: TEXT, operand: "value" },
  "ends-with": { types: TEXT, operand: "value" },
  greater: { types: NUMBER, operand: "value" },
  "at-least": { types: NUMBER, operand: "value" },
  less: { types: NUMBER, operand: "value" },
  "at-most": { types: NUMBER, operand: "value" },
  between: { types: ["number", "date", "timestamp"], operand: "range" },
  before: { types: INSTANT, operand: "day" },
  after: { types: INSTANT, operand: "day" },
  on: { types: INSTANT, operand: "date" },
  "within-last": { types: INSTANT, operand: "duration" },
  "older-than": { types: INSTANT, operand: "duration" },
  "within-next": { types: INSTANT, operand: "duration" },
  anniversary: { types: INSTANT, operand: "days" },
  exists: { types: ANY, operand: "none" },
  missing: { types: ANY, operand: "none" },
} as const satisfies Record<string, { types: readonly ValueType[]; operand: OperandKind }>;
export type Word = keyof typeof OPERATORS;
export const WORDS = Object.keys(OPERATORS) as Word[];

export const isWord = (word: string): word is Word => word in OPERATORS;
export const wordsFor = (type: ValueType): Word[] =>
  WORDS.filter((word) => (OPERATORS[word].types as readonly ValueType[]).includes(type));

export const FIELDS = ["address", "domain", "created", "updated"] as const;
type Field = (typeof FIELDS)[number];

/** What can be compared: fields that everybody has, declared attributes, names that are in use. */
export type Subject = { key: string; label: string; type: ValueType; values?: readonly string[] };

export const keyOf = (node: Comparison): string =>
  "field" in node ? `field ${node.field}` : `attribute ${node.attribute}`;

const valueType = (type: DeclaredAttribute["type"]): ValueType => (type === "enum" ? "text" : type);

export function subjectsOf(
  declared: readonly DeclaredAttribute[],
  coverage: AttributeCoverage["data"],
  fieldWord: (field: Field) => string,
): Subject[] {
  const others = coverage.filter(({ name }) => !declared.some((each) => each.name === name));
  return [
    ...FIELDS.map(
      (field): Subject => ({
        key: `field ${field}`,
        label: fieldWord(field),
        type: field === "address" || field === "domain" ? "text" : "timestamp",
      }),
    ),
    ...declared.map(
      ({ name, label, type, values }): Subject => ({
        key: `attribute ${name}`,
        label: label === "" ? name : label,
        type: valueType(type),
        ...(values === undefined ? {} : { values }),
      }),
    ),
    ...others.map(
      ({ name, looksLike }): Subject => ({
        key: `attribute ${name}`,
        label: name,
        type: valueType(looksLike),
      }),
    ),
  ];
}

/** What an operand begins with; numbers and truths are of their type from the start. */
export function firstOperand(kind: OperandKind, type: ValueType): Operand | undefined {
  const one = type === "number" ? 0 : "";
  switch (kind) {
    case "none":
      return undefined;
    case "value":
      return type === "boolean" ? true : one;
    case "values":
      return [];
    case "range":
      return [one, one];
    case "day":
    case "date":
      return "";
    case "duration":
      return "30d";
    case "days":
      return 0;
  }
}

/** Another subject keeps word and value where its type has the word, too. */
export function withSubject(node: Comparison, subject: Subject, before: ValueType): Comparison {
  const [kind, ...rest] = subject.key.split(" ");
  const name = rest.join(" ");
  const target = kind === "field" ? { field: name as Field } : { attribute: name };
  const keeps = isWord(node.is) && wordsFor(subject.type).includes(node.is) && subject.type === before;
  const word: Word = keeps && isWord(node.is) ? node.is : (wordsFor(subject.type)[0] ?? "exists");
  const value = keeps ? node.value : firstOperand(OPERATORS[word].operand, subject.type);
  return { ...target, is: word, ...(value === undefined ? {} : { value }) } as Comparison;
}

export function withWord(node: Comparison, word: Word, type: ValueType): Comparison {
  const { value: before, ...rest } = node;
  const kind = OPERATORS[word].operand;
  const keeps = before !== undefined && isWord(node.is) && OPERATORS[node.is].operand === kind;
  const value = keeps ? before : firstOperand(kind, type);
  return { ...rest, is: word, ...(value === undefined ? {} : { value }) } as Comparison;
}

/** A typed number is one; what is none yet stays text, and the server says so. */
export const typed = (text: string, type: ValueType): string | number =>
  type === "number" && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
