/** What a plan keeps while its time runs. */
import type { Instant } from "../time.ts";
import type { PlanGroup, PlanInput } from "./plan-input.ts";
import type { Constraint } from "./restriction.ts";

/** Less than this is nothing left: rounding of the fluid. */
export const NOTHING = 1e-6;

/** What a plan can tell. */
export type PlanConstraint = Extract<
  Constraint,
  "none" | "rate" | "connections" | "connection-rate" | "suspended" | "warm-up" | "cpu" | "delivery-speed" | "no-source"
>;

/** What holds a group back at an instant, on which of its lanes; -1: it has none. */
export type Bound = { readonly constraint: PlanConstraint; readonly lane: number };

/** A group while time runs. Messages are fractions here: a fluid. */
export type GroupState = {
  readonly group: PlanGroup;
  /** Messages that are due, by the lane whose source is theirs by weight. */
  readonly home: number[];
  /** What part of its messages each of these lanes has. */
  readonly shares: readonly number[];
  /** Messages of waves that have not begun. */
  coming: number;
  /** Messages of other deliveries, as in `group.others`. */
  readonly others: number[];
  startAt: Instant | null;
  endAt: Instant | null;
  /** Milliseconds that each constraint bound, and on which lane it did so last. */
  readonly bound: Map<PlanConstraint, { time: number; lane: number }>;
  /** Of each lane, index of its warm-up allowance; -1: there is none. */
  readonly allowances: readonly number[];
};

/** A warm-up while time runs. */
export type AllowanceState = { day: number; leftToday: number; leftThisHour: number; usedToday: number };

export type PlanState = {
  readonly groups: readonly GroupState[];
  readonly allowances: readonly AllowanceState[];
  /** So many waves have begun. */
  waves: number;
};

export function initialState(input: PlanInput): PlanState {
  return {
    groups: input.groups.map((group) => {
      const weights = group.lanes.map(({ source }) => input.sources[source]?.weight ?? 0);
      const all = weights.reduce((sum, weight) => sum + weight, 0);
      const shares = weights.length === 0 ? [1] : weights.map((weight) => weight / all);
      const coming = group.messages * inWaves(input);
      return {
        group,
        home: shares.map((share) => (group.messages - coming) * share),
        shares,
        coming,
        others: group.others.map(({ messages }) => messages),
        startAt: null,
        endAt: group.messages === 0 ? input.startAt : null,
        bound: new Map(),
        allowances: group.lanes.map(({ source }) =>
          input.allowances.findIndex((one) => one.source === source && one.provider === group.provider),
        ),
      };
    }),
    allowances: input.allowances.map(({ days }) => {
      const today = days[0] ?? { messages: Infinity, perHour: Infinity };
      return { day: 0, leftToday: today.messages, leftThisHour: today.perHour, usedToday: 0 };
    }),
    waves: 0,
  };
}

/** What part of all messages is in waves; of figures that do not fit together no more than all. */
function inWaves({ groups, waves }: PlanInput): number {
  const all = groups.reduce((sum, { messages }) => sum + messages, 0);
  const later = waves.reduce((sum, { messages }) => sum + messages, 0);
  return all === 0 ? 0 : Math.min(1, later / all);
}

/** Makes due what has its time. */
export function beginWaves(input: PlanInput, state: PlanState, now: Instant): void {
  for (let wave = input.waves[state.waves]; wave && wave.at <= now; wave = input.waves[++state.waves]) {
    const rest = input.waves.slice(state.waves).reduce((sum, { messages }) => sum + messages, 0);
    for (const group of state.groups) {
      const due = rest === 0 ? 0 : (group.coming * wave.messages) / rest;
      group.coming = state.waves === input.waves.length - 1 ? 0 : group.coming - due;
      group.shares.forEach((share, i) => {
        group.home[i] = (group.home[i] ?? 0) + due * share;
      });
    }
  }
}

/** Messages that are due. */
export function waiting(group: GroupState): number {
  let sum = 0;
  for (const messages of group.home) sum += messages;
  return sum;
}

export function left(group: GroupState): number {
  return waiting(group) + group.coming;
}
