/** Numbers, shares, times and sizes as the screens write them. Pure: locale and "now" are arguments. */

export type Formats = {
  locale: string;
  int: (value: number) => string;
  /** One decimal below 10, none above; null → null, so that callers say "not known yet" themselves. */
  rate: (value: number | null) => string | null;
  percent: (part: number, base: number) => string | null;
  /** A share that is computed elsewhere, 0 to 1. */
  share: (value: number) => string;
  bytes: (value: number) => string;
  clock: (iso: string) => string;
  dateTime: (iso: string) => string;
  /** Day and minute, for a date that lies ahead. */
  moment: (iso: string) => string;
  relative: (iso: string, now: number) => string;
  duration: (seconds: number) => string;
};

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

export function createFormats(locale: string, timeZone?: string): Formats {
  const zone = timeZone === undefined ? {} : { timeZone };
  const int = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    ...zone,
  });
  const dateTime = new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
    ...zone,
  });
  const moment = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...zone,
  });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "narrow" }).format(value);

  return {
    locale,
    int: (value) => int.format(value),
    rate: (value) => (value === null ? null : (value < 10 ? one : int).format(value)),
    percent: (part, base) => (base > 0 ? percentOf(part, base, locale) : null),
    share: (value) => percentOf(value, 1, locale),
    bytes: (value) =>
      value < 1000
        ? `${int.format(value)} B`
        : value < 1_000_000
          ? `${one.format(value / 1000)} kB`
          : `${one.format(value / 1_000_000)} MB`,
    clock: (iso) => clock.format(new Date(iso)),
    dateTime: (iso) => dateTime.format(new Date(iso)),
    moment: (iso) => moment.format(new Date(iso)),
    relative: (iso, now) => relativeTo(relative, iso, now),
    duration: (seconds) => durationOf(seconds, unit),
  };
}

/** 99.996 % must not be written 100.0 %, nor 0.004 % as 0.0 %: a rounding may not hide a failed message. */
function percentOf(part: number, base: number, locale: string): string {
  let tenths = Math.round((part / base) * 1000);
  if (part < base && tenths === 1000) tenths = 999;
  if (part > 0 && tenths === 0) tenths = 1;
  return new Intl.NumberFormat(locale, {
    style: "percent",
    minimumFractionDigits: tenths === 1000 || tenths === 0 ? 0 : 1,
  }).format(tenths / 1000);
}

function relativeTo(format: Intl.RelativeTimeFormat, iso: string, now: number): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  const [name, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return format.format(Math.trunc(seconds / size), name);
}

function durationOf(seconds: number, unit: (value: number, name: string) => string): string {
  if (seconds < 1) return unit(Math.round(seconds * 1000), "millisecond");
  const whole = Math.round(seconds);
  if (whole < 60) return unit(whole, "second");
  if (whole < 3600) return `${unit(Math.floor(whole / 60), "minute")} ${unit(whole % 60, "second")}`;
  if (whole < 172_800)
    return `${unit(Math.floor(whole / 3600), "hour")} ${unit(Math.floor((whole % 3600) / 60), "minute")}`;
  return `${unit(Math.floor(whole / 86_400), "day")} ${unit(Math.floor((whole % 86_400) / 3600), "hour")}`;
}
