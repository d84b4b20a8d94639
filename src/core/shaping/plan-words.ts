/** What a plan says about the limit that binds longest, in one sentence. */
import { assertNever } from "../never.ts";
import { formatInstant } from "../time.ts";
import { secondsOf } from "./plan-flows.ts";
import type { Growing, PlanInput, PlanThrottle } from "./plan-input.ts";
import type { GroupResult } from "./plan-simulate.ts";
import type { PlanConstraint } from "./plan-state.ts";

export function describeBinding(
  input: PlanInput,
  result: GroupResult,
  constraint: PlanConstraint,
  notLookedUp: number,
): string {
  const others = result.group.others.reduce((sum, { messages }) => sum + messages, 0);
  const parts = [describe(input, result, constraint)];
  const last = input.waves.at(-1);
  if (last !== undefined) {
    const begins = `the last wave begins ${formatInstant(last.at)}`;
    if (constraint === "none") parts[0] = begins.replace("the", "The");
    else parts.push(begins);
  }
  if (others > 0 && constraint !== "none") parts.push(`${count(others)} messages of other deliveries wait there too`);
  if (notLookedUp > 0) {
    parts.push(
      `the domains of ${count(notLookedUp)} messages are not looked up yet, so these are planned by the rule for all others`,
    );
  }
  return parts.join("; ");
}

function describe(input: PlanInput, result: GroupResult, constraint: PlanConstraint): string {
  const { group } = result;
  const lane = group.lanes[result.lane];
  const throttle = input.throttles[lane?.throttle ?? -1];
  switch (constraint) {
    case "none":
      return "Nothing holds it back";
    case "rate":
      return throttle
        ? `At most ${range(throttle.messagesPerHour)} messages an hour ${scope(throttle)}`
        : "A limit of messages an hour";
    case "connections":
      return throttle
        ? `${range(throttle.connections)} connections at ${seconds(secondsOf(group, throttle))} a message ${scope(throttle)}`
        : "A limit of connections";
    case "connection-rate":
      return throttle
        ? `${count(throttle.connectionsPerMinute ?? 0)} new connections a minute of ${count(throttle.messagesPerConnection)} messages ${scope(throttle)}`
        : "A limit of new connections";
    case "warm-up":
      return describeWarmUp(input, group.provider, lane?.source ?? -1);
    case "suspended":
      return suspension(lane?.why ?? null, Math.max(lane?.suspendedUntil ?? 0, lane?.avoidUntil ?? 0));
    case "cpu":
      return `The senders together make ${count(Math.round(input.cpuPerHour / 3600))} messages a second`;
    case "delivery-speed":
      return `The delivery's speed is ${count(input.speed ?? 0)} messages an hour`;
    case "no-source":
      return "No source of the delivery can be used";
    default:
      return assertNever(constraint);
  }
}

function describeWarmUp({ allowances, sources }: PlanInput, provider: string, source: number): string {
  const name = sources[source]?.name ?? "";
  const days = allowances.find((one) => one.source === source && one.provider === provider)?.days ?? [];
  const [today, next] = days;
  const then = next ? `, ${count(next.messages)} on the next sending day` : "";
  return `Warm-up of source ${name}: ${count(today?.messages ?? 0)} messages left today${then}`;
}

function suspension(why: string | null, until: number): string {
  const end = until === Infinity ? "until somebody ends it" : `until ${formatInstant(until)}`;
  return why === null ? `Suspended ${end}` : `Suspended ${end}: ${why}`;
}

function scope({ rule, times }: PlanThrottle): string {
  return times > 1 ? `for each of ${count(times)} sites (MX rule ${rule})` : `(MX rule ${rule})`;
}

function range(growing: Growing | null): string {
  if (growing === null) return "any number of";
  const { now, max } = growing;
  return now < max ? `${count(Math.floor(now))} now, growing to ${count(max)}` : count(Math.floor(now));
}

function seconds(value: number): string {
  return value >= 1 ? `${Number(value.toFixed(1))} s` : `${Math.max(1, Math.round(value * 1000))} ms`;
}

/** With commas between thousands. */
function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}
