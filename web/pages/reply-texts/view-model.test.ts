/** Reply texts: filters, what varies, days; past messages judged again: what is asked, its state, what can be undone. */
import { expect, test } from "vitest";

import type { Requalification } from "../../../src/contract/reply-texts.ts";
import { canUndo, doneShare, requestOf, runWord } from "./requalify-model.ts";
import {
  DAYS_SHOWN,
  isByNobody,
  isFiltered,
  lastDays,
  partsOf,
  textFilter,
  textSearch,
  visible,
} from "./view-model.ts";

test("what waits for a person is shown where the address says nothing", () => {
  expect(textFilter(textSearch({}))).toMatchObject({ state: "to-qualify" });
  expect(textFilter(textSearch({ state: "all" }))).toMatchObject({ state: undefined });
  expect(textFilter(textSearch({ state: "keep", provider: "google", type: "hard", find: "moon" }))).toEqual({
    state: "keep",
    provider: "google",
    type: "hard",
    search: "moon",
  });
  expect(textSearch({ state: "odd", type: "odd", text: "x" })).toEqual({});
  expect(textSearch({ text: 9 })).toEqual({ text: "9" });
  expect(isFiltered(textSearch({ state: "keep" }))).toBe(false);
  expect(isFiltered(textSearch({ find: "moon" }))).toBe(true);
});

test("what varies in a text is told apart", () => {
  expect(partsOf("550 *: ticket #xxx#")).toEqual([
    { text: "550 ", varies: false },
    { text: "*", varies: true },
    { text: ": ticket ", varies: false },
    { text: "#xxx#", varies: true },
  ]);
  expect(partsOf("")).toEqual([]);
});

test("signs that turn or hide what is read are named; letters of any script stay", () => {
  expect(visible("550 \u202Egro.elpmaxe\u202C \u200Bx\u0007 مرحبا 邮箱 é\n")).toBe(
    "550 ‹U+202E›gro.elpmaxe‹U+202C› ‹U+200B›x‹U+0007› مرحبا 邮箱 é\n",
  );
});

test("the last days have a bar each, those without any too", () => {
  const shown = lastDays(
    [
      { day: "2026-01-01", count: 9 },
      { day: "2026-11-20", count: 3 },
    ],
    Date.parse("2026-11-21T00:30:00Z"),
  );
  expect(shown).toHaveLength(DAYS_SHOWN);
  expect(shown.at(-1)).toEqual({ day: "2026-11-21", count: 0 });
  expect(shown.filter(({ count }) => count > 0)).toEqual([{ day: "2026-11-20", count: 3 }]);
});

test.each([
  ["default-unknown", true],
  ["mailbox-full", false],
])("%s decided: nobody's rule is %s", (rule, byNobody) => {
  expect(isByNobody({ rule })).toBe(byNobody);
});

const NOW = Date.parse("2026-11-21T00:00:00Z");

test("what is judged again: one text, one rule, all", () => {
  const since = "2026-11-14T00:00:00.000Z";
  expect(requestOf({ kind: "text", id: "5", text: "x" }, 7, true, NOW)).toEqual({
    path: "/reply-texts/5/actions/requalify",
    body: { since, dryRun: true },
  });
  const path = "/reply-texts/actions/requalify";
  expect(requestOf({ kind: "rule", name: "moon" }, 7, false, NOW)).toEqual({
    path,
    body: { since, dryRun: false, rule: "moon" },
  });
  expect(requestOf({ kind: "all" }, 7, false, NOW)).toEqual({ path, body: { since, dryRun: false } });
});

const run = (over: Partial<Requalification>): Requalification => ({
  id: "1",
  state: "completed",
  dryRun: false,
  textId: null,
  text: null,
  type: null,
  reason: null,
  rule: null,
  since: "2026-11-01T00:00:00Z",
  actor: "admin",
  createdAt: "2026-11-20T00:00:00Z",
  finishedAt: null,
  undoneAt: null,
  undoneBy: null,
  undoUntil: "2026-12-20T00:00:00Z",
  progress: { parts: 8, done: 2 },
  counts: { messages: 0, attempts: 0, deliveries: 0, quarantined: 0, released: 0, kept: 0 },
  error: null,
  ...over,
});

test.each<[Partial<Requalification>, string, boolean]>([
  [{}, "completed", true],
  [{ dryRun: true, undoUntil: null }, "dryRun", false],
  [{ state: "running", undoUntil: null }, "running", true],
  [{ state: "running", dryRun: true, undoUntil: null }, "running", false],
  [{ state: "running", error: "no database" }, "failed", true],
  [{ error: "was away once" }, "completed", true],
  [{ undoUntil: "2026-11-20T00:00:00Z" }, "completed", false],
  [{ state: "undone", undoUntil: null }, "undone", false],
])("%j is %s, can be undone: %s", (over, word, undo) => {
  expect([runWord(run(over)), canUndo(run(over), NOW)]).toEqual([word, undo]);
});

test("how far it is; with nothing to look through it is done", () => {
  expect(doneShare(run({}))).toBe(0.25);
  expect(doneShare(run({ progress: { parts: 0, done: 0 } }))).toBe(1);
});
