/** The files in test/fixtures/csv and their expected rows; line numbers; what is wrong is reported and costs no other row. */
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { CsvParser, type CsvRow } from "./csv-parser.ts";
import type { Delimiter } from "./sniff-delimiter.ts";

type Limits = ConstructorParameters<typeof CsvParser>[2];

function read(text: string, pieceSize = Infinity, delimiter: Delimiter = ",", limits?: Limits): CsvRow[] {
  const parser = limits ? new CsvParser(delimiter, 1, limits) : new CsvParser(delimiter);
  const rows: CsvRow[] = [];
  for (let i = 0; i < text.length; i += pieceSize) rows.push(...parser.push(text.slice(i, i + pieceSize)));
  return [...rows, ...parser.end()];
}

function fields(text: string, delimiter: Delimiter = ","): (readonly string[])[] {
  return read(text, Infinity, delimiter).map((row) => (row.kind === "row" ? row.fields : [row.kind]));
}

describe("sample files", () => {
  const dir = new URL("../../../test/fixtures/csv/", import.meta.url);
  const names = readdirSync(dir).flatMap((file) => (file.endsWith(".csv") ? [file.slice(0, -4)] : []));
  test.each(names)("%s", (name) => {
    const [header, ...rows] = fields(readFileSync(new URL(`${name}.csv`, dir), "utf8"));
    const expected: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, dir), "utf8"));
    const objects = rows.map((row) => Object.fromEntries(row.map((value, i) => [header?.[i], value])));
    expect(objects).toEqual([expected].flat());
  });
});

