/** Which alerts a mail names and when it may go: not too often, nothing twice but reminders, nothing left out. */
import type { Duration, Instant } from "../time.ts";

export type ToldAlert = {
  readonly id: number;
  readonly raisedAt: Instant;
  readonly resolvedAt: Instant | null;
  readonly acknowledgedAt: Instant | null;
  /** When the last mail named it as open. */
  readonly toldAt: Instant | null;
  readonly resolutionToldAt: Instant | null;
};

export type MailPlan<T> = {
  readonly fresh: readonly T[];
  readonly reminded: readonly T[];
  readonly over: readonly T[];
};

export type MailPace = {
  /** From one mail to the next. */
  readonly every: Duration;
  /** An open alert that nobody took care of is named again after so long; null: never. */
  readonly remind: Duration | null;
};

/** Null: no mail now. What was over before anybody was told of it is nobody's concern any more. */
export function planMail<T extends ToldAlert>(alerts: readonly T[], pace: MailPace, now: Instant): MailPlan<T> | null {
  const times = alerts.flatMap(({ toldAt, resolutionToldAt }) => [toldAt ?? -Infinity, resolutionToldAt ?? -Infinity]);
  if (now - Math.max(-Infinity, ...times) < pace.every) return null;
  const open = alerts.filter(({ resolvedAt }) => resolvedAt === null);
  const fresh = open.filter(({ toldAt }) => toldAt === null);
  const isDue = ({ toldAt, acknowledgedAt }: T) =>
    pace.remind !== null && toldAt !== null && acknowledgedAt === null && now - toldAt >= pace.remind;
  const reminded = open.filter(isDue);
  const over = alerts.filter(
    ({ resolvedAt, toldAt, resolutionToldAt }) => resolvedAt !== null && toldAt !== null && resolutionToldAt === null,
  );
  return fresh.length + reminded.length + over.length === 0 ? null : { fresh, reminded, over };
}
