/** When the list of imports asks again, and which counts may be shown. */
import { expect, test } from "vitest";

import type { ImportStatus } from "../../../src/contract/index.ts";
import { isCounted, refreshEvery } from "./view-model.ts";

const row = (status: ImportStatus["status"]): ImportStatus => ({
  id: "1",
  status,
  fileName: "a.csv",
  listId: null,
  counts: { total: 0, created: 0, updated: 0, skipped: 0, failed: 0 },
  error: null,
  errorsUrl: "/api/v1/imports/1/errors",
  mode: "upsert",
  dryRun: false,
  undo: { until: null, state: "none", at: null, by: null, restored: 0, removed: 0, kept: 0 },
});

test("asks again while one is being read", () => {
  expect(refreshEvery([row("completed"), row("failed")])).toBe(false);
  expect(refreshEvery([row("completed"), row("running")])).toBe(1000);
});

test("only a completed import has counts", () => {
  expect(isCounted(row("completed"))).toBe(true);
  expect(isCounted(row("running"))).toBe(false);
  expect(isCounted(row("failed"))).toBe(false);
});