describe("rows", () => {
  test.each<[string, string, string[][]]>([
    [
      "CR, LF and CRLF in one file",
      "a,b\r1,2\n3,4\r\n5,6",
      [
        ["a", "b"],
        ["1", "2"],
        ["3", "4"],
        ["5", "6"],
      ],
    ],
    ["empty lines", "\n\na\r\n\r\nb\n\n", [["a"], ["b"]]],
    ["a line of an empty quoted value is a row", 'a\n""\nb', [["a"], [""], ["b"]]],
    [
      "trailing delimiter",
      "a,b,\n1,2,",
      [
        ["a", "b", ""],
        ["1", "2", ""],
      ],
    ],
    ["ragged rows", "a,b\n1\n1,2,3", [["a", "b"], ["1"], ["1", "2", "3"]]],
    ["quotes inside unquoted values", `37°36'37.8"N,"x",6" pipe`, [[`37°36'37.8"N`, "x", '6" pipe']]],
    [
      "blanks behind a closing quote",
      '"a" ,"b"\t\n1,2',
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ["a blank before a quote makes it text", 'a, "b"', [["a", ' "b"']]],
    ["quoted delimiter, quotes, line ends", '"a,""b""\r\nc",d', [['a,"b"\r\nc', "d"]]],
    ["nothing", "", []],
    ["only a delimiter", ",", [["", ""]]],
    ["delimiter at the very end of a quoted row", '"a",', [["a", ""]]],
  ])("%s", (_, text, expected) => {
    expect(fields(text)).toEqual(expected);
  });

  test("other delimiters", () => {
    expect(fields('a;b\n1,0;"2;0"', ";")).toEqual([
      ["a", "b"],
      ["1,0", "2;0"],
    ]);
    expect(fields('a\tb\n1\t"2\t0"\t', "\t")).toEqual([
      ["a", "b"],
      ["1", "2\t0", ""],
    ]);
  });

  test("physical line numbers", () => {
    const rows = read('a\n"b\r\nb\rb"\r\rc\r\n\nd');
    expect(rows.map((row) => row.line)).toEqual([1, 2, 6, 8]);
  });
});

describe("what is wrong", () => {
  test("a quote that is never closed costs its own line only", () => {
    const rows = read('email,name\na@x.example,"Ann\nb@x.example,Bob\nc@x.example,"Cyd"\n');
    expect(rows).toEqual([
      { kind: "row", line: 1, fields: ["email", "name"] },
      { kind: "malformed", line: 2, column: 2, detail: "has text after its closing quote", text: 'a@x.example,"Ann' },
      { kind: "row", line: 3, fields: ["b@x.example", "Bob"] },
      { kind: "row", line: 4, fields: ["c@x.example", "Cyd"] },
    ]);
  });

  test("also at the end of the file", () => {
    const rows = read('a,"b\nc,d');
    expect(rows).toMatchObject([
      { kind: "malformed", line: 1, column: 2, detail: "opens a quote that is never closed" },
      { kind: "row", line: 2, fields: ["c", "d"] },
    ]);
  });

  test("text after a closing quote", () => {
    expect(read('1,"a"b,2\n3,4')).toMatchObject([
      { kind: "malformed", line: 1, column: 2 },
      { kind: "row", line: 2, fields: ["3", "4"] },
    ]);
  });

  const limits = { field: 10, row: 30 };
  test.each<[string, string, object[]]>([
    ["long value", "a,b\n1,12345678901\n2,3", [{ kind: "row" }, { kind: "hopeless", line: 2, column: 2 }]],
    ["long quoted value", '"12345678901",1\n2,3', [{ kind: "hopeless", line: 1, column: 1 }]],
    ["value of exactly the limit", '1234567890,"23456789"', [{ kind: "row" }]],
    ["long line that does not end", "1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6", [{ kind: "hopeless", line: 1 }]],
    [
      "quote not closed within the limit",
      '1,"2\n3,4\n5,6\n7,8\n9,0',
      [{ kind: "malformed", line: 1, column: 2 }, ...[2, 3, 4, 5].map((line) => ({ kind: "row", line }))],
    ],
  ])("limits: %s", (_, text, expected) => {
    expect(read(text, 8, ",", limits)).toMatchObject(expected);
  });

  test("one line of 100 MB ends early", () => {
    const parser = new CsvParser(",");
    const piece = "x".repeat(1 << 18);
    let pieces = 0;
    let rows: CsvRow[] = [];
    for (; pieces < 400 && rows.length === 0; pieces++) rows = parser.push(piece);
    expect(rows).toMatchObject([{ kind: "hopeless", line: 1 }]);
    expect(pieces).toBeLessThan(40);
    expect(parser.push("\na\n")).toEqual([]);
  });

  test("lines that each open a quote anew do not take quadratic time", () => {
    const rows = read(`${'a","\n'.repeat(400_000)}`, 1 << 18);
    expect(rows.at(-1)).toMatchObject({ kind: "hopeless" });
  }, 20_000);
});

describe("properties", () => {
  const value = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", ";", "é", "𝒳") });
  const table = fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  const written = (rows: string[][], eol: string) =>
    rows.map((row) => row.map((v) => `"${v.replaceAll('"', '""')}"`).join(",")).join(eol);

  test("what was written is read, whatever the pieces", () => {
    fc.assert(
      fc.property(table, fc.constantFrom("\n", "\r\n", "\r"), fc.integer({ min: 1, max: 9 }), (rows, eol, size) => {
        expect(read(written(rows, eol), size).map((row) => row.kind === "row" && row.fields)).toEqual(rows);
      }),
    );
  });

  test("pieces make no difference and nothing throws, whatever the text", () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 5 }), (text, size) => {
        expect(read(text, size)).toEqual(read(text));
      }),
      { numRuns: 2000 },
    );
  });

  test("every unfinished quote costs only its own line", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 12 }), (broken) => {
        const rows = read(broken.map((bad, i) => (bad ? `${i},"x` : `${i},x`)).join("\n"));
        // Two unfinished ones in a row may close each other's quote; then a line is reported, never lost.
        expect(rows.map((row) => row.line)).toEqual(broken.map((_, i) => i + 1));
        rows.forEach((row, i) => expect(row.kind).toBe(broken[i] ? "malformed" : "row"));
      }),
    );
  });

  test("agrees with csv-parse on well-formed text", () => {
    fc.assert(
      fc.property(table, (rows) => {
        const text = written(rows, "\n");
        const theirs = parse(text, { relax_column_count: true });
        expect(read(text).map((row) => row.kind === "row" && row.fields)).toEqual(theirs);
      }),
    );
  });
});
