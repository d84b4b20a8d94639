/** Filters of recipients, what a change of attributes sends, what a declaration sends. */
import { expect, test } from "vitest";

import {
  attributeDraftOf,
  attributeOfPointer,
  changeOf,
  declarationOf,
  draftOf,
  emptyAttribute,
  fieldsOfRecipient,
  filterOf,
  isFiltered,
  recipientSearch,
  valuesInRow,
} from "./view-model.ts";

test("an attribute filters once its value is there; another state is none", () => {
  expect(filterOf(recipientSearch({ attribute: "city" })).attribute).toBeUndefined();
  expect(filterOf(recipientSearch({ attribute: "city", value: "Rome", state: "denylisted" }))).toMatchObject({
    attribute: "city=Rome",
    denylisted: "true",
    quarantined: undefined,
  });
  expect(isFiltered(recipientSearch({ state: "happy" }))).toBe(false);
});

test("only what was changed is sent, and what was emptied erases", () => {
  const before = draftOf({ address: "a@x.example", attributes: { city: "Rome", points: 7, vip: true } });
  expect(before.values).toEqual({ city: "Rome", points: "7", vip: "true" });
  expect(changeOf(before, before)).toEqual({});
  const after = { address: " b@x.example ", values: { ...before.values, city: "", points: "8", colour: "red" } };
  expect(changeOf(before, after)).toEqual({
    address: "b@x.example",
    attributes: { city: null, points: "8", colour: "red" },
  });
});

test("declared attributes come first, others by name", () => {
  const declared = attributeOf("points");
  const fields = fieldsOfRecipient({ zoo: 1, alpha: 2, points: 3 }, [declared]);
  expect(fields.map(({ name, attribute }) => [name, attribute?.type ?? null])).toEqual([
    ["points", "number"],
    ["alpha", null],
    ["zoo", null],
  ]);
});

const attributeOf = (name: string) => ({
  name,
  type: "number" as const,
  label: "Points",
  indexed: true,
  index: "ready" as const,
  version: 1,
});

test("a declaration says what belongs to its type, and nothing else", () => {
  const draft = { ...attributeDraftOf(attributeOf("points")), decimal: "comma" as const, dates: "dmy" as const };
  expect(declarationOf(draft)).toEqual({ type: "number", label: "Points", indexed: true, decimal: "comma" });
  const list = { ...emptyAttribute("size", "enum"), values: " S \r\n\nM\n" };
  expect(declarationOf(list)).toEqual({ type: "enum", label: "", indexed: false, values: ["S", "M"] });
});

test("refusals find their attribute, whatever it is called", () => {
  expect(attributeOfPointer(["attributes", "first~1na~0me"])).toBe("first/na~me");
  expect(attributeOfPointer(["address"])).toBeNull();
});

test("a row shows a few values that are there", () => {
  expect(valuesInRow({ a: "", b: null, c: "x", d: false })).toBe("c: x · d: false");
});
