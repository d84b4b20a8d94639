/** What a received mail says of each recipient, judged by the rules. */
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import type { FailureReason, FailureType } from "../../core/bounce/verdict.ts";
import { isComplaintOfPerson } from "../../core/inbound/feedback.ts";
import { qualifyReport } from "../../core/inbound/qualify-report.ts";
import type { InboundReading, MailKind, RecipientReport } from "../../core/inbound/reading.ts";

export type QualifiedRecipient = {
  /** As the mail writes it; null when it names nobody. */
  readonly address: string | null;
  readonly type: FailureType | null;
  readonly reason: FailureReason | null;
  readonly code: number | null;
  readonly enhancedCode: string | null;
  readonly diagnostic: string;
  /** Null: no rule was needed. */
  readonly rule: string | null;
};

export function qualifyMail(rules: CompiledRules, { kind, recipients }: InboundReading): QualifiedRecipient[] {
  return recipients.map((report) => qualifyRecipient(rules, kind, report));
}

function qualifyRecipient(rules: CompiledRules, kind: MailKind, report: RecipientReport): QualifiedRecipient {
  const { code, enhanced: enhancedCode, text: diagnostic } = report.answer;
  const base = { address: report.address ?? report.original, code, enhancedCode, diagnostic };
  if (kind === "complaint") {
    // A report about authentication says nothing against its recipient, but that our mail was not trusted.
    const type = isComplaintOfPerson(diagnostic) ? "hard" : "soft";
    return { ...base, type, reason: "refused", rule: "complaint" };
  }
  const isTrouble = kind === "bounce" || kind === "delayed";
  if (isTrouble && (report.action === "failed" || report.action === "delayed")) {
    const { type, reason, rule } = qualifyReport(rules, report);
    return { ...base, type, reason, rule };
  }
  return { ...base, type: "ignored", reason: "error-ignored", rule: null };
}
