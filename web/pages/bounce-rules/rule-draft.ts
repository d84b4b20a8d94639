/** One bounce rule as a form: lists as typed, and what it becomes for the API; where each refusal belongs. */
import type { FailureReason, FailureType, Problem } from "../../../src/contract/index.ts";
import type { BounceRuleInput, ShippedBounceRule } from "../../../src/contract/reply-texts.ts";
import type { FieldErrors } from "../../parts/field-errors.ts";

type Stage = NonNullable<BounceRuleInput["stage"]>[number];
type Action = NonNullable<BounceRuleInput["verdict"]["action"]>;
type Scope = BounceRuleInput["verdict"]["scope"];

export const STAGES = ["connect", "ehlo", "mail", "rcpt", "data", "dot", "async"] as const satisfies readonly Stage[];
export const TYPES = ["hard", "soft", "ignored", "not-defined"] as const satisfies readonly FailureType[];
export const ACTIONS = [
  "fail",
  "retry",
  "retry-elsewhere",
  "slow",
  "split",
  "alarm",
  "pause",
] as const satisfies readonly Action[];
export const SCOPES = ["address", "message", "sender", "source", "domain"] as const satisfies readonly Scope[];

export type ExampleDraft = { reply: string; stage: Stage; mx: string };

export type BounceDraft = {
  name: string;
  enabled: boolean;
  /** None: any stage. */
  stage: Stage[];
  /** Parted by blanks, commas, lines. */
  code: string;
  enhanced: string;
  mx: string;
  /** One pattern a line. */
  text: string;
  notText: string;
  type: FailureType;
  reason: FailureReason;
  /** Empty: as the code says. */
  action: Action | "";
  scope: Scope;
  source: string;
  examples: ExampleDraft[];
};

export const emptyExample: ExampleDraft = { reply: "", stage: "rcpt", mx: "" };

export const emptyBounceRule: BounceDraft = {
  name: "",
  enabled: true,
  stage: [],
  code: "",
  enhanced: "",
  mx: "",
  text: "",
  notText: "",
  type: "soft",
  reason: "refused",
  action: "",
  scope: "message",
  source: "",
  examples: [emptyExample],
};

export const bounceDraftOf = (rule: BounceRuleInput): BounceDraft => ({
  name: rule.name,
  enabled: rule.enabled,
  stage: rule.stage ?? [],
  code: (rule.code ?? []).join(" "),
  enhanced: (rule.enhanced ?? []).join(" "),
  mx: (rule.mx ?? []).join("\n"),
  text: (rule.text ?? []).join("\n"),
  notText: (rule.notText ?? []).join("\n"),
  type: rule.verdict.type,
  reason: rule.verdict.reason,
  action: rule.verdict.action ?? "",
  scope: rule.verdict.scope,
  source: rule.source,
  examples: rule.examples.map(({ reply, stage, mx }) => ({ reply, stage, mx: mx ?? "" })),
});

/** Under another name: two rules with one cannot be. */
export const draftLikeShipped = (rule: ShippedBounceRule): BounceDraft =>
  bounceDraftOf({ ...rule, name: `${rule.name}-own`.slice(0, 63), enabled: true });

export function bounceRequestOf(draft: BounceDraft): BounceRuleInput {
  return {
    name: draft.name.trim(),
    enabled: draft.enabled,
    stage: orNull(STAGES.filter((stage) => draft.stage.includes(stage))),
    code: orNull(wordsOf(draft.code)),
    enhanced: orNull(wordsOf(draft.enhanced)),
    text: orNull(linesOf(draft.text)),
    notText: orNull(linesOf(draft.notText)),
    mx: orNull(wordsOf(draft.mx)),
    verdict: {
      type: draft.type,
      reason: draft.reason,
      action: draft.action === "" ? null : draft.action,
      scope: draft.scope,
    },
    source: draft.source.trim(),
    examples: draft.examples.map(({ reply, stage, mx }) => ({
      reply: reply.trim(),
      stage,
      mx: mx.trim() === "" ? null : mx.trim(),
    })),
  };
}

const wordsOf = (typed: string): string[] => typed.split(/[\s,;]+/).filter((word) => word !== "");
const linesOf = (typed: string): string[] =>
  typed
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
const orNull = <T>(entries: T[]): T[] | null => (entries.length === 0 ? null : entries);

/** `examples/0` is a field of its own. */
type BounceField = keyof BounceDraft | `examples/${number}`;

export type BounceFormProps = {
  draft: BounceDraft;
  set: (part: Partial<BounceDraft>) => void;
  errors: FieldErrors<BounceField>["fields"];
};

/** A try's pointers begin where the rule lies in it; a verdict's fields have no part of their own in the form. */
export function bounceFieldOf(names: readonly string[]): BounceField | null {
  const [first = "", second = ""] = names[0] === "change" ? names.slice(2) : names;
  if (first === "examples" && /^\d+$/.test(second)) return `examples/${Number(second)}`;
  const name = first === "verdict" ? second : first;
  return name in emptyBounceRule ? (name as keyof BounceDraft) : null;
}

const LISTS = ["code", "enhanced", "text", "notText", "mx"] as const;

/** In a field of several entries a refusal names the one it is about. */
export function namingEntries(problem: Problem | null, sent: BounceRuleInput | null): Problem | null {
  if (problem?.errors === undefined || sent === null) return problem;
  const errors = problem.errors.map((error) => {
    const [first, second] = error.pointer
      .replace(/^\/change\/rule/, "")
      .split("/")
      .slice(1);
    const list = LISTS.find((each) => each === first);
    const entry = list === undefined ? undefined : sent[list]?.[Number(second)];
    if (entry === undefined || error.message.includes(entry)) return error;
    return { ...error, message: `${entry}: ${error.message}` };
  });
  return { ...problem, errors };
}
