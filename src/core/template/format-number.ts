/**
 * Numbers as people of a language write them. Works on decimal digits, not on floating point: an amount of any length stays
 * exact, and a half is rounded away from zero. What is no number stays as it is.
 */
import { currencyDecimals, currencySign, type Locale, localeOf } from "./locales.ts";

type Decimal = { readonly negative: boolean; readonly whole: string; readonly fraction: string };

const DECIMAL = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?$/;
/** Decimals of a number that says no number of them. */
const MOST_DECIMALS = 3;
export const MAX_DECIMALS = 20;

/** Reads a number, or text such as `-1234.50`; null for anything else. */
function readDecimal(value: unknown): Decimal | null {
  const match = DECIMAL.exec(
    typeof value === "number" ? digitsOf(value) : typeof value === "string" ? value.trim() : "",
  );
  if (match === null) return null;
  const [, sign, whole = "0", fraction = ""] = match;
  return { negative: sign === "-", whole: whole.replace(/^0+(?=\d)/, ""), fraction };
}

/** Without an exponent. */
function digitsOf(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return text;
  return Math.abs(value) < 1 ? value.toFixed(MAX_DECIMALS) : String(BigInt(Math.round(value)));
}

/** To `least` decimals at least and `most` at most. */
function round(number: Decimal, least: number, most: number): Decimal {
  const kept = number.fraction.slice(0, most);
  let digits = number.whole + kept;
  if (number.fraction.charAt(most) >= "5") {
    digits = String(BigInt(digits) + 1n).padStart(digits.length, "0");
  }
  const whole = digits.slice(0, digits.length - kept.length);
  let fraction = digits.slice(digits.length - kept.length);
  while (fraction.length > least && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  const zero = /^0*$/.test(whole + fraction);
  return { negative: number.negative && !zero, whole, fraction: fraction.padEnd(least, "0") };
}

function digits(number: Decimal, locale: Locale): string {
  const { whole, fraction } = number;
  const grouped =
    whole.length < (locale.groupFromFive ? 5 : 4)
      ? whole
      : whole.replace(/\d(?=(?:\d{3})+$)/g, (digit) => digit + locale.group);
  return fraction === "" ? grouped : grouped + locale.decimal + fraction;
}

function fill(pattern: string, number: Decimal, locale: Locale, sign: string): string {
  return pattern.replace(/[-#¤]/g, (place) => {
    if (place === "-") return number.negative ? "-" : "";
    return place === "#" ? digits(number, locale) : sign;
  });
}

/** Null when the value is no number. `decimals`: exactly so many; null: those it has, three at most. */
export function formatNumber(value: unknown, tag: string, decimals: number | null): string | null {
  return formatBy("-#", value, tag, decimals);
}

/** 12.5 is 12.5 %. */
export function formatPercent(value: unknown, tag: string, decimals: number | null): string | null {
  return formatBy(localeOf(tag).percent, value, tag, decimals);
}

function formatBy(pattern: string, value: unknown, tag: string, decimals: number | null): string | null {
  const number = readDecimal(value);
  if (number === null) return null;
  return fill(pattern, round(number, decimals ?? 0, decimals ?? MOST_DECIMALS), localeOf(tag), "");
}

/** `code` is of ISO 4217 in capitals. */
export function formatCurrency(value: unknown, code: string, tag: string): string | null {
  const number = readDecimal(value);
  if (number === null) return null;
  const locale = localeOf(tag);
  const decimals = currencyDecimals(code);
  return fill(locale.currency, round(number, decimals, decimals), locale, currencySign(locale, code));
}
