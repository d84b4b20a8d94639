/** A series as its page edits it, and what it becomes for the API; where each refusal belongs. */
import type { Problem } from "../../../src/contract/index.ts";
import { type Series, type SeriesInput, WEEKDAYS } from "../../../src/contract/series.ts";
import { fieldErrors } from "../../parts/field-errors.ts";
import type { Count, FormProps } from "../../parts/form-fields.ts";
import { audienceOf, type Chosen, chosenOf, NOBODY_YET } from "../audience-choice/chosen.ts";

type Rule = SeriesInput["rule"];
export type Weekday = (typeof WEEKDAYS)[number];

export type SeriesDraft = {
  label: string;
  source: "delivery" | "template";
  /** Ids; "": none is chosen yet. */
  delivery: string;
  template: string;
  audience: Chosen;
  unit: Rule["unit"];
  every: Count;
  weekdays: readonly Weekday[];
  /** Empty: that of the first date. */
  day: Count;
  time: string;
  zone: string;
  firstDate: string;
  /** "": there is no end. */
  lastDate: string;
  deliveryLabel: string;
  on: boolean;
};

/** `stored`: null, it does not exist yet. */
export type SeriesFormProps = FormProps<SeriesDraft> & { stored: Series | null };

/** Every week, from tomorrow on. `label`: of what is repeated; "": nothing is chosen yet. */
export function newSeriesDraft(now: number, zone: string, delivery = "", label = ""): SeriesDraft {
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  const two = (n: number) => String(n).padStart(2, "0");
  return {
    label,
    source: "delivery",
    delivery,
    template: "",
    audience: NOBODY_YET,
    unit: "week",
    every: 1,
    weekdays: [],
    day: "",
    time: "09:00",
    zone,
    firstDate: `${tomorrow.getFullYear()}-${two(tomorrow.getMonth() + 1)}-${two(tomorrow.getDate())}`,
    lastDate: "",
    deliveryLabel: label === "" ? "" : `${label} {date}`,
    on: true,
  };
}

export function seriesDraftOf(series: Series): SeriesDraft {
  const { from, rule, lastDate, label, time, zone, firstDate, deliveryLabel, on } = series;
  const source = "delivery" in from ? "delivery" : "template";
  return {
    label,
    source,
    delivery: "delivery" in from ? from.delivery : "",
    template: "delivery" in from ? "" : from.template,
    audience: "delivery" in from ? NOBODY_YET : chosenOf(from.audience),
    unit: rule.unit,
    every: rule.every,
    weekdays: rule.unit === "week" ? rule.weekdays : [],
    day: rule.unit === "month" ? (rule.day ?? "") : "",
    time,
    zone,
    firstDate,
    lastDate: lastDate ?? "",
    deliveryLabel,
    on,
  };
}

export function ruleOf({ unit, every: typed, weekdays, day }: SeriesDraft): Rule {
  const every = typed === "" ? 1 : typed;
  if (unit === "day") return { unit, every };
  if (unit === "week") return { unit, every, weekdays: WEEKDAYS.filter((each) => weekdays.includes(each)) };
  return { unit, every, day: day === "" ? null : day };
}

export function seriesRequestOf(draft: SeriesDraft): SeriesInput {
  const { label, source, delivery, template, audience, time, zone, firstDate, lastDate, deliveryLabel, on } = draft;
  return {
    label: label.trim(),
    from: source === "delivery" ? { delivery } : { template, audience: audienceOf(audience) },
    rule: ruleOf(draft),
    time,
    zone,
    firstDate,
    lastDate: lastDate === "" ? null : lastDate,
    deliveryLabel: deliveryLabel.trim(),
    on,
  };
}

const FIELDS: Readonly<Record<string, keyof SeriesDraft>> = {
  label: "label",
  time: "time",
  zone: "zone",
  firstDate: "firstDate",
  lastDate: "lastDate",
  deliveryLabel: "deliveryLabel",
  template: "template",
  audience: "audience",
  list: "audience",
};
const IN_RULE: Readonly<Record<string, keyof SeriesDraft>> = { every: "every", weekdays: "weekdays", day: "day" };

/** Of a choice that is not complete the API only says that `from` is wrong. */
function fieldOf([first = "", second = ""]: readonly string[], { source, template }: SeriesDraft) {
  if (first === "rule") return IN_RULE[second] ?? null;
  if (first !== "from") return FIELDS[first] ?? null;
  if (source === "delivery") return "delivery";
  return template === "" || second === "template" ? "template" : "audience";
}

export const seriesErrors = (problem: Problem | null, draft: SeriesDraft) =>
  fieldErrors<keyof SeriesDraft>(problem, (names) => fieldOf(names, draft));
