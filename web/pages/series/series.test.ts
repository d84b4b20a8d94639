/** A series in words and as a form: its rule in each language, what is sent back, where a refusal belongs. */
import i18next, { type TFunction } from "i18next";
import { expect, test } from "vitest";

import { type Series, seriesSchema } from "../../../src/contract/series.ts";
import { createFormats } from "../../format.ts";
import { en } from "../../i18n/en/index.ts";
import { es } from "../../i18n/es/index.ts";
import { fr } from "../../i18n/fr/index.ts";
import { withMany } from "../../i18n/with-many.ts";
import { newSeriesDraft, type SeriesDraft, seriesDraftOf, seriesErrors, seriesRequestOf } from "./series-draft.ts";
import { exampleLabel, formatsIn, localWords, ruleWords } from "./view-model.ts";

const i18n = i18next.createInstance();
await i18n.init({
  resources: {
    en: { translation: en },
    fr: { translation: withMany(fr) },
    es: { translation: withMany(es) },
  },
  interpolation: { escapeValue: false },
});
const words = (given: object, language: string) =>
  ruleWords(
    {
      rule: { unit: "day", every: 1 },
      time: "09:00",
      zone: "Europe/Paris",
      firstDate: "2026-12-01",
      lastDate: null,
      ...given,
    },
    i18n.getFixedT(language) as TFunction,
    language,
  );

const week = (weekdays: string[], every = 1) => ({ rule: { unit: "week", every, weekdays } });
const month = (day: number | null, every = 1) => ({ rule: { unit: "month", every, day } });

test.each([
  [{}, "Every day at 09:00, Europe/Paris"],
  [{ rule: { unit: "day", every: 3 } }, "Every 3 days at 09:00, Europe/Paris"],
  [week(["tuesday", "friday"]), "Every Tuesday and Friday at 09:00, Europe/Paris"],
  // 2026-12-01 is a Tuesday.
  [week([]), "Every Tuesday at 09:00, Europe/Paris"],
  [week(["monday"], 2), "Every 2 weeks on Monday at 09:00, Europe/Paris"],
  [month(null), "Every month on day 1 at 09:00, Europe/Paris"],
  [month(15, 2), "Every 2 months on day 15 at 09:00, Europe/Paris"],
  [month(31), "Every month on its last day at 09:00, Europe/Paris"],
  [{ lastDate: "2027-06-30" }, "Every day at 09:00, Europe/Paris, until Jun 30, 2027"],
])("%j reads %s", (given, said) => {
  expect(words(given, "en")).toBe(said);
});

test("the reader's language says it", () => {
  const rule = week(["tuesday", "friday"]);
  expect(words(rule, "fr")).toBe("Chaque mardi et vendredi à 09:00, Europe/Paris");
  expect(words(rule, "es")).toBe("Cada martes y viernes a las 09:00, Europe/Paris");
  expect(words(month(31, 2), "fr")).toBe("Tous les 2 mois, le dernier jour à 09:00, Europe/Paris");
});

test("seven days of a week are every day", () => {
  const all = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
  expect(words(week(all), "en")).toBe("Every day at 09:00, Europe/Paris");
  expect(words(week(all, 2), "en")).toContain("Every 2 weeks on Monday, Tuesday");
});

test("times are those of the zone's clocks, and of a zone nobody knows the reader's", () => {
  expect(localWords("2026-12-01T09:00:00", "en-GB")).toBe("Tue, 1 Dec 2026, 09:00");
  const own = createFormats("en-GB", "UTC");
  expect(formatsIn("Europe/Paris", own).moment("2026-12-01T08:00:00.000Z")).toContain("09:00");
  expect(formatsIn("Mars/Olympus", own)).toBe(own);
});

test("the example is the label of the next run, or of the first date", () => {
  const draft = { deliveryLabel: "News of {date}, {time}", firstDate: "2026-12-01", time: "09:00" };
  expect(exampleLabel(draft, undefined)).toBe("News of 2026-12-01, 09:00");
  expect(exampleLabel(draft, "2027-01-05T08:00:00")).toBe("News of 2027-01-05, 09:00");
});

const STORED: Series = {
  ...seriesSchema.parse({
    label: "News",
    from: { delivery: "7" },
    rule: { unit: "week", weekdays: ["friday", "tuesday"] },
    time: "09:00",
    firstDate: "2026-12-01",
    deliveryLabel: "News of {date}",
  }),
  id: "3",
  sourceLabel: "News",
  savedBy: "Ann Lee",
  nextRuns: [],
  lastRun: null,
  version: 4,
  createdAt: "2026-11-21T09:00:00.000Z",
  updatedAt: "2026-11-21T09:00:00.000Z",
};

test.each([
  {},
  { rule: { unit: "day", every: 5 } },
  { rule: { unit: "month", every: 1, day: null } },
  { rule: { unit: "month", every: 2, day: 31 }, lastDate: "2027-06-30", on: false },
  { from: { template: "2", audience: { list: "4" } } },
  { from: { template: "2", audience: { import: "9" } } },
] as Partial<Series>[])("nothing is lost by opening and saving %j", (over) => {
  const series = { ...STORED, ...over };
  const { label, from, time, zone, firstDate, lastDate, deliveryLabel, on } = series;
  const sent = seriesRequestOf(seriesDraftOf(series));
  expect(sent).toMatchObject({ label, from, time, zone, firstDate, lastDate, deliveryLabel, on });
  const days = over.rule ?? { unit: "week", every: 1, weekdays: ["tuesday", "friday"] };
  expect(sent.rule).toEqual(days);
  expect(seriesSchema.safeParse(sent).success).toBe(true);
});

test("a new one begins tomorrow, and is complete once a delivery is chosen", () => {
  const draft = newSeriesDraft(Date.parse("2026-12-31T12:00:00Z"), "UTC", "7", "News");
  expect(draft).toMatchObject({ label: "News", deliveryLabel: "News {date}", firstDate: "2027-01-01" });
  expect(seriesSchema.safeParse(seriesRequestOf(draft)).success).toBe(true);
});

const refusal = (pointer: string, draft: Partial<SeriesDraft> = {}) =>
  Object.keys(
    seriesErrors(
      {
        type: "",
        title: "",
        status: 422,
        detail: "",
        code: "invalid-input",
        errors: [{ pointer, code: "x", message: "no" }],
      },
      { ...seriesDraftOf(STORED), ...draft },
    ).fields,
  );

test.each([
  ["/label", {}, ["label"]],
  ["/rule/weekdays/0", {}, ["weekdays"]],
  ["/rule/every", {}, ["every"]],
  ["/zone", {}, ["zone"]],
  ["/from", {}, ["delivery"]],
  ["/from", { source: "template" as const }, ["template"]],
  ["/from", { source: "template" as const, template: "2" }, ["audience"]],
  ["/audience/list", {}, ["audience"]],
  ["/template", {}, ["template"]],
  ["/content/subject", {}, []],
])("a refusal at %s belongs to %j %j", (pointer, draft, fields) => {
  expect(refusal(pointer, draft)).toEqual(fields);
});
