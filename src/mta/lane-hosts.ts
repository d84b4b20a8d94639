/** The servers of a lane's site: which one is tried next, and whether all of them failed. Steady instants. */
import { SECOND, type Duration, type Instant } from "../core/time.ts";
import type { Target } from "./session-port.ts";

/** A host that failed is not tried again for this long while others work. */
const HOST_REST: Duration = 60 * SECOND;

export type LaneHosts = {
  /** The next to connect to; undefined: none before those that are being tried have said something. */
  choose(targets: readonly Target[], isAnyOpen: boolean, now: Instant): Target | undefined;
  worked(target: Target): void;
  failed(target: Target, now: Instant): void;
  /** Every one failed, and nothing worked in between. */
  haveAllFailed(targets: readonly Target[]): boolean;
  /** The site as a whole had its say. */
  forget(): void;
};

export function createLaneHosts(): LaneHosts {
  const restingUntil = new Map<string, Instant>();
  /** Since something worked. Not a matter of time: a host may need longer to fail than it rests. */
  const failed = new Set<string>();

  return {
    choose: (targets, isAnyOpen, now) => {
      const untried = targets.filter((target) => !failed.has(hostOf(target)));
      const awake = untried.find((target) => (restingUntil.get(hostOf(target)) ?? 0) <= now);
      // None: connections on their way may yet be served. Opening more behind each refusal would never end.
      return awake ?? (isAnyOpen ? undefined : (untried[0] ?? targets[0]));
    },
    worked: (target) => {
      failed.clear();
      if (restingUntil.size > 0) restingUntil.delete(hostOf(target));
    },
    failed: (target, now) => {
      failed.add(hostOf(target));
      restingUntil.set(hostOf(target), now + HOST_REST);
    },
    haveAllFailed: (targets) => targets.every((target) => failed.has(hostOf(target))),
    forget: () => {
      failed.clear();
      restingUntil.clear();
    },
  };
}

function hostOf(target: Target): string {
  return `${target.address ?? target.host}:${target.port}`;
}
