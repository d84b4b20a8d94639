/** A series in words: its rule, its times by the clocks of its zone, the label of a run. Pure. */
import type { TFunction } from "i18next";

import { labelOfRun, type SeriesInput, WEEKDAYS } from "../../../src/contract/series.ts";
import { createFormats, type Formats } from "../../format.ts";
import type { Weekday } from "./series-draft.ts";

const DAY_MS = 86_400_000;
/** 2024-01-01 was a Monday. */
const A_MONDAY = Date.UTC(2024, 0, 1);

export function weekdayName(locale: string, day: Weekday, style: "long" | "short" = "long"): string {
  const date = A_MONDAY + WEEKDAYS.indexOf(day) * DAY_MS;
  return new Intl.DateTimeFormat(locale, { weekday: style, timeZone: "UTC" }).format(date);
}

type Ruled = Pick<SeriesInput, "rule" | "time" | "zone" | "firstDate" | "lastDate">;

/** `Every Tuesday and Friday at 09:00, Europe/Paris`. */
export function ruleWords({ rule, time, zone, firstDate, lastDate }: Ruled, t: TFunction, locale: string): string {
  const words = t("series.at", { rule: unitWords(rule, firstDate, t, locale), time, zone });
  return lastDate === null ? words : t("series.until", { rule: words, date: dateWords(lastDate, locale) });
}

function unitWords(rule: Ruled["rule"], firstDate: string, t: TFunction, locale: string): string {
  const count = { count: rule.every, n: new Intl.NumberFormat(locale).format(rule.every) };
  const first = new Date(`${firstDate}T00:00Z`);
  switch (rule.unit) {
    case "day":
      return t("series.rule.day", count);
    case "week": {
      const ofFirst = [WEEKDAYS[(first.getUTCDay() + 6) % 7] ?? "monday"];
      const days = rule.weekdays.length > 0 ? rule.weekdays : ofFirst;
      if (rule.every === 1 && days.length === WEEKDAYS.length) return t("series.rule.day", count);
      const names = days.map((day) => weekdayName(locale, day));
      return t("series.rule.week", { ...count, days: new Intl.ListFormat(locale).format(names) });
    }
    case "month": {
      const day = rule.day ?? first.getUTCDate();
      return day === 31 ? t("series.rule.lastDay", count) : t("series.rule.month", { ...count, day });
    }
  }
}

/** `2027-06-30` */
export function dateWords(date: string, locale: string): string {
  const at = new Date(`${date}T00:00Z`);
  if (Number.isNaN(at.getTime())) return date;
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(at);
}

/** What the clocks of the zone show then: `local` is a time without a zone, `2026-12-01T09:00:00`. */
export function localWords(local: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: "UTC",
  }).format(new Date(`${local}Z`));
}

/** Formats by the clocks of a zone; of one that the browser does not know, by its own. */
export function formatsIn(zone: string, formats: Formats): Formats {
  try {
    return createFormats(formats.locale, zone);
  } catch {
    return formats;
  }
}

/** Of the next run: `next` as the server says it, else the first date. */
export function exampleLabel(
  { deliveryLabel, firstDate, time }: Pick<SeriesInput, "deliveryLabel" | "firstDate" | "time">,
  next: string | undefined,
): string {
  return labelOfRun(deliveryLabel, `${next?.slice(0, 10) ?? firstDate}T${time}:00`);
}
