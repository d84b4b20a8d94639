/** The page of the archive without a DOM. */
import fc from "fast-check";
import { expect, test } from "vitest";

import type { Archive, ArchiveAlert, ArchiveLedger, Copy } from "../../../src/contract/index.ts";
import { totalOf } from "../../parts/bar-parts.ts";
import {
  archiveRows,
  changesOf,
  copyParts,
  copySearch,
  debtOf,
  isFiltered,
  retryOf,
  rowState,
  timeOf,
} from "./view-model.ts";

const ledgerRow = (id: string, name: string): ArchiveLedger["byArchive"][number] => ({
  id,
  name,
  kind: "smtp",
  enabled: true,
  due: 5,
  archived: 3,
  owed: 1,
  givenUp: 1,
  lastReply: "250 OK",
  lastReplyAt: "2026-01-01T00:00:00Z",
  failing: false,
});

const ledger: ArchiveLedger = {
  due: 10,
  archived: 6,
  owed: 2,
  givenUp: 2,
  oldestDebtAt: null,
  ratePerMinute: null,
  debtLimit: 100,
  byArchive: [ledgerRow("1", "Zurich"), ledgerRow("2", "Amiens")],
  alerts: [],
};

const archive = (id: string, name: string): Archive => ({
  id,
  name,
  enabled: true,
  rule: { senderDomains: [], natures: [], onlyNamed: false },
  target: { kind: "files", zip: false, zipBatch: 10_000 },
  hasSecret: false,
  version: 1,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
});

test("the parts add up to what is due", () => {
  const figures = fc.record({ archived: fc.nat(5_000_000), owed: fc.nat(5_000_000), givenUp: fc.nat(5_000_000) });
  fc.assert(
    fc.property(figures, (each) => {
      const due = each.archived + each.owed + each.givenUp;
      return totalOf(copyParts({ ...each, due })) === due;
    }),
  );
});

test.each([
  [0, 0, "waiting"],
  [49, 49, "waiting"],
  [50, 50, "retry"],
  [100, 100, "failed"],
  [250, 100, "failed"],
] as const)("%i owed of 100 allowed fill %i percent: %s", (owed, percent, tone) => {
  expect(debtOf({ owed, debtLimit: 100 })).toEqual({ percent, tone });
});

test("archives without a copy are listed; those that only the ledger knows come last", () => {
  const rows = archiveRows(ledger, [archive("2", "Amiens"), archive("3", "Brest")]);
  expect(rows.map(({ name, due, removed }) => [name, due, removed])).toEqual([
    ["Amiens", 5, false],
    ["Brest", 0, false],
    ["Zurich", 5, true],
  ]);
});

test("before the archives are read none is called removed", () => {
  expect(archiveRows(ledger, undefined).map(({ removed }) => removed)).toEqual([false, false]);
});

test("the state of a row: what explains most comes first", () => {
  const row = { ...ledgerRow("1", "a"), removed: false };
  expect(rowState(row)).toBe("working");
  expect(rowState({ ...row, failing: true })).toBe("failing");
  expect(rowState({ ...row, failing: true, enabled: false })).toBe("off");
  expect(rowState({ ...row, enabled: false, removed: true })).toBe("removed");
  expect(rowState({ ...row, lastReplyAt: null })).toBe("no-reply");
});

test("filters of the address; other words are no filters", () => {
  expect(copySearch({ state: "owed", archive: 3, delivery: "12" })).toEqual({
    state: "owed",
    archive: "3",
    delivery: "12",
  });
  expect(isFiltered(copySearch({ state: "lost", archive: {} }))).toBe(false);
  expect(isFiltered(copySearch({ delivery: "1" }))).toBe(true);
});

test("what was given up is tried again by its messages, or by its delivery when there are more than the alert names", () => {
  const alert: ArchiveAlert = {
    id: "1",
    kind: "given-up",
    archiveId: "1",
    deliveryId: "8",
    at: "2026-01-01T00:00:00Z",
    message: "",
    keys: ["4-1", "4-2"],
    count: 2,
  };
  expect(retryOf(alert)).toEqual({ keys: ["4-1", "4-2"] });
  expect(retryOf({ ...alert, count: 300 })).toEqual({ delivery: "8" });
  expect(retryOf({ ...alert, count: 300, deliveryId: null })).toBeNull();
  expect(retryOf({ ...alert, keys: [], count: 0, deliveryId: null })).toBeNull();
  expect(retryOf({ ...alert, kind: "failing" })).toBeNull();
});

test("the time of a copy is what one waits for", () => {
  const copy = { dueSince: "a", nextAttemptAt: null, archivedAt: null } as Copy;
  expect(timeOf(copy)).toBe("a");
  expect(timeOf({ ...copy, nextAttemptAt: "b" })).toBe("b");
  expect(timeOf({ ...copy, nextAttemptAt: "b", archivedAt: "c" })).toBe("c");
});

test("changes of the audit are texts, whatever the values are", () => {
  const changes = [
    { field: "target.address", from: null, to: "a@b.example" },
    { field: "rule.natures", from: [], to: ["service"] },
    { field: "enabled", from: true, to: false },
  ];
  expect(changesOf({ changes })).toEqual([
    { field: "target.address", from: "–", to: "a@b.example" },
    { field: "rule.natures", from: "[]", to: '["service"]' },
    { field: "enabled", from: "true", to: "false" },
  ]);
  expect(changesOf({ changes: 7 })).toEqual([]);
  expect(changesOf({})).toEqual([]);
});
