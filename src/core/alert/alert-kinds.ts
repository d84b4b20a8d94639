/**
 * What somebody must look at, one line a kind: how grave it is, whether it is watched when nobody says otherwise, and the figures
 * from which on it is one. The first are those of campaign tools (failed, analysis failed, bad ratios, start pending for long,
 * slow, in progress), the rest is what else can stand still.
 */

export type AlertLevel = "error" | "warning" | "info";

/** Percent of messages, numbers, minutes, days and gigabytes. */
export type ThresholdName = "percent" | "least" | "count" | "minutes" | "perHour" | "days" | "gigabytes";

type Entry = {
  readonly level: AlertLevel;
  readonly on: boolean;
  readonly thresholds: Partial<Record<ThresholdName, number>>;
};

export const ALERT_KINDS = {
  /** A delivery paused by itself. */
  "delivery-held": { level: "error", on: true, thresholds: {} },
  "analysis-failed": { level: "error", on: true, thresholds: {} },
  /** A scheduled delivery did not begin, because its time was over when it could have. */
  "start-missed": { level: "error", on: true, thresholds: {} },
  /** The last date of a series has no delivery: it was missed, or the delivery could not be made. */
  "run-missed": { level: "error", on: true, thresholds: {} },
  /** Confirmed, its time has come, and it has not begun. */
  "start-late": { level: "warning", on: true, thresholds: { minutes: 10 } },
  /** Of what was attempted; deliveries to fewer people say nothing. */
  "hard-bounces": { level: "error", on: true, thresholds: { percent: 5, least: 50 } },
  "soft-bounces": { level: "warning", on: true, thresholds: { percent: 5, least: 50 } },
  /** Sent, of what is final. */
  "low-success": { level: "warning", on: true, thresholds: { percent: 90, least: 50 } },
  /** Recipients who called it spam, of what was sent. */
  complaints: { level: "error", on: true, thresholds: { percent: 0.3, least: 1000 } },
  /** Under way for so long, less than so much of it final, and fewer an hour than this. */
  slow: { level: "warning", on: true, thresholds: { minutes: 60, percent: 50, perHour: 1000 } },
  running: { level: "info", on: false, thresholds: {} },
  /** Addresses that went into quarantine within a day. */
  "quarantine-growth": { level: "warning", on: true, thresholds: { count: 1000 } },
  /** Unknown users that a person has to decide on. */
  "quarantine-held": { level: "warning", on: true, thresholds: {} },
  "lane-suspended": { level: "warning", on: true, thresholds: { minutes: 30 } },
  /** A rule of shaping wants to be seen. */
  "shaping-rule": { level: "warning", on: true, thresholds: {} },
  /** Messages are due and no sender says that it lives. */
  "senders-silent": { level: "error", on: true, thresholds: { minutes: 5 } },
  /** What the archive's own alerts say. */
  archive: { level: "error", on: true, thresholds: {} },
  /** Looks in a row that failed. */
  "mailbox-failing": { level: "error", on: true, thresholds: { count: 3 } },
  /** A service names a template that is not published, or its last mail could not be made of it: the built-in text goes out. */
  "service-mail": { level: "warning", on: true, thresholds: {} },
  "webhook-failing": { level: "warning", on: true, thresholds: { minutes: 60 } },
  "webhook-disabled": { level: "error", on: true, thresholds: {} },
  "retention-failed": { level: "warning", on: true, thresholds: {} },
  "disk-low": { level: "error", on: true, thresholds: { gigabytes: 2 } },
  /** Of the server that takes mail for the bounce domain. */
  "certificate-expiring": { level: "warning", on: true, thresholds: { days: 14 } },
  /** DKIM, SPF, DMARC or MX of a domain that mail is sent for. */
  "domain-dns": { level: "error", on: true, thresholds: {} },
} as const satisfies Record<string, Entry>;

export type AlertKind = keyof typeof ALERT_KINDS;
export const ALERT_KIND_NAMES = Object.keys(ALERT_KINDS) as [AlertKind, ...AlertKind[]];

/** What somebody set of a kind; the rest is as the table says. */
export type AlertRule = { readonly on?: boolean | undefined } & { readonly [T in ThresholdName]?: number | undefined };

export function ruleOf(
  kind: AlertKind,
  rules: Partial<Record<AlertKind, AlertRule>>,
): { readonly on: boolean; readonly thresholds: Readonly<Record<ThresholdName, number>> } {
  const { on, thresholds }: Entry = ALERT_KINDS[kind];
  const given = rules[kind] ?? {};
  const value = (name: ThresholdName) => given[name] ?? thresholds[name] ?? 0;
  return {
    on: given.on ?? on,
    thresholds: {
      percent: value("percent"),
      least: value("least"),
      count: value("count"),
      minutes: value("minutes"),
      perHour: value("perHour"),
      days: value("days"),
      gigabytes: value("gigabytes"),
    },
  };
}
