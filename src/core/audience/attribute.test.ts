/** Values of files become values of a type, or are refused with the reason; what is ambiguous is never guessed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { guessType, parseAttributeText, readAttributeValue, readUndeclared, type AttributeType } from "./attribute.ts";

const PLANS = ["free", "Gold", "Platinum"];
const read = (type: AttributeType, text: string, notation = {}) => {
  const result = parseAttributeText({ type, values: PLANS }, text, notation);
  return result.kind === "value" ? result.value : result.kind === "blank" ? null : result.problem;
};

describe("numbers", () => {
  test.each<[string, number]>([
    ["12", 12],
    [" -3.50 ", -3.5],
    ["−3", -3],
    ["+4", 4],
    [".5", 0.5],
    ["1e3", 1000],
    ["12,5", 12.5],
    ["1234,567", 1234.567],
    ["0,125", 0.125],
    ["1,234.50", 1234.5],
    ["1.234,50", 1234.5],
    ["1,234,567", 1_234_567],
    ["1.234.567", 1_234_567],
    ["1 234 567,8", 1_234_567.8],
    ["1\u202f234,5", 1234.5],
    ["1'234.50", 1234.5],
    ["1.234", 1.234],
    ["900719925474099", 900_719_925_474_099],
    ["1000000000000000000000", 1e21],
  ])("%j", (text, value) => expect(read("number", text)).toBe(value));

  test.each(["ten", "1,23,4", "1.2.3", "12 34", "0x10", "1e999", "NaN", "Infinity", "1-2", "--1", "1".repeat(100)])(
    "%j is refused",
    (text) => expect(parseAttributeText({ type: "number" }, text).kind).toBe("invalid"),
  );

  test("1,234 is refused with both readings until the file says what its comma means", () => {
    expect(read("number", "1,234")).toContain("1234 or 1.234");
    expect(read("number", "1,234", { decimal: "comma" })).toBe(1.234);
    expect(read("number", "1,234", { decimal: "point" })).toBe(1234);
    expect(read("number", "1.234", { decimal: "comma" })).toBe(1234);
  });

  test("digits that would be lost are refused", () => {
    expect(read("number", "12345678901234567")).toContain("more digits");
  });

  test("what a program writes is read as it was", () => {
    const written = fc.double({ noNaN: true, min: -1e300, max: 1e300 }).map((n) => Number(n.toPrecision(15)) + 0);
    fc.assert(
      fc.property(written, (n) => {
        expect(read("number", String(n))).toBe(n);
      }),
    );
  });
});

describe("yes and no", () => {
  test.each([
    [true, "true Yes Y ON 1 ja Oui sí x"],
    [false, "FALSE no n off 0 Nein non não"],
  ])("%s", (value, words) => {
    for (const word of words.split(" ")) expect(read("boolean", ` ${word} `)).toBe(value);
  });
  test("anything else is refused", () => expect(read("boolean", "maybe")).toContain("neither yes nor no"));
});

describe("dates", () => {
  test.each<[string, string]>([
    ["2024-02-29", "2024-02-29"],
    ["2024/1/5", "2024-01-05"],
    ["20240105", "2024-01-05"],
    ["31.12.2024", "2024-12-31"],
    ["1.2.2024", "2024-02-01"],
    ["31/12/2024", "2024-12-31"],
    ["12/31/2024", "2024-12-31"],
    ["05/05/2024", "2024-05-05"],
    ["2024-01-05 00:00:00", "2024-01-05"],
    ["2024-01-05T23:59:59Z", "2024-01-05"],
  ])("%s", (text, value) => expect(read("date", text)).toBe(value));

  test.each([
    ["2023-02-29", "the day 29"],
    ["31.04.2024", "the day 31"],
    ["2024-13-01", "the month 13"],
    ["00/05/2024", "the day 0"],
    ["0000-01-01", "before 1000"],
    ["1.2.24", "no date"],
    ["tomorrow", "no date"],
    ["2024-01-05 25:99", "a time that is none"],
  ])("%s is refused", (text, problem) => expect(read("date", text)).toContain(problem));

  test("03/04/2024 is refused with both readings until the file says its order", () => {
    expect(read("date", "03/04/2024")).toContain("2024-04-03 or 2024-03-04");
    expect(read("date", "03/04/2024", { dates: "dmy" })).toBe("2024-04-03");
    expect(read("date", "03/04/2024", { dates: "mdy" })).toBe("2024-03-04");
  });

  test("every day of the calendar is itself, as date and as timestamp", () => {
    const days = fc.date({ min: new Date("1000-01-01"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const text = date.toISOString();
        expect(read("timestamp", text)).toBe(text);
        expect(read("date", text.slice(0, 10))).toBe(text.slice(0, 10));
      }),
    );
  });

  test.each<[string, string]>([
    ["2024-01-31", "2024-01-31T00:00:00.000Z"],
    ["2024-01-31 09:30", "2024-01-31T09:30:00.000Z"],
    ["2024-01-31T09:30:15.25+02:00", "2024-01-31T07:30:15.250Z"],
    ["2024-01-01T00:30:00+0100", "2023-12-31T23:30:00.000Z"],
    ["31.01.2024, 9:30 PM", "2024-01-31T21:30:00.000Z"],
    ["2024-01-31 12:05 am UTC", "2024-01-31T00:05:00.000Z"],
    ["2024-01-31T09:30:15,123456789Z", "2024-01-31T09:30:15.123Z"],
  ])("timestamp %s", (text, value) => expect(read("timestamp", text)).toBe(value));

  test.each(["2024-01-31 24:00", "2024-01-31 13:00 pm", "2024-01-31T09:30:00+99:00", "1706693400"])(
    "timestamp %s is refused",
    (text) => expect(parseAttributeText({ type: "timestamp" }, text).kind).toBe("invalid"),
  );
});

describe("enums and text", () => {
  test("the declared spelling wins; others are refused and listed", () => {
    expect([read("enum", " gold "), read("enum", "free")]).toEqual(["Gold", "free"]);
    expect(read("enum", "silver")).toBe("is none of free, Gold, Platinum");
  });
  test("text keeps its blanks", () => expect(read("text", "  a ")).toBe("  a "));
  test("NUL and endless text are refused", () => {
    expect([read("text", "a\0"), read("text", "x".repeat(1_000_001))]).toEqual([
      expect.stringContaining("NUL"),
      expect.stringContaining("longer"),
    ]);
  });
  test.each<AttributeType>(["text", "number", "boolean", "date", "timestamp", "enum"])("nothing is blank: %s", (type) =>
    expect(read(type, "")).toBeNull(),
  );
});

test("values of JSON keep their type where it fits, and are read where it does not", () => {
  const of = (type: AttributeType, given: unknown) => readAttributeValue({ type, values: PLANS }, given);
  expect(of("number", 5)).toEqual({ kind: "value", value: 5 });
  expect(of("number", "5,5")).toEqual({ kind: "value", value: 5.5 });
  expect(of("text", 5)).toEqual({ kind: "value", value: "5" });
  expect(of("boolean", 1)).toEqual({ kind: "value", value: true });
  expect(of("date", null)).toEqual({ kind: "blank" });
  expect(of("number", true).kind).toBe("invalid");
  expect([of("text", {}).kind, of("number", []).kind, of("number", Infinity).kind]).toEqual(Array(3).fill("invalid"));
  expect([readUndeclared(7), readUndeclared(""), readUndeclared({}).kind]).toEqual([
    { kind: "value", value: 7 },
    { kind: "blank" },
    "invalid",
  ]);
});

test("nothing that is typed in makes reading throw, and what was read reads as itself", () => {
  const types = fc.constantFrom<AttributeType>("text", "number", "boolean", "date", "timestamp", "enum");
  const unit = fc.constantFrom(...Array.from("0123456789.,-/: '+eTZapm\u00a0xja"));
  fc.assert(
    fc.property(types, fc.oneof(fc.string(), fc.string({ unit, maxLength: 24 })), (type, text) => {
      const first = parseAttributeText({ type, values: PLANS }, text);
      if (first.kind !== "value") return;
      expect(readAttributeValue({ type, values: PLANS }, first.value)).toEqual(first);
      if (typeof first.value !== "string") expect(read(type, String(first.value))).toBe(first.value);
    }),
    { numRuns: 3000 },
  );
});

test.each<[AttributeType, (string | number | boolean)[]]>([
  ["number", ["1", "2.5", "10"]],
  ["number", ["0", "1"]],
  ["text", ["01067", "10115"]],
  ["text", ["+49301234"]],
  ["boolean", ["yes", "no"]],
  ["boolean", [true]],
  ["date", ["2024-01-01", "31.12.1990"]],
  ["timestamp", ["2024-01-01T10:00:00Z", "2024-01-01 10:00+01:00"]],
  ["text", ["a", "1"]],
  ["text", []],
])("a sample looks like %s: %j", (type, samples) => expect(guessType(samples)).toBe(type));
