/** What a person says of a reply text, and the rule that is made of it. */
import type { QualifyText, RuleOfText } from "../../contract/reply-texts.ts";
import { type BounceRuleInput, bounceRuleSchema } from "../../contract/reply-texts.ts";
import { readReply } from "../../core/bounce/read-reply.ts";
import type { AnswerStage } from "../../core/bounce/rule.ts";
import type { VerdictScope } from "../../core/bounce/verdict.ts";
import { splitWords } from "../../core/bounce/words.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen } from "../../platform/if-match.ts";
import type { RuleRow } from "./check-rule.ts";
import { createRule, type RuleDeps } from "./operator-rules.ts";
import { findText, saveQualification, type TextRow } from "./text-store.ts";

type Actor = { readonly actor: string; readonly at: Instant };

const PATTERN_MAX = 500;
/** Fewer words would take too much. */
const WORDS_LEAST = 2;
const ADDRESS_STAGES: ReadonlySet<AnswerStage> = new Set(["rcpt", "data", "dot", "async"]);

export async function mustFindText(db: Queryable, id: number, lock = false): Promise<TextRow> {
  const row = await findText(db, id, lock);
  if (row === null) throw appError("not-found", { what: "reply text", id });
  return row;
}

/** A type without a state: the matter is settled. Back to `to-qualify`: the rules decide again, from the next reply on. */
export function qualifyText(
  db: Db,
  id: number,
  given: QualifyText,
  seen: number | "none" | null,
  by: Actor,
): Promise<TextRow> {
  return db.transaction(async (tx) => {
    const row = await mustFindText(tx, id, true);
    assertSeen(row.version, seen, "the reply text");
    const state = given.state ?? (given.type === undefined ? row.state : "keep");
    const isOpen = state === "to-qualify" && given.type === undefined;
    await saveQualification(tx, id, { ...given, state }, isOpen ? null : by);
    return mustFindText(tx, id);
  });
}

/** The last of the operators' rules. Throws `invalid-input` when the text says too little or nobody said what it means. */
export async function makeRuleOfText(
  deps: RuleDeps,
  textId: number,
  given: RuleOfText,
  by: Actor,
): Promise<{ id: number; rows: RuleRow[] }> {
  const row = await mustFindText(deps.db, textId);
  const made = await createRule(deps, ruleOfText(row, given, by));
  if (row.qualified_at === null) await saveQualification(deps.db, textId, { state: "keep" }, by);
  return made;
}

export function ruleOfText(row: TextRow, given: RuleOfText, by: Pick<Actor, "actor">): BounceRuleInput {
  if (row.type === "not-defined") {
    throw invalid("", "unqualified", "Nobody said yet what this text means: give it a type and a reason first");
  }
  const scope = given.scope ?? scopeOf(row);
  const stages = scope === "address" ? row.stages.filter((stage) => ADDRESS_STAGES.has(stage)) : row.stages;
  const quoted = stages.includes("async") ? readReply(row.first_text).stage : null;
  const stage = [...new Set([...stages, ...(quoted === null ? [] : [quoted])])];
  const [first] = stages;
  if (first === undefined) {
    throw invalid("/scope", "invalid", "Before RCPT nothing is said about an address: give another scope");
  }
  return bounceRuleSchema.parse({
    name: given.name ?? `text-${row.id}`,
    stage,
    code: row.code === null ? null : [String(row.code)],
    text: given.text ?? [patternOf(row.text)],
    verdict: { type: row.type, reason: row.reason, action: given.action, scope },
    source: `reply text ${row.id}, qualified by ${row.qualified_by ?? by.actor}`,
    examples: [{ reply: row.first_text, stage: first }],
  });
}

function scopeOf({ type, reason }: Pick<TextRow, "type" | "reason">): VerdictScope {
  if (type === "hard" || reason === "user-unknown" || reason === "mailbox-full") return "address";
  if (reason === "account-disabled") return "address";
  return reason === "invalid-domain" ? "domain" : "message";
}

/** The words between what varies, all of which must be there; the codes are a condition of their own. */
function patternOf(normalised: string): string {
  const said = normalised.replace(/^\d{3}[ -]?(?:\d\.\d{1,3}\.\d{1,3} ?)?/, "");
  const plain = said.split(" ").map((token) => (/^\W{0,3}https?:/.test(token) ? "*" : token));
  const runs = plain
    .join(" ")
    .split(/#xxx#|\*/)
    .map((run) => splitWords(run).join(" "))
    .filter((run) => run !== "");
  const kept: string[] = [];
  for (const run of new Set(runs)) {
    if ([...kept, run].join(" & ").length <= PATTERN_MAX) kept.push(run);
  }
  const pattern = kept.join(" & ");
  if (splitWords(pattern).length >= WORDS_LEAST) return pattern;
  throw invalid("/text", "too-short", "The text has too few words of its own: give the patterns");
}

function invalid(pointer: string, code: string, message: string) {
  return appError("invalid-input", { detail: pointer === "" ? message : `${pointer}: ${message}` }, [
    { pointer, code, message },
  ]);
}
