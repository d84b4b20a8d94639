/** The tree as the builder changes it, and its comparisons held against the server's. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { OPERATORS as CORE } from "../../../src/core/segment/operators.ts";
import { readSegment } from "../../../src/core/segment/read-segment.ts";
import { FIELDS as CORE_FIELDS } from "../../../src/core/segment/segment.ts";
import {
  FIELDS,
  firstOperand,
  OPERATORS,
  subjectsOf,
  typed,
  withSubject,
  withWord,
  WORDS,
  wordsFor,
} from "./comparing.ts";
import { asGroup, blank, KINDS, messagesAt, negate, opened, pointerOf, readJson, replaced, type Tree } from "./tree.ts";

test("comparisons are those of the server", () => {
  const theirs = Object.entries(CORE).map(([word, { types, operand }]) => [word, { types, operand }]);
  expect(OPERATORS).toEqual(Object.fromEntries(theirs));
  expect(FIELDS).toEqual(CORE_FIELDS);
});

const city: Tree = { attribute: "city", is: "equals", value: "Rome" };
const tree: Tree = { and: [city, { not: { or: [{ list: "1" }, { list: "2" }] } }] };

test("a node is replaced and taken out at its place, also inside of not", () => {
  expect(replaced(tree, ["and", 1, "not", "or", 0], { list: "9" })).toEqual({
    and: [city, { not: { or: [{ list: "9" }, { list: "2" }] } }],
  });
  expect(replaced(tree, ["and", 0], null)).toEqual({ and: [{ not: { or: [{ list: "1" }, { list: "2" }] } }] });
  expect(replaced(tree, [], null)).toEqual({ and: [] });
  expect(replaced(tree, ["or", 0], city)).toBe(tree);
});

test("what is replaced by itself stays the same, wherever", () => {
  const leaf = fc.constantFrom<Tree>(city, { list: "1" }, { segment: "2" });
  const { node } = fc.letrec<{ node: Tree; group: Tree; not: Tree }>((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, leaf, tie("group"), tie("not")),
    group: fc.array(tie("node"), { maxLength: 3 }).map((and) => ({ and })),
    not: tie("node").map((not) => ({ not })),
  }));
  fc.assert(
    fc.property(node, (given) => {
      const walk = (each: Tree, path: (string | number)[]): void => {
        expect(replaced(given, path, each)).toEqual(given);
        if ("not" in each) walk(each.not, [...path, "not"]);
        if ("and" in each) each.and.forEach((child, index) => walk(child, [...path, "and", index]));
      };
      walk(given, []);
    }),
  );
});

test("not is a mark that comes and goes", () => {
  expect(opened(negate(city), ["and", 0])).toEqual({ negated: true, inner: city, path: ["and", 0, "not"] });
  expect(negate(negate(city))).toBe(city);
  expect(asGroup(city)).toEqual({ and: [city] });
  expect(asGroup({ not: { or: [] } })).toEqual({ not: { or: [] } });
});

test("messages stand at their condition, and not at every group around it", () => {
  const errors = [{ pointer: "/tree/and/0/value", message: "a text" }];
  expect(pointerOf(["and", 0])).toBe("/tree/and/0");
  expect(messagesAt(errors, ["and", 0], false)).toEqual(["a text"]);
  expect(messagesAt(errors, [], true)).toEqual([]);
});

test("what was just added has a shape that the server knows", () => {
  for (const kind of KINDS) {
    const read = readSegment(blank(kind), []);
    const codes = read.kind === "problems" ? read.problems.map(({ code }) => code) : [];
    expect([kind, codes.includes("invalid-condition")]).toEqual([kind, false]);
  }
});

test("another word keeps a value that it can use, another type begins anew", () => {
  const points = { attribute: "points", is: "at-least", value: 100 };
  expect(withWord(points, "less", "number")).toEqual({ attribute: "points", is: "less", value: 100 });
  expect(withWord(points, "missing", "number")).toEqual({ attribute: "points", is: "missing" });
  expect(withWord(points, "between", "number").value).toEqual([0, 0]);
  const [address, , created] = subjectsOf([], [], (field) => field);
  if (address === undefined || created === undefined) throw new Error("no fields");
  expect(withSubject(points, address, "number")).toEqual({ field: "address", is: "equals", value: "" });
  expect(withSubject(points, created, "number")).toMatchObject({ field: "created", is: "between" });
});

test("each type has words, and each word an operand to begin with", () => {
  for (const type of ["text", "number", "boolean", "date", "timestamp"] as const) {
    expect(wordsFor(type)).toContain("exists");
  }
  for (const word of WORDS) {
    expect([word, firstOperand(OPERATORS[word].operand, "text") === undefined]).toEqual([
      word,
      OPERATORS[word].operand === "none",
    ]);
  }
});

test("numbers are numbers, and what is none yet stays as typed", () => {
  expect([typed("12.5", "number"), typed("-", "number"), typed("12", "text"), typed("", "number")]).toEqual([
    12.5,
    "-",
    "12",
    "",
  ]);
});

test("only a JSON object is a tree", () => {
  expect(readJson('{"and":[]}')).toEqual({ tree: { and: [] } });
  for (const text of ["", "[]", "null", "{"]) expect(readJson(text)).toHaveProperty("problem");
});
