/** What the pages of bounce rules decide: their addresses, what a rule applies to in a line, which rules match words. */
import type { BounceRuleInput, TriedRules } from "../../../src/contract/reply-texts.ts";
import { text } from "../../search.ts";

/** `rule`: name of a shipped rule, in the drawer. */
export type RulesSearch = { rule?: string | undefined };

export const rulesSearch = (search: Record<string, unknown>): RulesSearch => ({
  rule: text(search["rule"]),
});

/** What a new rule begins with: a reply text, a shipped rule, or nothing. */
export type NewRuleSearch = { text?: string | undefined; like?: string | undefined };

export const newRuleSearch = (search: Record<string, unknown>): NewRuleSearch => {
  const id = text(search["text"]);
  return { text: id !== undefined && /^\d{1,15}$/.test(id) ? id : undefined, like: text(search["like"]) };
};

type Conditions = Pick<BounceRuleInput, "code" | "enhanced" | "text" | "notText" | "mx">;

/** Codes, patterns and hosts; empty: the stage alone decides. */
export function conditionsOf({ code, enhanced, text: patterns, notText, mx }: Conditions): string[] {
  return [
    ...(code ?? []),
    ...(enhanced ?? []),
    ...(patterns ?? []).map((pattern) => `“${pattern}”`),
    ...(notText ?? []).map((pattern) => `≠ “${pattern}”`),
    ...(mx ?? []).map((host) => `@${host}`),
  ];
}

export function matchingRules<R extends Conditions & { name: string }>(rules: readonly R[], words: string): R[] {
  const wanted = words.trim().toLowerCase();
  return rules.filter((rule) => [rule.name, ...conditionsOf(rule)].some((each) => each.toLowerCase().includes(wanted)));
}

/** What became otherwise in a verdict: the words that differ stand out. */
export function differing({ before, after }: TriedRules["changes"][number]): ReadonlySet<keyof typeof before> {
  const fields = ["type", "reason", "action", "scope", "rule"] as const;
  return new Set(fields.filter((field) => before[field] !== after[field]));
}
