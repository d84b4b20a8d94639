/**
 * When a delivery will begin and end at each provider, and what binds: its lanes as a fluid in virtual time. Nothing is counted message by
 * message, so a plan for millions costs what one for thousands does. What is known of today (limits, states of lanes, restrictions, warm-up,
 * backlog of other deliveries, recent acceptance) is taken to stay; controllers go up at their stated pace.
 */
import { MINUTE, type Duration, type Instant } from "../time.ts";
import type { PlanInput } from "./plan-input.ts";
import { type GroupResult, simulate } from "./plan-simulate.ts";
import type { PlanConstraint } from "./plan-state.ts";
import { describeBinding } from "./plan-words.ts";

export type PlannedProvider = {
  readonly provider: string;
  readonly messages: number;
  readonly startAt: Instant | null;
  readonly endAt: Instant | null;
  readonly messagesPerHour: number;
  readonly constraint: PlanConstraint;
  readonly why: string;
  readonly late: number;
};

export type PlannedDelivery = {
  readonly startAt: Instant;
  /** Null: nothing leaves at all. */
  readonly endAt: Instant | null;
  readonly messages: number;
  readonly late: number;
  /** Those that end last first. */
  readonly rows: readonly PlannedProvider[];
};

export function planDelivery(input: PlanInput): PlannedDelivery {
  const results = simulate(input).filter(({ group }) => group.messages > 0);
  const rows = [...Map.groupBy(results, ({ group }) => group.provider)].map(([provider, groups]) =>
    rowOf(input, provider, groups),
  );
  rows.sort((a, b) => b.late - a.late || (b.endAt ?? 0) - (a.endAt ?? 0) || (a.provider < b.provider ? -1 : 1));
  return {
    startAt: input.startAt,
    endAt: latest(rows.map(({ endAt }) => endAt)),
    messages: sum(rows.map(({ messages }) => messages)),
    late: sum(rows.map(({ late }) => late)),
    rows,
  };
}

function rowOf(input: PlanInput, provider: string, groups: readonly GroupResult[]): PlannedProvider {
  const messages = sum(groups.map(({ group }) => group.messages));
  const late = sum(groups.map((result) => result.late));
  const starts = groups.flatMap(({ startAt }) => (startAt === null ? [] : [startAt]));
  const startAt = starts.length === 0 ? null : Math.min(...starts);
  const endAt = latest(groups.map((result) => result.endAt));
  const last = groups.reduce((a, b) => (isLater(b, a) ? b : a));
  const lastDue = Math.max(input.startAt, input.waves.at(-1)?.at ?? 0);
  const isQuick = late === 0 && endAt !== null && endAt - lastDue <= MINUTE;
  const constraint = isQuick ? "none" : last.constraint;
  return {
    provider,
    messages,
    startAt,
    endAt,
    messagesPerHour: startAt === null || endAt === null ? 0 : perHour(messages - late, endAt - startAt),
    constraint,
    why: describeBinding(input, last, constraint, sum(groups.map(({ group }) => group.notLookedUp))),
    late,
  };
}

/** The group whose constraint is the provider's: what is late counts most, then what ends last. */
function isLater(a: GroupResult, b: GroupResult): boolean {
  return a.late !== b.late ? a.late > b.late : (a.endAt ?? 0) > (b.endAt ?? 0);
}

/** What takes less than a second is told as if it took one. */
function perHour(messages: number, time: Duration): number {
  return Math.round((messages * 3_600_000) / Math.max(1000, time));
}

function latest(ends: readonly (Instant | null)[]): Instant | null {
  const known = ends.flatMap((end) => (end === null ? [] : [end]));
  return known.length === 0 ? null : Math.max(...known);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
