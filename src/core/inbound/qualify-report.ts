/** What a report means, by the rules for replies: the one way for the command line, the API and whatever acts on mail. */
import { type CompiledRules, qualify } from "../bounce/qualify.ts";
import { readReply } from "../bounce/read-reply.ts";
import type { Verdict } from "../bounce/verdict.ts";
import type { RecipientReport } from "./reading.ts";

/** Of a report that a message failed or waits. While somebody still tries, no address is bad for good. */
export function qualifyReport(rules: CompiledRules, { action, answer }: RecipientReport): Verdict {
  const verdict = qualify(rules, { ...answer, stage: readReply(answer.text).stage ?? answer.stage });
  return action === "delayed" && verdict.type === "hard" ? { ...verdict, type: "soft" } : verdict;
}
