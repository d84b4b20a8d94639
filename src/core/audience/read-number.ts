/**
 * Numbers as spreadsheets of different countries write them: 1234.5 · 1,234.50 · 1.234,50 · 1 234,5 · 1'234.50. A single sign with
 * three digits behind it says two things (1,234 is 1234 or 1.234): a comma there is refused unless the file says what it means; a
 * point is a decimal point, as programs write it.
 */
import type { ReadValue } from "./read-value.ts";

export type DecimalSign = "point" | "comma";

const PLAIN = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/;
const GROUPED_BY_BLANK = /^[+-]?\d{1,3}([ \u00a0\u202f'’]\d{3})+([.,]\d+)?$/;
const MAX_LENGTH = 60;
/** What a double keeps of any decimal number. */
const MAX_DIGITS = 15;

export function readNumber(text: string, decimal?: DecimalSign): ReadValue {
  if (text.length > MAX_LENGTH) return invalid("is too long for a number");
  const usual = text.replace(/^\u2212/, "-");
  const plain = GROUPED_BY_BLANK.test(usual) ? usual.replace(/[ \u00a0\u202f'’]/g, "") : usual;
  const written = toPoint(plain, decimal);
  if (written === null) {
    const thousands = plain.replace(",", "");
    return invalid(`can be ${thousands} or ${plain.replace(",", ".")}: say which sign is the decimal one`);
  }
  if (!PLAIN.test(written)) return invalid("is no number");
  const digits = written
    .replace(/[eE].*$/, "")
    .replace(/\D/g, "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");
  // Minus zero is zero, and JSON knows no other.
  const value = Number(written) + 0;
  if (!Number.isFinite(value)) return invalid("is too large for a number");
  if (digits.length > MAX_DIGITS) return invalid("has more digits than a number keeps; declare the attribute as text");
  return { kind: "value", value };
}

/** With a decimal point and no groups; what is no number stays as it is. Null: ambiguous. */
function toPoint(text: string, decimal: DecimalSign | undefined): string | null {
  if (decimal === "point") return withoutGroups(text, ",");
  if (decimal === "comma") return withoutGroups(text, ".").replace(",", ".");
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma < 0) return text.indexOf(".") < point ? withoutGroups(text, ".") : text;
  if (point >= 0) return comma > point ? withoutGroups(text, ".").replace(",", ".") : withoutGroups(text, ",");
  if (text.indexOf(",") < comma) return withoutGroups(text, ",");
  // 0,125 and 1234,567 have no group before the sign.
  return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text) ? null : text.replace(",", ".");
}

/** Only where the groups are groups of three: otherwise the sign stays, and the text is no number. */
function withoutGroups(text: string, sign: "," | "."): string {
  const grouped = sign === "," ? /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/ : /^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$/;
  return grouped.test(text) ? text.replaceAll(sign, "") : text;
}

const invalid = (problem: string): ReadValue => ({ kind: "invalid", problem });
