/** The latest answers about recipients of a provider, and how many unknown users are usual there. */
import { DAY, HOUR, type Instant } from "../time.ts";

/** Enough to see a burst without anything to compare it with. */
const RECENT = 200;
/** With something to compare it with, these are enough. */
const BURST = 40;
const BURST_UNKNOWN = 20;
/** Times the usual share. */
const BURST_FACTOR = 5;
/** Of what is usual where hardly any were seen: some addresses are always gone. */
const USUAL_LEAST = 0.02;
/** Fewer answers from before say nothing about what is usual. */
const BASELINE_LEAST = 100;
const ALONE_SHARE = 0.95;

type Hour = { readonly hour: number; answers: number; unknown: number };

export type Answers = {
  /** Oldest first; at most twice `RECENT` before the older half goes to the hours. */
  recent: { readonly at: Instant; readonly unknown: boolean }[];
  /** What is older than that, within a day. */
  hours: Hour[];
};

export function noAnswers(): Answers {
  return { recent: [], hours: [] };
}

export function note(answers: Answers, unknown: boolean, now: Instant): void {
  const last = answers.recent.at(-1);
  // A clock that went back: nothing before is before any more.
  if (last !== undefined && now < last.at - HOUR) Object.assign(answers, noAnswers());
  answers.recent.push({ at: now, unknown });
  if (answers.recent.length < 2 * RECENT) return;
  const old = answers.recent.slice(0, RECENT);
  answers.recent = answers.recent.slice(RECENT);
  const oldest = Math.floor((now - DAY) / HOUR);
  answers.hours = answers.hours.filter(({ hour }) => hour > oldest && hour * HOUR <= now);
  for (const answer of old) addToHours(answers.hours, answer);
}

function addToHours(hours: Hour[], { at, unknown }: Answers["recent"][number]): void {
  const number = Math.floor(at / HOUR);
  let hour = hours.find((one) => one.hour === number);
  if (!hour) hours.push((hour = { hour: number, answers: 0, unknown: 0 }));
  hour.answers++;
  if (unknown) hour.unknown++;
}

/** The burst was no outage: it is what is usual now. */
export function rememberBurst(answers: Answers, now: Instant): void {
  for (const answer of answers.recent) addToHours(answers.hours, { ...answer, at: Math.min(now, answer.at) });
  answers.recent = [];
}

/** Share of unknown users within a day, without the `latest` answers; null: too few to say. */
function usualShare({ recent, hours }: Answers, latest: number, now: Instant): number | null {
  let answers = 0;
  let unknown = 0;
  for (const hour of hours) {
    if (hour.hour * HOUR < now - DAY) continue;
    answers += hour.answers;
    unknown += hour.unknown;
  }
  for (const answer of recent.slice(0, -latest)) {
    if (answer.at < now - DAY) continue;
    answers++;
    if (answer.unknown) unknown++;
  }
  return answers < BASELINE_LEAST ? null : unknown / answers;
}

export type Burst = {
  readonly unknown: number;
  readonly of: number;
  readonly since: Instant;
  /** Share of unknown users before; null: nothing known. */
  readonly usual: number | null;
};

/** Whether the latest answers are far from what is usual. */
export function burstOf(answers: Answers, now: Instant): Burst | null {
  const latest = answers.recent.slice(-BURST);
  const unknown = latest.filter((answer) => answer.unknown).length;
  if (unknown < BURST_UNKNOWN || unknown * 2 <= latest.length) return null;
  const usual = usualShare(answers, BURST, now);
  if (usual !== null && unknown / latest.length >= BURST_FACTOR * Math.max(USUAL_LEAST, usual)) {
    return { unknown, of: latest.length, since: beginning(answers), usual };
  }
  return usualShare(answers, RECENT, now) === null ? burstAlone(answers) : null;
}

/** Nothing to compare with: only what can hardly be a list. */
function burstAlone({ recent }: Answers): Burst | null {
  const latest = recent.slice(-RECENT);
  const unknown = latest.filter((answer) => answer.unknown);
  const [first] = unknown;
  if (first === undefined || latest.length < RECENT || unknown.length < ALONE_SHARE * RECENT) return null;
  return { unknown: unknown.length, of: latest.length, since: first.at, usual: null };
}

/** The earliest unknown user from which on more than half are unknown: before it, answers were normal. */
function beginning({ recent }: Answers): Instant {
  let since = recent.at(-1)?.at ?? 0;
  let unknown = 0;
  for (let i = recent.length - 1; i >= 0; i--) {
    const answer = recent[i];
    if (answer?.unknown !== true) continue;
    unknown++;
    if (unknown * 2 > recent.length - i) since = answer.at;
  }
  return since;
}
