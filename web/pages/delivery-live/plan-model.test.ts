/** The plan beside what became of it. */
import { expect, test } from "vitest";

import type { Plan, PlanRow } from "../../../src/contract/shaping.ts";
import { isPlannable, plannedRows } from "./plan-model.ts";

const row = (provider: string, endAt: string | null, messages = 10): PlanRow => ({
  provider,
  messages,
  startAt: "2026-01-01T00:00:00Z",
  endAt,
  messagesPerHour: 100,
  constraint: "rate",
  why: "",
  late: 0,
});
const plan: Plan = {
  deliveryId: "1",
  at: "2026-01-01T00:00:00Z",
  startAt: "2026-01-01T00:00:00Z",
  endAt: null,
  messages: 30,
  late: 0,
  rows: [row("google", "2026-01-01T01:00:00Z"), row("yahoo", null), row("gmx", "2026-01-01T02:00:00Z")],
  actual: null,
};

test("what ends last comes first", () => {
  expect(plannedRows(plan).map(({ provider, real }) => [provider, real])).toEqual([
    ["yahoo", null],
    ["gmx", null],
    ["google", null],
  ]);
});

test("real beside planned; what nobody planned is not lost", () => {
  const started = { startAt: "2026-01-01T00:00:00Z", endAt: "2026-01-01T03:00:00Z" };
  const real = (provider: string) => ({ provider, messages: 9, messagesPerHour: 7, ...started });
  const rows = plannedRows({ ...plan, actual: { ...started, rows: [real("gmx"), real("other")] } });
  expect(rows.map(({ provider, messages, real: each }) => [provider, messages, each?.messagesPerHour ?? null])).toEqual(
    [
      ["yahoo", 10, null],
      ["gmx", 10, 7],
      ["google", 10, null],
      ["other", 0, 7],
    ],
  );
});

test.each([
  ["editing", false],
  ["analysing", false],
  ["ready", true],
  ["in-progress", true],
  ["paused", true],
  ["stopping", false],
  ["finished", false],
] as const)("%s can be planned: %s", (state, plannable) => {
  expect(isPlannable(state)).toBe(plannable);
});
