/** For tests: replies of the wild with what they mean (`wild-….txt`), and the shipped rules. */
import { readFileSync } from "node:fs";
import { type CompiledRules, qualify } from "../../core/bounce/qualify.ts";
import { readReply } from "../../core/bounce/read-reply.ts";
import { ANSWER_STAGES, type AnswerStage } from "../../core/bounce/rule.ts";
import type { Verdict } from "../../core/bounce/verdict.ts";
import { loadRules } from "./load-rules.ts";

type Row = {
  readonly section: string;
  readonly stage: AnswerStage;
  readonly text: string;
  /** Type, reason and action. */
  readonly expected: string;
};

const FILES = ["replies", "providers", "languages", "mixed", "notices", "wordings"];

function readRows(name: string): Row[] {
  let section = "";
  const rows: Row[] = [];
  for (const line of readFileSync(new URL(`wild-${name}.txt`, import.meta.url), "utf8").split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3);
    const [expected, stage, text] = line.split(" | ");
    const known = ANSWER_STAGES.find((candidate) => candidate === stage);
    if (expected !== undefined && known && text !== undefined) rows.push({ section, stage: known, text, expected });
  }
  return rows;
}

export const WILD_ROWS: readonly Row[] = FILES.flatMap(readRows);

export function loadShippedRules(): Promise<CompiledRules> {
  return loadRules(new URL("../../../rules/bounces", import.meta.url).pathname);
}

/** The verdict on a reply of which only the text is known. */
export function judgeText(rules: CompiledRules, stage: AnswerStage, text: string, mx: string | null = null): Verdict {
  const { code, enhanced } = readReply(text);
  return qualify(rules, { stage, code, enhanced, text, mx });
}
