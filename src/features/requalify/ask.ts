/** What a person asks for: to judge past messages again, and to take that back. The worker does it. */
import type { RuleSet } from "../../core/bounce/rule.ts";
import { DAY, type Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { loadOperatorBounceRules, mustFindText } from "../reply-texts/index.ts";
import { UNDO_FOR } from "./forget.ts";
import { type Asked, beginUndo, findRun, insertRun, type RunRow } from "./run-store.ts";
import { hasJudged } from "./text-store.ts";

export type AskDeps = { readonly db: Db; readonly now: () => Instant; readonly shipped: RuleSet };
type Given = { readonly since?: string | undefined; readonly dryRun: boolean; readonly actor: string };

const SINCE_DEFAULT = 30 * DAY;
const EVERYTHING = { text_id: null, text: null, type: null, reason: null, rule: null } as const;
const UNKNOWN_RULE = "default-unknown";

/** What a person said of the text as it is now: a later word is for a later requalification. */
export function requalifyText({ db, now }: AskDeps, textId: number, given: Given): Promise<RunRow> {
  return db.transaction(async (tx) => {
    const { text, type, reason, qualified_at: qualifiedAt } = await mustFindText(tx, textId);
    const isSaid = qualifiedAt !== null && type !== "not-defined";
    const said = isSaid ? { type, reason } : { type: null, reason: null };
    return begin(tx, { ...EVERYTHING, text_id: textId, text, ...said }, given, now());
  });
}

/** `rule` undefined: all replies. */
export async function requalifyAll(
  { db, now, shipped }: AskDeps,
  rule: string | undefined,
  given: Given,
): Promise<RunRow> {
  if (rule !== undefined && !(await isKnown(db, rule, shipped))) {
    const message = `There is no bounce rule "${rule}", and none of this name judged anything lately`;
    throw appError("invalid-input", { detail: message }, [{ pointer: "/rule", code: "unknown", message }]);
  }
  return db.transaction((tx) => begin(tx, { ...EVERYTHING, rule: rule ?? null }, given, now()));
}

async function isKnown(db: Db, rule: string, shipped: RuleSet): Promise<boolean> {
  if (rule === UNKNOWN_RULE || shipped.rules.some(({ name }) => name === rule)) return true;
  return (await loadOperatorBounceRules(db)).some(({ name }) => name === rule) || (await hasJudged(db, rule));
}

async function begin(
  tx: Tx,
  what: Omit<Asked, "since" | "actor" | "dry_run">,
  { since, dryRun, actor }: Given,
  now: Instant,
): Promise<RunRow> {
  const from = since === undefined ? now - SINCE_DEFAULT : Date.parse(since);
  const id = await insertRun(tx, { ...what, dry_run: dryRun, since: from, actor }, now);
  return mustFindRun(tx, id);
}

export async function mustFindRun(db: Pick<Db, "query">, id: number, lock = false): Promise<RunRow> {
  const row = await findRun(db, id, lock);
  if (row === null) throw appError("not-found", { what: "requalification", id });
  return row;
}

/** Until when it can be taken back; null: it cannot. */
export function undoUntil({ state, dry_run: dryRun, created_at: createdAt }: RunRow): Instant | null {
  return dryRun || state === "undoing" || state === "undone" ? null : createdAt + UNDO_FOR;
}

/** Throws `requalification-not-undoable`. One that still runs stops where it is. */
export function undo({ db, now }: AskDeps, id: number, actor: string): Promise<RunRow> {
  return db.transaction(async (tx) => {
    const run = await mustFindRun(tx, id, true);
    const why = whyNot(run, now());
    if (why !== null) throw appError("requalification-not-undoable", { id, why });
    await beginUndo(tx, id, actor, now());
    return mustFindRun(tx, id);
  });
}

function whyNot(run: RunRow, now: Instant): string | null {
  if (run.dry_run) return "it only counted and changed nothing";
  const until = undoUntil(run);
  if (until === null) return "somebody undid it already";
  return now > until ? "what was before is kept for 30 days" : null;
}
