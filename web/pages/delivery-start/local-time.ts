/**
 * What a date and time mean by the clocks of a zone, as the server reads them: once as a rule; twice when summer time ends; never in the
 * hour that the clocks leave out when it begins.
 */
import { formatLocal, instantsOf, type OffsetAt, readDateTime } from "../../../src/contract/local-time.ts";

export type LocalTime =
  /** Nothing that could be read; the field says so itself. */
  | { kind: "none" }
  | { kind: "once"; at: number }
  | { kind: "twice"; earlier: number; later: number }
  /** `next`: what the clocks show at the moment that it would be if they had not been put forward, `2026-03-29T03:30`. */
  | { kind: "gap"; next: string };

const DAY = 86_400_000;

/** `zone`: a name that the browser knows. */
export function readLocal(text: string, zone: string): LocalTime {
  const local = readDateTime(text);
  if (local === null) return { kind: "none" };
  const offsetAt = offsetIn(zone);
  const [earlier, later] = instantsOf(local, offsetAt);
  // No zone changes its clocks twice in two days.
  if (earlier === undefined)
    return { kind: "gap", next: formatLocal(local - offsetAt(local - DAY), offsetAt).slice(0, 16) };
  return later === undefined ? { kind: "once", at: earlier } : { kind: "twice", earlier, later };
}

export type Occurrence = "earlier" | "later";

/** Of a time that was scheduled before. */
export function occurrenceOf(time: LocalTime, at: number): Occurrence {
  return time.kind === "twice" && time.later === at ? "later" : "earlier";
}

/** `UTC+02:00`: what two times differ in that the clocks show alike. */
export function offsetWord(at: number, zone: string): string {
  const minutes = offsetIn(zone)(at) / 60_000;
  const two = (n: number) => String(n).padStart(2, "0");
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "−" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

export function offsetIn(zone: string): OffsetAt {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  return (at) => {
    const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d{2}):(\d{2})/.exec(format.format(at)) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  };
}
