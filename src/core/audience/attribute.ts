/**
 * Attributes of recipients: what an operator declared, and how a value of a file or of a program becomes one of the type. What is
 * ambiguous is refused with both readings rather than guessed: a birthday that moves by months is worse than a row that waits.
 */
import { readBoolean } from "./read-boolean.ts";
import { type DateOrder, readDate, readTimestamp } from "./read-date.ts";
import { type DecimalSign, readNumber } from "./read-number.ts";
import type { AttributeValue, ReadValue } from "./read-value.ts";

export const ATTRIBUTE_TYPES = ["text", "number", "boolean", "date", "timestamp", "enum"] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

export type Attribute = {
  readonly name: string;
  readonly type: AttributeType;
  readonly label: string;
  /** Of an enum. */
  readonly values?: readonly string[];
  readonly indexed: boolean;
};

/** How a file writes what can be read in two ways; undefined: ambiguous values are refused. */
export type Notation = { readonly decimal?: DecimalSign | undefined; readonly dates?: DateOrder | undefined };

type Typed = Pick<Attribute, "type" | "values"> & { readonly indexed?: boolean };

const LISTED = 10;
const MAX_TEXT = 1_000_000;
/** A B-tree entry of PostgreSQL holds 2704 bytes at most; a character has up to four. */
export const MAX_INDEXED_TEXT = 500;

/** A value that was written as text. Blanks around it are no part of it, but for text. */
export function parseAttributeText({ type, values, indexed }: Typed, text: string, notation: Notation = {}): ReadValue {
  if (text.includes("\0")) return invalid("has a NUL character");
  // PostgreSQL takes no JSON with half a surrogate pair.
  if (!text.isWellFormed()) return invalid("has half a character");
  if (text.length > MAX_TEXT) return invalid(`is longer than ${MAX_TEXT} characters`);
  if (type === "text" && indexed && text.length > MAX_INDEXED_TEXT) {
    return invalid(`is longer than ${MAX_INDEXED_TEXT} characters, which an indexed attribute cannot be`);
  }
  if (type === "text") return text === "" ? { kind: "blank" } : { kind: "value", value: text };
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "blank" };
  switch (type) {
    case "number":
      return readNumber(trimmed, notation.decimal);
    case "boolean":
      return readBoolean(trimmed);
    case "date":
      return readDate(trimmed, notation.dates);
    case "timestamp":
      return readTimestamp(trimmed, notation.dates);
    case "enum":
      return readEnum(values ?? [], trimmed);
  }
}

/** A value of JSON: as it is where its type fits, and read as text where it is text. */
export function readAttributeValue(attribute: Typed, given: unknown, notation: Notation = {}): ReadValue {
  if (given === null || given === undefined) return { kind: "blank" };
  if (typeof given === "string") return parseAttributeText(attribute, given, notation);
  if (typeof given !== "number" && typeof given !== "boolean")
    return invalid("is neither text, number, true nor false");
  if (typeof given === "number" && !Number.isFinite(given)) return invalid("is too large for a number");
  if (attribute.type === "number" && typeof given === "number") return { kind: "value", value: given };
  if (attribute.type === "boolean" && typeof given === "boolean") return { kind: "value", value: given };
  return parseAttributeText(attribute, String(given), notation);
}

/** Of an attribute that nobody declared: any scalar, as it is. */
export function readUndeclared(given: unknown): ReadValue {
  if (given === null || given === undefined || given === "") return { kind: "blank" };
  if (typeof given === "string") return parseAttributeText({ type: "text" }, given);
  if (typeof given === "boolean" || (typeof given === "number" && Number.isFinite(given))) {
    return { kind: "value", value: given };
  }
  return invalid("is neither text, number, true nor false");
}

/** The spelling of the declared value wins, so that counting by value works. */
function readEnum(values: readonly string[], text: string): ReadValue {
  const found = values.includes(text) ? text : values.find((value) => value.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return { kind: "value", value: found };
  const listed = values.slice(0, LISTED).join(", ");
  return invalid(`is none of ${values.length > LISTED ? `${listed} and ${values.length - LISTED} more` : listed}`);
}

const invalid = (problem: string): ReadValue => ({ kind: "invalid", problem });

/** What most values of a sample could be declared as: the narrowest type that takes all of them. */
export function guessType(samples: readonly AttributeValue[]): AttributeType {
  const takes = (type: AttributeType) =>
    samples.length > 0 &&
    samples.every((value) => {
      // Postal codes and telephone numbers begin with zeros or a plus: as numbers they would lose them.
      if (type === "number" && typeof value === "string" && /^[+0]\d/.test(value)) return false;
      // 0 and 1 are numbers as long as nothing else says yes and no.
      if (type === "boolean" && typeof value !== "boolean" && /^[01]$/.test(String(value))) return false;
      if (type === "date" && String(value).includes(":")) return false;
      return readAttributeValue({ type }, value).kind === "value";
    });
  const narrow = (["boolean", "number", "date", "timestamp"] as const).find(takes);
  return narrow ?? "text";
}
