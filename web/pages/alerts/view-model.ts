/** What is typed of who hears of alerts and of what, and the search of the list. */
import {
  ALERT_KIND_NAMES,
  ALERT_KINDS,
  type AlertKind,
  type AlertSettings,
  ruleOf,
  type ThresholdName,
} from "../../../src/contract/alerts.ts";
import { oneOf } from "../../search.ts";

export const ALERT_STATES = ["open", "resolved"] as const;
export type AlertSearch = { state?: (typeof ALERT_STATES)[number] | undefined };
export const alertSearch = (search: Record<string, unknown>): AlertSearch => ({
  state: oneOf(ALERT_STATES, search["state"]),
});

export type RuleDraft = { on: boolean; thresholds: Partial<Record<ThresholdName, number | "">> };
export type AlertDraft = {
  addresses: string;
  every: string;
  /** Empty: never. */
  remind: string;
  window: string;
  groups: string[];
  rules: Record<AlertKind, RuleDraft>;
};

export const thresholdsOf = (kind: AlertKind) => Object.keys(ALERT_KINDS[kind].thresholds) as ThresholdName[];

export function draftOf(settings: AlertSettings): AlertDraft {
  const { addresses, every, remind, window, groups } = settings;
  const rule = (kind: AlertKind): RuleDraft => {
    const { on, thresholds } = ruleOf(kind, settings.rules);
    return { on, thresholds: Object.fromEntries(thresholdsOf(kind).map((name) => [name, thresholds[name]])) };
  };
  const rules = Object.fromEntries(ALERT_KIND_NAMES.map((kind) => [kind, rule(kind)])) as AlertDraft["rules"];
  return { addresses: addresses.join("\n"), every, remind: remind ?? "", window, groups, rules };
}

/** Only what is different from the table of kinds: what nobody touched follows it when it changes. */
export function settingsOf({ addresses, every, remind, window, groups, rules }: AlertDraft): AlertSettings {
  const changed = ALERT_KIND_NAMES.flatMap((kind) => {
    const usual = ruleOf(kind, {});
    const { on, thresholds } = rules[kind];
    const names = thresholdsOf(kind).filter(
      (name) => thresholds[name] !== "" && thresholds[name] !== usual.thresholds[name],
    );
    const rule = {
      ...(on === usual.on ? {} : { on }),
      ...Object.fromEntries(names.map((name) => [name, Number(thresholds[name])])),
    };
    return Object.keys(rule).length === 0 ? [] : [[kind, rule] as const];
  });
  return {
    addresses: addresses.split(/[\s,;]+/).filter((address) => address !== ""),
    every: every.trim(),
    remind: remind.trim() === "" ? null : remind.trim(),
    window: window.trim(),
    groups,
    rules: Object.fromEntries(changed),
  };
}
