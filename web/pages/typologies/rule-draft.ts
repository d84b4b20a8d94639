/**
 * Rules of operators as the page holds them: what the API has, whole, so that fields of a newer server stay as they are. A number that is
 * not filled in is "". What JSON says and no form knows is changed as JSON only.
 */
import {
  LEVELS,
  PHASES,
  type OwnTypologyRule,
  type TypologyInput,
  type TypologyRuleInput,
} from "../../../src/contract/typologies.ts";
import type { Count } from "../../parts/form-fields.ts";
import { type Choice, isChoice } from "./choice-model.ts";

type Own = Exclude<TypologyRuleInput, { kind: "built-in" }>;
type Of<K extends Own["kind"], Fields extends string = never> = Omit<Extract<Own, { kind: K }>, "order" | Fields> & {
  order: Count;
};

export type SegmentRef = string | Record<string, unknown>;
export type ThresholdCase = { segment: SegmentRef; threshold: Count };
export type ThresholdDraft =
  | Count
  | { attribute: string; otherwise: Count }
  | { cases: readonly ThresholdCase[]; otherwise: Count };
export type Line = { from: string; to: string; messages: Count };

export type ControlDraft = Of<"control">;
export type FilteringDraft = Of<"filtering">;
export type PressureDraft = Of<"pressure", "threshold" | "days"> & { threshold: ThresholdDraft; days: Count };
export type CapacityDraft = Of<"capacity", "lines"> & { lines: readonly Line[] };
type Draft = ControlDraft | FilteringDraft | PressureDraft | CapacityDraft;
export type OwnDraft = Draft & { readonly key: string };
export type RuleKind = Own["kind"];
export type Nature = NonNullable<FilteringDraft["natures"]>[number];

export const RULE_KINDS = ["control", "filtering", "pressure", "capacity"] as const satisfies readonly RuleKind[];
export const GROUPINGS = ["none", "day", "week", "month", "quarter", "year"] as const;
export const USUAL_ORDER = 50;

export const ownDraftOf = (rule: OwnTypologyRule): OwnDraft => ({ ...rule, key: rule.id });

export const isNew = ({ id }: OwnDraft): boolean => id === undefined;

/** `key` tells rows apart that are not stored yet. `today`: as `2026-11-23`. */
export function emptyRule(kind: RuleKind, key: string, today: string): OwnDraft {
  const common = { key, name: "", active: true, order: USUAL_ORDER };
  switch (kind) {
    case "control":
      return { ...common, kind, phase: "before-personalisation", level: "warning", expression: "", message: "" };
    case "filtering":
      return { ...common, kind, exclude: { segment: "" } };
    case "pressure":
      return { ...common, kind, threshold: 3, days: 7, grouping: "none", planned: true };
    case "capacity":
      return { ...common, kind, lines: [{ from: today, to: today, messages: "" }], excludeExcess: false };
  }
}

export const orderOf = (order: Count): number => (order === "" ? USUAL_ORDER : order);

export function ownRulesOf(own: readonly OwnDraft[]): NonNullable<TypologyInput["rules"]> {
  return own.map(({ key: _key, ...rule }) => ({
    ...rule,
    name: rule.name.trim(),
    order: orderOf(rule.order),
  })) as Own[];
}

type Json = Record<string, unknown>;
const isCount = (json: unknown): json is Count => json === "" || typeof json === "number";
const isObject = (json: unknown): json is Json => typeof json === "object" && json !== null && !Array.isArray(json);
const isOneOf = (words: readonly string[], json: unknown) => words.some((word) => word === json);
const isAbsentOr = (json: unknown, is: (json: unknown) => boolean) => json === undefined || is(json);

function isThreshold(json: unknown): boolean {
  if (isCount(json)) return true;
  if (!isObject(json) || !isCount(json["otherwise"])) return false;
  if (typeof json["attribute"] === "string") return true;
  const { cases } = json;
  return (
    Array.isArray(cases) &&
    cases.every((each) => isObject(each) && isChoice({ segment: each["segment"] }) && isCount(each["threshold"]))
  );
}

const isLine = (json: unknown) =>
  isObject(json) && typeof json["from"] === "string" && typeof json["to"] === "string" && isCount(json["messages"]);

const isRanking = (json: unknown) =>
  isObject(json) &&
  typeof json["attribute"] === "string" &&
  isAbsentOr(json["direction"], (word) => isOneOf(["ascending", "descending"], word));

/** Whether the form of its kind shows all that the rule says, or can at least keep what it does not show. */
export function hasForm(rule: OwnDraft): boolean {
  const json: Json = rule;
  if (!isAbsentOr(json["natures"], Array.isArray)) return false;
  const isFlag = (flag: unknown) => isAbsentOr(flag, (value) => typeof value === "boolean");
  switch (rule.kind) {
    case "control":
      return (
        isOneOf(PHASES, json["phase"]) &&
        isOneOf(LEVELS, json["level"]) &&
        typeof json["expression"] === "string" &&
        typeof json["message"] === "string"
      );
    case "filtering":
      return isChoice(json["exclude"]);
    case "pressure":
      return (
        isThreshold(json["threshold"]) &&
        isCount(json["days"]) &&
        isFlag(json["planned"]) &&
        isAbsentOr(json["grouping"], (word) => isOneOf(GROUPINGS, word)) &&
        isAbsentOr(json["recipients"], isChoice)
      );
    case "capacity":
      return (
        Array.isArray(json["lines"]) &&
        json["lines"].every(isLine) &&
        isFlag(json["excludeExcess"]) &&
        isAbsentOr(json["by"], isRanking)
      );
  }
}

/** The same rule without a field: what is absent is as the server has it by itself. */
export function without<T extends object, F extends keyof T>(rule: T, field: F): Omit<T, F> {
  const { [field]: _gone, ...rest } = rule;
  return rest;
}

/** Of both natures is of all. */
export function natureOf({ natures }: { natures?: readonly Nature[] | undefined }): Nature | "all" {
  const [only, other] = natures ?? [];
  return only === undefined || other !== undefined ? "all" : only;
}

export type Whom = "all" | "these" | "others";

/** For whom a pressure rule is. */
export const isFor = (recipients: Choice | undefined, others: boolean): Whom =>
  recipients === undefined ? "all" : others ? "others" : "these";
