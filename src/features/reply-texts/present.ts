/** Reply texts and bounce rules as the API shows them. */
import type {
  BounceRuleAnswer,
  ReplyTextAnswer,
  ReplyTextExample,
  ShippedBounceRule,
} from "../../contract/reply-texts.ts";
import { normaliseReply } from "../../core/bounce/normalise-reply.ts";
import type { Rule, RuleSet } from "../../core/bounce/rule.ts";
import { formatKey } from "../../core/delivery/status.ts";
import { formatInstant } from "../../core/time.ts";
import { presentRule } from "../../platform/ordered-rules.ts";
import { type RuleRow, warningsOf } from "./check-rule.ts";
import type { AttemptRow, TextRow } from "./text-store.ts";

const EXAMPLES_MOST = 10;

/** The rules in order, each with what is odd about it among the others. */
export function presentRules(rows: readonly RuleRow[], shipped: RuleSet): BounceRuleAnswer[] {
  const warnings = warningsOf(rows, shipped);
  return rows.map((row, i) => ({ ...presentRule(row, i), warnings: warnings.get(row.id) ?? [] }));
}

/** Conditions that a rule of a file does not name are null, as of operators' rules. */
export function presentShipped({ name, file, source, verdict, examples, ...rule }: Rule): ShippedBounceRule {
  const list = <T>(entries: readonly T[] | undefined): T[] | null => (entries === undefined ? null : [...entries]);
  return {
    name,
    file,
    source,
    stage: list(rule.stage),
    code: list(rule.code),
    enhanced: list(rule.enhanced),
    text: list(rule.text),
    notText: list(rule.notText),
    mx: list(rule.mx),
    verdict: { ...verdict, action: verdict.action ?? null },
    examples: examples.map((example) => ({ ...example, mx: example.mx ?? null })),
  };
}

export function presentText(row: TextRow): ReplyTextAnswer {
  return {
    id: String(row.id),
    text: row.text,
    firstText: row.first_text,
    code: row.code,
    enhancedCode: row.enhanced,
    count: row.count,
    providers: row.providers,
    stages: row.stages,
    firstSeenAt: formatInstant(row.first_seen),
    lastSeenAt: formatInstant(row.last_seen),
    state: row.state,
    type: row.type,
    reason: row.reason,
    rule: row.rule,
    qualifiedAt: row.qualified_at === null ? null : formatInstant(row.qualified_at),
    qualifiedBy: row.qualified_by,
    version: row.version,
  };
}

/** Those of the attempts that got the text. */
export function examplesOf(text: string, attempts: readonly AttemptRow[]): ReplyTextExample[] {
  const examples: ReplyTextExample[] = [];
  for (const { part_id: partId, seq, address, at, stage, reply } of attempts) {
    if (normaliseReply(reply) !== text) continue;
    examples.push({ key: formatKey({ partId, seq }), recipient: address, at: formatInstant(at), stage, reply });
    if (examples.length === EXAMPLES_MOST) break;
  }
  return examples;
}
