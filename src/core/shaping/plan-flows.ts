/**
 * How much flows on each lane at an instant, and what keeps it from being more: the lane's own limits first (Little's law for connections),
 * then what it shares: throttles, the lane with other deliveries by weight, the delivery's speed, the senders' CPU.
 */
import { HOUR, type Instant } from "../time.ts";
import type { Growing, PlanGroup, PlanInput, PlanLane, PlanThrottle } from "./plan-input.ts";
import { type Bound, type GroupState, left, NOTHING, type PlanConstraint, type PlanState } from "./plan-state.ts";

/** Messages are per hour. */
export type LaneFlow = {
  readonly group: GroupState;
  /** Index into the lanes of the group. */
  readonly lane: number;
  /** Messages of the delivery that this lane is for now, and whose they are by weight. */
  readonly waiting: number;
  readonly from: readonly { readonly lane: number; readonly messages: number }[];
  readonly othersWaiting: number;
  /** What part of the others' flow is whose. */
  readonly othersShare: readonly number[];
  /** Index of the warm-up allowance; -1: there is none. */
  readonly allowance: number;
  readonly isGrowing: boolean;
  constraint: PlanConstraint;
  ours: number;
  others: number;
};

export type Flows = { readonly lanes: readonly LaneFlow[]; readonly constraints: ReadonlyMap<GroupState, Bound> };

export function flowsAt(input: PlanInput, state: PlanState, now: Instant): Flows {
  const lanes: LaneFlow[] = [];
  const constraints = new Map<GroupState, Bound>();
  for (const group of state.groups) {
    if (left(group) <= NOTHING && group.others.every((messages) => messages <= NOTHING)) continue;
    const flows = openLanes(input, state, group, now);
    if (flows.length === 0) constraints.set(group, closedBy(state, group, now));
    lanes.push(...flows);
  }
  shareThrottles(lanes);
  holdSpeed(input, lanes);
  holdCpu(input, lanes);
  // Of several lanes the one with most messages speaks for the group.
  const largest = new Map<GroupState, LaneFlow>();
  for (const flow of lanes) {
    if (flow.waiting > (largest.get(flow.group)?.waiting ?? 0)) largest.set(flow.group, flow);
  }
  for (const [group, { constraint, lane }] of largest) constraints.set(group, { constraint, lane });
  return { lanes, constraints };
}

/** The lanes that a message of the group would be given to now, with what is theirs: a source that may not go there leaves its messages to the others. */
function openLanes(input: PlanInput, state: PlanState, group: GroupState, now: Instant): LaneFlow[] {
  const { lanes, others } = group.group;
  const open = lanes.map((lane, i) => lane.avoidUntil <= now && !isUsedUp(state, group, i));
  const weights = lanes.map(({ source }, i) => (open[i] ? (input.sources[source]?.weight ?? 0) : 0));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const waitingOthers = group.others.map((messages) => (messages > NOTHING ? messages : 0));
  const othersTotal = waitingOthers.reduce((sum, messages) => sum + messages, 0);
  const othersWeights = others.map(({ weight }, i) => ((waitingOthers[i] ?? 0) > 0 ? weight : 0));
  const othersWeight = othersWeights.reduce((sum, weight) => sum + weight, 0);
  const flows: LaneFlow[] = [];
  lanes.forEach((lane, i) => {
    if (!open[i]) return;
    const share = (weights[i] ?? 0) / all;
    const from = group.home.flatMap((messages, home) => {
      const theirs = home === i ? messages : open[home] ? 0 : messages * share;
      return theirs > 0 ? [{ lane: home, messages: theirs }] : [];
    });
    const waiting = from.reduce((sum, { messages }) => sum + messages, 0);
    const { perHour, constraint, isGrowing } = capacity(input, group.group, lane, now);
    const mine = waiting > NOTHING ? (othersWeight > 0 ? input.weight / (input.weight + othersWeight) : 1) : 0;
    flows.push({
      group,
      lane: i,
      waiting,
      from,
      othersWaiting: othersTotal * share,
      othersShare: othersWeights.map((weight) => (othersWeight > 0 ? weight / othersWeight : 0)),
      allowance: group.allowances[i] ?? -1,
      isGrowing,
      constraint,
      ours: perHour * mine,
      others: othersTotal > 0 ? perHour * (1 - mine) : 0,
    });
  });
  return flows;
}

/** Why no lane is open. */
function closedBy(state: PlanState, group: GroupState, now: Instant): Bound {
  const { lanes } = group.group;
  if (lanes.length === 0) return { constraint: "no-source", lane: -1 };
  const warm = lanes.findIndex((lane, i) => lane.avoidUntil <= now && isUsedUp(state, group, i));
  return warm >= 0 ? { constraint: "warm-up", lane: warm } : { constraint: "suspended", lane: 0 };
}

