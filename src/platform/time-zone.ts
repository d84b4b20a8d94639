/** Time zones by their IANA names, from the tables of the runtime. */
import type { Duration, Instant } from "../core/time.ts";

export type TimeZone = {
  readonly name: string;
  /** How much its clocks are ahead of UTC. */
  readonly offsetAt: (at: Instant) => Duration;
};

/** Null: no such zone. Offsets (`+02:00`) are none: they know no summer time. */
export function findTimeZone(name: string): TimeZone | null {
  if (!/^[A-Za-z][\w+/-]{1,63}$/.test(name)) return null;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    return { name: format.resolvedOptions().timeZone, offsetAt: (at) => offsetOf(format, at) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function offsetOf(format: Intl.DateTimeFormat, at: Instant): Duration {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const shown = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return shown - Math.floor(at / 1000) * 1000;
}
