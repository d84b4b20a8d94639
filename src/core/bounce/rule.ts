/**
 * Rules for judging answers, as data: the shape of `rules/bounces/*.toml` after reading. Order decides: the first rule that
 * applies wins. Patterns for codes are `550`, `5xx`, `45x`; for enhanced codes (RFC 3463) `5.1.1`, `x.2.2`, `5.7.*`.
 */
import type { Answer, FailureReason, FailureType, VerdictAction, VerdictScope } from "./verdict.ts";

export type AnswerStage = Answer["stage"];

export const ANSWER_STAGES: readonly AnswerStage[] = ["connect", "ehlo", "mail", "rcpt", "data", "dot", "async"];
export const FAILURE_TYPES: readonly FailureType[] = ["hard", "soft", "ignored", "not-defined"];
export const FAILURE_REASONS: readonly FailureReason[] = [
  "not-defined",
  "user-unknown",
  "invalid-domain",
  "unreachable",
  "account-disabled",
  "mailbox-full",
  "refused",
  "error-ignored",
];
export const VERDICT_ACTIONS: readonly VerdictAction[] = [
  "fail",
  "retry",
  "retry-elsewhere",
  "slow",
  "split",
  "alarm",
  "pause",
];
export const VERDICT_SCOPES: readonly VerdictScope[] = ["address", "message", "sender", "source", "domain"];

type RuleVerdict = {
  readonly type: FailureType;
  readonly reason: FailureReason;
  /** Left out: what the basic code says, `fail` for 5xx and `retry` for everything else. */
  readonly action?: VerdictAction;
  readonly scope: VerdictScope;
};

type RuleExample = {
  readonly reply: string;
  readonly stage: AnswerStage;
  readonly mx?: string;
};

/** All conditions that are given must hold; within one condition any entry will do. */
export type Rule = {
  /** File and line it was read from, for error messages. */
  readonly file: string;
  readonly name: string;
  readonly stage?: readonly AnswerStage[];
  readonly code?: readonly string[];
  readonly enhanced?: readonly string[];
  /** Patterns of `pattern.ts`. */
  readonly text?: readonly string[];
  /** The rule does not apply when one of these is found. */
  readonly notText?: readonly string[];
  /** Suffixes of the host name of the MX: `google.com` covers `gmail-smtp-in.l.google.com`. */
  readonly mx?: readonly string[];
  readonly verdict: RuleVerdict;
  readonly source: string;
  readonly examples: readonly RuleExample[];
};

export type RuleSet = {
  /** Word lists that patterns name as `$list`. */
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly rules: readonly Rule[];
};

const CODE_PATTERN = /^[45](?:\d\d|\dx|xx)$/;
const ENHANCED_PATTERN = /^[45x]\.\d{1,3}\.(?:\d{1,3}|\*)$/;

export function isCodePattern(pattern: string): boolean {
  return CODE_PATTERN.test(pattern);
}

export function isEnhancedPattern(pattern: string): boolean {
  return ENHANCED_PATTERN.test(pattern);
}

/** First digit of what a code pattern covers. */
export function codeClass(pattern: string): number {
  return Number(pattern.charAt(0));
}

/** `code` is three digits or, when only the class is known, `5xx`. */
export function matchesCode(pattern: string, code: string): boolean {
  for (let i = 0; i < 3; i++) {
    const wanted = pattern.charAt(i);
    if (wanted !== "x" && wanted !== code.charAt(i)) return false;
  }
  return true;
}

export function matchesEnhanced(pattern: string, enhanced: string): boolean {
  const from = pattern.startsWith("x") ? 1 : 0;
  return pattern.endsWith("*")
    ? enhanced.startsWith(pattern.slice(from, -1), from)
    : enhanced.slice(from) === pattern.slice(from);
}
