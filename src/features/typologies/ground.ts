/** What expressions may name besides facts: time zones of the runtime, reasons of exclusions. */
import { exclusionReasonSchema } from "../../contract/responses-basics.ts";
import type { OffsetAt } from "../../core/delivery/schedule.ts";
import type { Ground } from "../../core/typology/language/check.ts";
import type { Phase } from "../../core/typology/rule.ts";
import { findTimeZone } from "../../platform/time-zone.ts";

export function groundOf(phase: Phase): Ground {
  return { phase, reasons: exclusionReasonSchema.options, isZone: (name) => findTimeZone(name) !== null };
}

/** Of a zone that is gone UTC's: it was there when the rule was saved. */
export function offsetIn(zone: string): OffsetAt {
  return findTimeZone(zone)?.offsetAt ?? (() => 0);
}
