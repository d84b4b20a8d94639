/** What may be done at a site now: the least of rule, controller, restrictions and pin. */
import type { Controller, ControllerLimits } from "../core/shaping/controller.ts";
import type { Effective } from "../core/shaping/effective.ts";
import type { Pin } from "../core/shaping/restriction.ts";
import type { MxRule, Range } from "../core/shaping/rule.ts";
import type { Limited } from "../core/shaping/throttle.ts";
import type { SharedThrottle } from "./shared-throttle.ts";

type Under = Limited & { readonly throttle: SharedThrottle };

/** What limits follow from. */
export type LimitedBy = {
  readonly rule: MxRule;
  readonly controller: Controller;
  readonly restricted: Effective;
  readonly pin: Pin | null;
  readonly ranges: ControllerLimits;
  readonly group: SharedThrottle | null;
};

export type SiteLimits = LimitedBy & {
  /** 0: limits that several senders share leave nothing for this one. */
  readonly connections: number;
  readonly messagesPerHour: number | null;
  /** The site's own throttle, then the group's. */
  readonly under: readonly Under[];
};

export type Shares = {
  /** This sender's part of a limit of the rule. */
  readonly share: (limit: number) => number;
  /** This sender's part of what is said about this source at this site. */
  readonly laneShare: (limit: number) => number;
};

export function siteLimits(by: LimitedBy, own: SharedThrottle, shares: Shares): SiteLimits {
  const messagesPerHour = perHourOf(by, shares);
  const connections = connectionsOf(by, messagesPerHour, shares);
  return { ...by, connections, messagesPerHour, under: underOf(by, own, connections, messagesPerHour, shares) };
}

export function rangesOf(rule: MxRule, share: (limit: number) => number): ControllerLimits {
  const part = ({ min, max }: Range): Range => {
    const most = share(max);
    return { min: Math.min(most, Math.max(1, share(min))), max: most };
  };
  return {
    connections: part(rule.connections),
    messagesPerHour: rule.messagesPerHour === null ? null : part(rule.messagesPerHour),
  };
}

function connectionsOf(by: LimitedBy, perHour: number | null, { share, laneShare }: Shares): number {
  const { rule, pin, restricted } = by;
  // Who has no part of the messages or of the new connections has no use for one.
  const isLeftOut = perHour === 0 || (rule.connectionsPerMinute !== null && share(rule.connectionsPerMinute) === 0);
  if (isLeftOut) return 0;
  const wanted = partOf(pin?.connections, laneShare) ?? by.controller.connections;
  const most = partOf(restricted.connections, laneShare) ?? Number.POSITIVE_INFINITY;
  return Math.min(wanted, by.ranges.connections.max, most);
}

function perHourOf({ pin, controller, ranges, restricted }: LimitedBy, { laneShare }: Shares): number | null {
  const wanted = partOf(pin?.messagesPerHour, laneShare) ?? controller.messagesPerHour;
  const limits = [wanted, ranges.messagesPerHour?.max ?? null, partOf(restricted.messagesPerHour, laneShare)];
  const known = limits.filter((limit): limit is number => limit !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function underOf(
  { rule, ranges, group }: LimitedBy,
  own: SharedThrottle,
  connections: number,
  messagesPerHour: number | null,
  { share }: Shares,
): readonly Under[] {
  const perMinute = rule.connectionsPerMinute === null ? null : share(rule.connectionsPerMinute);
  const connectionsPerMinute = group === null ? perMinute : null;
  const mine = { throttle: own, limits: { connections, messagesPerHour, connectionsPerMinute } };
  if (group === null) return [mine];
  const limits = {
    connections: ranges.connections.max,
    messagesPerHour: ranges.messagesPerHour?.max ?? null,
    connectionsPerMinute: perMinute,
  };
  return [mine, { throttle: group, limits }];
}

function partOf(limit: number | null | undefined, share: (limit: number) => number): number | null {
  return limit === null || limit === undefined ? null : share(limit);
}
