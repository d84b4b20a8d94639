import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatCurrency, formatNumber, formatPercent } from "./format-number.ts";

/** No-break blanks are written `_` here. */
function shown(text: string | null): string | null {
  return text === null ? null : text.replace(/[\u00a0\u202f]/g, "_");
}

describe("numbers of a language", () => {
  it.each([
    [1234567.5, "en", "1,234,567.5"],
    [1234567.5, "fr", "1_234_567,5"],
    [1234567.5, "de-CH", "1.234.567,5"],
    [1234, "de", "1.234"],
    [1234, "es", "1234"],
    [12345, "es_ES", "12.345"],
    [999, "en", "999"],
    ["-1234.50", "nl", "-1.234,5"],
    [" +7 ", "en", "7"],
    ["007", "en", "7"],
    [0.0005, "en", "0.001"],
    [0.0004, "en", "0"],
    [-0.0004, "en", "0"],
    ["999.9995", "en", "1,000"],
    ["12345678901234567890.10", "en", "12,345,678,901,234,567,890.1"],
    [1e21, "en", "1,000,000,000,000,000,000,000"],
    [1e-7, "en", "0"],
    [12, "xx", "12"],
    ["1,234", "en", null],
    ["", "en", null],
    ["1e5", "en", null],
    [Number.NaN, "en", null],
    [Number.POSITIVE_INFINITY, "en", null],
    [null, "en", null],
    [true, "en", null],
  ])("%j in %s is %s", (value, tag, expected) => {
    expect(shown(formatNumber(value, tag, null))).toBe(expected);
  });

  it.each([
    [1.005, 2, "1.01"],
    [1.5, 0, "2"],
    [-1.5, 0, "-2"],
    [3, 2, "3.00"],
    ["0.1", 20, "0.10000000000000000000"],
  ])("%j with %i decimals is %s", (value, decimals, expected) => {
    expect(formatNumber(value, "en", decimals)).toBe(expected);
  });

  it.each([
    [-1234.5, "EUR", "en", "-€1,234.50"],
    [-1234.5, "EUR", "fr", "-1_234,50_€"],
    [-1234.5, "EUR", "es", "-1234,50_€"],
    [-1234.5, "EUR", "de", "-1.234,50_€"],
    [-1234.5, "EUR", "it", "-1234,50_€"],
    [-1234.5, "EUR", "pt", "-€_1.234,50"],
    [-1234.5, "EUR", "nl", "€_-1.234,50"],
    ["19.9", "USD", "en", "$19.90"],
    ["19.9", "USD", "fr", "19,90_$US"],
    ["19.9", "USD", "es", "19,90_US$"],
    ["19.9", "CHF", "de", "19,90_CHF"],
    ["19.9", "CHF", "en", "CHF_19.90"],
    ["1999.5", "JPY", "en", "¥2,000"],
    ["1.5", "KWD", "en", "KWD_1.500"],
    [0, "GBP", "de", "0,00_£"],
    ["n/a", "EUR", "de", null],
  ])("%j %s in %s is %s", (value, code, tag, expected) => {
    const made = shown(formatCurrency(value, code, tag));
    expect(made).toBe(expected === null ? null : expected.replace(/^CHF_|^KWD_/, (sign) => sign.slice(0, 3)));
  });

  it.each([
    [12.5, "en", null, "12.5%"],
    [12.5, "fr", null, "12,5_%"],
    ["12.5", "de", 0, "13_%"],
    [-0.25, "it", 1, "-0,3%"],
  ])("%j percent in %s is %s", (value, tag, decimals, expected) => {
    expect(shown(formatPercent(value, tag, decimals))).toBe(expected);
  });

  it("keeps every digit of an amount", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 99 }), (whole, cents) => {
        const text = `${whole}.${String(cents).padStart(2, "0")}`;
        expect(formatNumber(text, "de", 2)?.replaceAll(".", "").replace(",", ".")).toBe(text);
      }),
    );
  });
});
