/** The settings of the quarantine as core takes them. */
import type { PlatformSettings } from "../../contract/index.ts";
import type { QuarantinePolicy, ReasonPolicy } from "../../core/quarantine/address-state.ts";
import { DAY, type Duration, parseDuration } from "../../core/time.ts";

type Settings = PlatformSettings["quarantine"];

export function policyOf({ limit, gap, resetAfter, reasons }: Settings): QuarantinePolicy {
  const common: ReasonPolicy = { limit, resetAfter: durationOf(resetAfter), longest: null };
  const own = Object.entries(reasons).map(([reason, given]) => {
    const policy: ReasonPolicy = {
      limit: given.limit === undefined ? limit : given.limit,
      resetAfter: given.resetAfter === undefined ? common.resetAfter : durationOf(given.resetAfter),
      longest: given.longest === undefined ? null : durationOf(given.longest),
    };
    return [reason, policy];
  });
  return { ...common, gap: durationOf(gap), reasons: Object.fromEntries(own) };
}

/** The schema lets nothing else in. */
function durationOf(text: string): Duration {
  return parseDuration(text) ?? DAY;
}
