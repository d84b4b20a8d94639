/** What the mapping of an import sends, and when it may be tried. */
import { expect, test } from "vitest";

import { draftOf, type ImportDraft, isReady, optionsOf, type Target, toDeclare, twiceNamed } from "./mapping.ts";

const look = {
  format: "csv" as const,
  rows: 2,
  address: "Mail",
  columns: ["Mail", "Vorname", "Alter", "intern"].map((name) => ({ name, samples: [], looksLike: "text" as const })),
};
const start = draftOf(look, "people.csv");
const change = (column: string, part: Partial<Target>, draft: ImportDraft = start): ImportDraft => ({
  ...draft,
  targets: draft.targets.map((target) => (target.column === column ? { ...target, ...part } : target)),
});

test("without a change all columns keep their names", () => {
  expect(optionsOf(start, "csv", true)).toEqual({
    mode: "upsert",
    onBlank: "erase",
    dryRun: true,
    format: "csv",
    address: "Mail",
    mapping: {},
    label: "people.csv",
  });
});

test("renamed and left out columns are mapped, the address is not", () => {
  const draft = change("intern", { skip: true }, change("Vorname", { attribute: " first_name " }));
  expect(optionsOf({ ...draft, decimal: "comma" }, "csv", false)).toMatchObject({
    mapping: { Vorname: "first_name", intern: null },
    decimal: "comma",
    dryRun: false,
  });
});

test("it waits for an address, for names, and for one column per attribute", () => {
  expect(isReady(start)).toBe(true);
  expect(isReady({ ...start, address: "" })).toBe(false);
  expect(isReady(change("Alter", { attribute: " " }))).toBe(false);
  const twice = change("Alter", { attribute: "Vorname" });
  expect([...twiceNamed(twice)]).toEqual(["Vorname"]);
  expect(isReady(twice)).toBe(false);
  expect(isReady(change("Alter", { skip: true }, twice))).toBe(true);
  // Whatever the column of addresses is mapped to, it is the address.
  expect(isReady(change("Mail", { attribute: "Vorname" }))).toBe(true);
});

test("declared is what was asked for, is taken, and is not declared yet", () => {
  const draft = change(
    "Alter",
    { attribute: "age", declare: "number" },
    change("intern", { skip: true, declare: "date" }),
  );
  expect(toDeclare(draft, [])).toEqual([{ name: "age", type: "number" }]);
  const age = { name: "age", type: "number" as const, label: "", indexed: false, index: "none" as const, version: 1 };
  expect(toDeclare(draft, [age])).toEqual([]);
});