function isUsedUp(state: PlanState, group: GroupState, lane: number): boolean {
  const allowance = state.allowances[group.allowances[lane] ?? -1];
  return allowance !== undefined && Math.min(allowance.leftToday, allowance.leftThisHour) <= NOTHING;
}

type Capacity = { readonly perHour: number; readonly constraint: PlanConstraint; readonly isGrowing: boolean };

/** Messages accepted an hour when the lane has its throttle to itself. */
function capacity(input: PlanInput, group: PlanGroup, lane: PlanLane, now: Instant): Capacity {
  if (lane.suspendedUntil > now) return { perHour: 0, constraint: "suspended", isGrowing: false };
  const throttle = input.throttles[lane.throttle];
  if (!throttle) return { perHour: 0, constraint: "no-source", isGrowing: false };
  // Nothing is accepted and nothing grows while it is suspended.
  const hours = (now - Math.max(input.startAt, lane.suspendedUntil)) / HOUR;
  const attempts = 1 + group.deferredFirst;
  const connections = grown(throttle.connections, hours);
  let best: Capacity = {
    perHour: (throttle.times * connections * 3600) / (secondsOf(group, throttle) * attempts),
    constraint: "connections",
    isGrowing: connections < throttle.connections.max,
  };
  if (throttle.messagesPerHour !== null) {
    const rate = grown(throttle.messagesPerHour, hours);
    const perHour = (throttle.times * rate) / attempts;
    if (perHour < best.perHour) best = { perHour, constraint: "rate", isGrowing: rate < throttle.messagesPerHour.max };
  }
  if (throttle.connectionsPerMinute !== null) {
    const perHour = (throttle.times * throttle.connectionsPerMinute * 60 * throttle.messagesPerConnection) / attempts;
    if (perHour < best.perHour) best = { perHour, constraint: "connection-rate", isGrowing: false };
  }
  return best;
}

/** How long a message keeps a connection busy, with its part of opening it. */
export function secondsOf(group: PlanGroup, { messagesPerConnection }: PlanThrottle): number {
  return Math.max(1e-4, group.secondsPerMessage + group.secondsPerConnection / messagesPerConnection);
}

function grown({ now, max, perHour }: Growing, hours: number): number {
  return Math.min(Math.max(now, max), now + perHour * hours);
}

/** Lanes of one throttle take turns. */
function shareThrottles(lanes: readonly LaneFlow[]): void {
  const users = new Map<number, number>();
  const throttleOf = ({ group, lane }: LaneFlow) => group.group.lanes[lane]?.throttle ?? -1;
  for (const flow of lanes) {
    if (flow.ours + flow.others > 0) users.set(throttleOf(flow), (users.get(throttleOf(flow)) ?? 0) + 1);
  }
  for (const flow of lanes) scale(flow, 1 / (users.get(throttleOf(flow)) ?? 1));
}

function holdSpeed({ speed }: PlanInput, lanes: readonly LaneFlow[]): void {
  if (speed === null) return;
  const flows = lanes.filter(({ ours }) => ours > 0);
  const allowed = pour(
    speed,
    flows.map(({ ours, group }) => ({ wanted: ours, weight: group.group.sites })),
  );
  flows.forEach((flow, i) => {
    const may = allowed[i] ?? 0;
    if (may < flow.ours) flow.constraint = "delivery-speed";
    flow.ours = may;
  });
}

/** Every attempt has to be made and signed. */
function holdCpu({ cpuPerHour }: PlanInput, lanes: readonly LaneFlow[]): void {
  const flows = lanes.filter(({ ours, others }) => ours + others > 0);
  const attempts = ({ group, ours, others }: LaneFlow) => (ours + others) * (1 + group.group.deferredFirst);
  const allowed = pour(
    cpuPerHour,
    flows.map((flow) => ({ wanted: attempts(flow), weight: flow.group.group.sites })),
  );
  flows.forEach((flow, i) => {
    const factor = (allowed[i] ?? 0) / attempts(flow);
    if (factor < 1 - 1e-9) flow.constraint = "cpu";
    scale(flow, Math.min(1, factor));
  });
}

/** Shares out what there is: whoever wants less than a fair share gets all of it, the others the same for each weight (max-min fairness). */
function pour(total: number, users: readonly { readonly wanted: number; readonly weight: number }[]): number[] {
  const byLevel = users.map((user, i) => ({ ...user, i })).sort((a, b) => a.wanted / a.weight - b.wanted / b.weight);
  const shares = users.map(({ wanted }) => wanted);
  let room = total;
  let weights = users.reduce((sum, { weight }) => sum + weight, 0);
  for (const { wanted, weight, i } of byLevel) {
    const share = Math.min(wanted, (room * weight) / weights);
    shares[i] = share;
    room -= share;
    weights -= weight;
  }
  return shares;
}

function scale(flow: LaneFlow, factor: number): void {
  flow.ours *= factor;
  flow.others *= factor;
}
