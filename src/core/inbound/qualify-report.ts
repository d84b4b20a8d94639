/** What a report means, by the rules for replies: the one way for the command line, the API and whatever acts on mail. */
import { type CompiledRules, qualify } from "../bounce/qualify.ts";
import { readReply } from "../bounce/read-reply.ts";
import type { Verdict } from "../bounce/verdict.ts";
import type { RecipientReport } from "./reading.ts";

/** The `rule` of a verdict on a notice that something waits, with no server's words about why. */
export const DELAYED_WITHOUT_CAUSE = "default-delayed";

/**
 * Of a report that a message failed or waits. While somebody still tries, no address is bad for good; and who says only that they still
 * try has not got through.
 */
export function qualifyReport(rules: CompiledRules, { action, answer }: RecipientReport): Verdict {
  const verdict = qualify(rules, { ...answer, stage: readReply(answer.text).stage ?? answer.stage });
  if (action !== "delayed") return verdict;
  if (verdict.type === "not-defined" && answer.code === null && answer.enhanced === null) {
    return { ...verdict, type: "soft", reason: "unreachable", scope: "domain", rule: DELAYED_WITHOUT_CAUSE };
  }
  return verdict.type === "hard" ? { ...verdict, type: "soft" } : verdict;
}
