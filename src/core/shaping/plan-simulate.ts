/**
 * The simulation behind a plan: from one change to the next (something is used up, a suspension or an hour ends) all flows are constant, so
 * time moves in steps of minutes to hours. Changes that lie closer together than half a percent of the time gone by are taken as one.
 */
import { DAY, HOUR, MINUTE, SECOND, type Instant } from "../time.ts";
import { type Flows, flowsAt, type LaneFlow } from "./plan-flows.ts";
import type { PlanGroup, PlanInput } from "./plan-input.ts";
import {
  type AllowanceState,
  beginWaves,
  type Bound,
  type GroupState,
  initialState,
  left,
  NOTHING,
  type PlanConstraint,
  type PlanState,
  waiting,
} from "./plan-state.ts";

export type GroupResult = {
  readonly group: PlanGroup;
  readonly startAt: Instant | null;
  readonly endAt: Instant | null;
  readonly late: number;
  /** What bound longest. */
  readonly constraint: PlanConstraint;
  /** Index into the lanes of the group; -1: there is none. */
  readonly lane: number;
};

const GROWTH_STEP = 15 * MINUTE;
const SHORTEST = SECOND;
const COARSENESS = 0.005;
export function simulate(input: PlanInput): GroupResult[] {
  const state = initialState(input);
  let now = input.startAt;
  while (now < input.validUntil && state.groups.some((group) => left(group) > NOTHING)) {
    beginWaves(input, state, now);
    const flows = flowsAt(input, state, now);
    const until = nextChange(input, state, flows.lanes, now);
    if (until === null) {
      for (const group of state.groups) note(group, flows.constraints, input.validUntil - now);
      break;
    }
    advance(input, state, flows, now, until);
    now = until;
  }
  return state.groups.map((group) => resultOf(input, group));
}

/** Until when the flows stay as they are; null: nothing flows and nothing will change. */
function nextChange(input: PlanInput, state: PlanState, lanes: readonly LaneFlow[], now: Instant): Instant | null {
  let hard = input.validUntil;
  let isComing = false;
  const at = (time: Instant) => {
    if (time <= now || time === Infinity) return;
    isComing = true;
    hard = Math.min(hard, time);
  };
  at(input.waves[state.waves]?.at ?? Infinity);
  for (const { group } of state.groups) {
    for (const lane of group.lanes) {
      at(lane.suspendedUntil);
      at(lane.avoidUntil);
    }
  }
  if (input.allowances.length > 0) at((Math.floor(now / HOUR) + 1) * HOUR);
  let soonest = Infinity;
  for (const { ours, waiting, others, othersWaiting } of lanes) {
    if (ours > 0) soonest = Math.min(soonest, waiting / ours);
    if (others > 0) soonest = Math.min(soonest, othersWaiting / others);
  }
  if (soonest === Infinity && !isComing) return null;
  const grows = lanes.some(({ isGrowing }) => isGrowing);
  const wanted = Math.min(soonest * HOUR, usedUp(state, lanes) * HOUR, grows ? GROWTH_STEP : Infinity);
  const shortest = Math.max(SHORTEST, (now - input.startAt) * COARSENESS);
  return Math.min(hard, now + Math.max(shortest, wanted));
}

/** Hours until the first warm-up allowance is used up. */
function usedUp(state: PlanState, lanes: readonly LaneFlow[]): number {
  const flows = new Map<number, number>();
  for (const { allowance, ours, others } of lanes) {
    if (allowance >= 0) flows.set(allowance, (flows.get(allowance) ?? 0) + ours + others);
  }
  let soonest = Infinity;
  for (const [index, flow] of flows) {
    const of = state.allowances[index];
    if (of && flow > 0) soonest = Math.min(soonest, Math.min(of.leftToday, of.leftThisHour) / flow);
  }
  return soonest;
}

