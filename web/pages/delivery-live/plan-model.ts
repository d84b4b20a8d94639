/** The plan beside what became of it, provider by provider; and when there is something to plan. */
import type { DeliveryState } from "../../../src/contract/index.ts";
import type { Plan, PlanRow } from "../../../src/contract/shaping.ts";

type Real = { endAt: string; messagesPerHour: number };
export type PlannedRow = PlanRow & {
  /** null: not over yet, or nothing went there. */
  real: Real | null;
};

/** The last provider first: it is what the end of the delivery waits for. What was not planned and went all the same comes at the end. */
export function plannedRows({ rows, actual }: Plan): PlannedRow[] {
  const real = new Map(actual?.rows.map((row) => [row.provider, row]));
  const planned = rows
    .map((row): PlannedRow => ({ ...row, real: realOf(real.get(row.provider)) }))
    .toSorted((left, right) => endOf(right) - endOf(left) || right.messages - left.messages);
  const known = new Set(rows.map(({ provider }) => provider));
  const surprises = (actual?.rows ?? [])
    .filter(({ provider }) => !known.has(provider))
    .map((row): PlannedRow => ({ ...NOT_PLANNED, provider: row.provider, real: realOf(row) }));
  return [...planned, ...surprises];
}

const NOT_PLANNED = {
  messages: 0,
  startAt: null,
  endAt: null,
  messagesPerHour: 0,
  constraint: "none",
  why: "",
  late: 0,
} as const;

const realOf = (row: Real | undefined): Real | null =>
  row === undefined ? null : { endAt: row.endAt, messagesPerHour: row.messagesPerHour };

/** Within the validity period it does not end at all. */
const endOf = ({ endAt }: PlanRow): number => (endAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(endAt));

export const isPlannable = (state: DeliveryState): boolean =>
  state === "ready" || state === "in-progress" || state === "pausing" || state === "paused";
