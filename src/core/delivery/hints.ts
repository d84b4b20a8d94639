/**
 * The wait that a reply asks for, when it names one: `try again in 300 seconds`, `greylisted for 4 minutes`, `retry-after: 60`.
 * Only the wish is read here; how far it is obeyed is for `retry-plan.ts` to say.
 */
import { DAY, type Duration, HOUR, MINUTE, SECOND } from "../time.ts";

const MAX_CHARS = 2000;

/** English, French, German, Spanish, Italian, Portuguese, Dutch; the first letters decide. */
const UNITS: readonly (readonly [RegExp, Duration])[] = [
  [/^(?:ms|milli)/, SECOND / 1000],
  [/^(?:h|st|o|u)/, HOUR],
  [/^m/, MINUTE],
  [/^s/, SECOND],
  [/^(?:d|j|t|g)/, DAY],
];

const UNIT =
  "(milliseconds?|ms|seconds?|secondes?|sekunden?|segundos?|secondi|seconden|secs?|s|minutes?|minuten?|minutos?|minuti|minuut|mins?|m|hours?|heures?|stunden?|horas?|ore|uur|uren|hrs?|h|days?)";

/** A word that turns a number with a unit into a wish to wait, then at most a few words, then the number. */
const WISH = new RegExp(
  String.raw`(?:gr[ea]y-?list\w{0,9}|try|retry\w{0,9}|re-?send|wait\w{0,9}|again|later|come back|deferred|delay\w{0,9}|reessay\w{0,9}|patient\w{0,9}|versuch\w{0,9}|warte\w{0,9}|intent\w{0,9}|riprov\w{0,9}|tent\w{0,9}|probeer|wacht)[^\d]{0,60}?\b(\d{1,6})\s?${UNIT}\b`,
);
/** The number first: `300 seconds until you may try again`, `wait time 00:04:37`. */
const NUMBER_FIRST = new RegExp(
  String.raw`\b(\d{1,6})\s?${UNIT}\b[^\d]{0,40}?\b(?:try|retry|resend|again|before|remaining)\b`,
);
const CLOCK = /(?:gr[ea]y-?list\w{0,9}|try|retry|wait|again|delay)\D{0,60}?\b(\d{1,2}):(\d\d):(\d\d)\b/;
/** A bare number means seconds only where the words are those of a protocol field. */
const RETRY_AFTER = /\bretry[- _]?after\W{0,3}(\d{1,6})\b(?!\s?[a-z:])/;

export function parseRetryHint(text: string): Duration | null {
  const line = text.slice(0, MAX_CHARS).toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const clock = CLOCK.exec(line);
  if (clock) return positive(Number(clock[1]) * HOUR + Number(clock[2]) * MINUTE + Number(clock[3]) * SECOND);
  const wish = WISH.exec(line) ?? NUMBER_FIRST.exec(line);
  if (wish) return positive(Number(wish[1]) * unitSize(wish[2] ?? ""));
  const after = RETRY_AFTER.exec(line);
  return after ? positive(Number(after[1]) * SECOND) : null;
}

function unitSize(unit: string): Duration {
  return UNITS.find(([start]) => start.test(unit))?.[1] ?? 0;
}

function positive(duration: Duration): Duration | null {
  return duration > 0 ? duration : null;
}