function advance(input: PlanInput, state: PlanState, flows: Flows, now: Instant, until: Instant): void {
  const hours = (until - now) / HOUR;
  for (const group of state.groups) note(group, flows.constraints, until - now);
  const shares = allowedShares(state, flows.lanes, hours);
  const ends = new Map<GroupState, number>();
  for (const flow of flows.lanes) {
    const allowed = shares.get(flow.allowance) ?? 1;
    const ours = allowed * Math.min(flow.waiting, flow.ours * hours);
    const others = allowed * Math.min(flow.othersWaiting, flow.others * hours);
    if (ours > 0) {
      flow.group.startAt ??= now;
      ends.set(flow.group, Math.max(ends.get(flow.group) ?? 0, allowed < 1 ? hours : ours / flow.ours));
    }
    drain(flow, ours, others);
    const allowance = state.allowances[flow.allowance];
    if (allowance) use(allowance, ours + others);
  }
  for (const [group, time] of ends) {
    if (left(group) <= NOTHING) group.endAt = now + time * HOUR;
  }
  if (input.allowances.length > 0) turnClock(input, state, now, until);
}

/** Where more flows in the step than a warm-up has left: what part of it may. */
function allowedShares(state: PlanState, lanes: readonly LaneFlow[], hours: number): Map<number, number> {
  const wanted = new Map<number, number>();
  for (const { allowance, ours, others, waiting, othersWaiting } of lanes) {
    if (allowance < 0) continue;
    const messages = Math.min(waiting, ours * hours) + Math.min(othersWaiting, others * hours);
    wanted.set(allowance, (wanted.get(allowance) ?? 0) + messages);
  }
  for (const [index, messages] of wanted) {
    const of = state.allowances[index];
    const room = of ? Math.min(of.leftToday, of.leftThisHour) : Infinity;
    wanted.set(index, messages > room ? room / messages : 1);
  }
  return wanted;
}

/** Out of the queues of the lanes whose messages leave here. */
function drain({ group, from, waiting, othersShare }: LaneFlow, ours: number, others: number): void {
  for (const { lane, messages } of from) {
    group.home[lane] = Math.max(0, (group.home[lane] ?? 0) - (ours * messages) / waiting);
  }
  othersShare.forEach((share, i) => {
    group.others[i] = Math.max(0, (group.others[i] ?? 0) - others * share);
  });
}

function use(allowance: AllowanceState, messages: number): void {
  allowance.leftToday = Math.max(0, allowance.leftToday - messages);
  allowance.leftThisHour = Math.max(0, allowance.leftThisHour - messages);
  allowance.usedToday += messages;
}

/** A new hour, and at midnight UTC a new day: the next step of the curve, if the last one was used. */
function turnClock(input: PlanInput, state: PlanState, now: Instant, until: Instant): void {
  if (Math.floor(until / HOUR) === Math.floor(now / HOUR)) return;
  const isNewDay = Math.floor(until / DAY) !== Math.floor(now / DAY);
  state.allowances.forEach((allowance, i) => {
    const days = input.allowances[i]?.days ?? [];
    if (isNewDay && allowance.usedToday > 0) {
      allowance.day++;
      allowance.leftToday = days[allowance.day]?.messages ?? Infinity;
      allowance.usedToday = 0;
    }
    allowance.leftThisHour = days[allowance.day]?.perHour ?? Infinity;
  });
}

function note(group: GroupState, constraints: ReadonlyMap<GroupState, Bound>, time: number): void {
  const binding = constraints.get(group);
  if (binding === undefined || waiting(group) <= NOTHING) return;
  const known = group.bound.get(binding.constraint);
  group.bound.set(binding.constraint, { time: (known?.time ?? 0) + time, lane: binding.lane });
}

function resultOf(input: PlanInput, state: GroupState): GroupResult {
  const { group, startAt, endAt } = state;
  const late = Math.max(0, Math.min(group.messages, Math.ceil(left(state) - NOTHING)));
  const [constraint, { lane }] = [...state.bound].reduce<[PlanConstraint, { time: number; lane: number }]>(
    (a, b) => (b[1].time > a[1].time ? b : a),
    ["none", { time: 0, lane: -1 }],
  );
  // Those deferred at first come once more.
  const again = group.deferredFirst * group.messages >= 1 ? input.firstRetryAfter : 0;
  const end = endAt ?? (startAt === null ? null : input.validUntil);
  return {
    group,
    startAt,
    endAt: end === null || group.messages === 0 ? end : Math.min(input.validUntil, Math.round(end + again)),
    late,
    constraint,
    lane,
  };
}
