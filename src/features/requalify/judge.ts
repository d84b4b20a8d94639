/** By what a requalification judges: what a person said of a text, or the rules of now. */
import { normaliseReply } from "../../core/bounce/normalise-reply.ts";
import { type CompiledRules, qualify } from "../../core/bounce/qualify.ts";
import type { Tx } from "../../platform/db.ts";
import { keyOfText } from "../reply-texts/index.ts";
import { answerOf, type Judge, type NewVerdict, type PastAttempt } from "./judge-again.ts";
import type { RunRow } from "./run-store.ts";
import { findQualified } from "./text-store.ts";

type Asked = Pick<RunRow, "text_id" | "text" | "type" | "reason" | "rule">;

export async function judgeOf(
  tx: Tx,
  asked: Asked,
  attempts: readonly PastAttempt[],
  rules: CompiledRules,
): Promise<Judge> {
  const byRules = (attempt: PastAttempt): NewVerdict => qualify(rules, answerOf(attempt));
  const { text_id: textId, text, type, reason, rule } = asked;
  if (textId !== null && text !== null) {
    const said = type === null || reason === null ? null : { type, reason, rule: ruleOfText(textId) };
    return (attempt) => (normaliseReply(attempt.reply) === text ? (said ?? byRules(attempt)) : null);
  }
  if (rule !== null) {
    return (attempt) => {
      const verdict = byRules(attempt);
      return verdict.rule === rule || attempt.rule === rule ? verdict : null;
    };
  }
  const keys = new Map(attempts.map(({ reply }) => [reply, keyOfText(normaliseReply(reply))]));
  const said = await findQualified(tx, [...new Set(keys.values())]);
  return (attempt) => {
    const known = said.get(keys.get(attempt.reply) ?? "");
    return known === undefined ? byRules(attempt) : { ...known, rule: ruleOfText(known.id) };
  };
}

/** What the log calls the rule where a person's word about a text decided. */
function ruleOfText(id: number): string {
  return `reply-text-${id}`;
}
