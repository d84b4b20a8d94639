/** Works requalifications off, one after the other, each batch in its own transaction: one that is cut short goes on where it was. */
import type { RuleSet } from "../../core/bounce/rule.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { errorText } from "../../platform/errors.ts";
import { openRuleBook } from "../reply-texts/index.ts";
import { finishRun, type Progress, type RunRow, saveError, saveProgress, takeRun } from "./run-store.ts";
import { type Judging, requalifyAddresses, requalifyLog, requalifyTexts } from "./steps.ts";
import { undoAddresses, undoLog, undoTexts } from "./undo-steps.ts";

export type WorkDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly shipped: RuleSet;
  /** Names of reactions that take a refusal for another one: what they decided was not said by the answer alone. */
  readonly reactions: readonly string[];
};

/** What a sender writes down while a provider calls everybody unknown (core/shaping/breakers.ts). */
const OVERRULED = "breaker-outage";

/** All that is asked for. Only one works at a time; somebody else who does is enough. Rejects when a batch fails; the next call tries it again. */
export async function workRequalifications(deps: WorkDeps, signal?: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const lock = await deps.db.tryLock("requalify", () => lost.abort());
  if (lock === null) return;
  try {
    const ruleBook = await openRuleBook(deps.db, deps.shipped);
    const skipped = new Set([OVERRULED, ...deps.reactions]);
    while (!signal?.aborted && !lost.signal.aborted) {
      await ruleBook.refresh();
      const judging = { rules: ruleBook.current(), skipped, now: deps.now() };
      if (!(await deps.db.transaction((tx) => workBatch(tx, judging)))) return;
    }
  } catch (error) {
    await saveError(deps.db, errorText(error));
    throw error;
  } finally {
    await lock.close();
  }
}

/** False: nothing is left. */
async function workBatch(tx: Tx, judging: Judging): Promise<boolean> {
  const run = await takeRun(tx);
  if (run === null) return false;
  const progress = await (run.state === "undoing" ? undo(tx, run, judging.now) : requalify(tx, run, judging));
  if (progress === "done") await finishRun(tx, run, judging.now);
  else await saveProgress(tx, run.id, progress);
  return true;
}

function requalify(tx: Tx, run: RunRow, judging: Judging): Promise<Progress | "done"> {
  switch (run.step) {
    case "log":
      return requalifyLog(tx, run, judging);
    case "addresses":
      return requalifyAddresses(tx, run, judging);
    case "texts":
      return requalifyTexts(tx, run, judging);
  }
}

function undo(tx: Tx, run: RunRow, now: Instant): Promise<Progress | "done"> {
  switch (run.step) {
    case "log":
      return undoLog(tx, run);
    case "addresses":
      return undoAddresses(tx, run, now);
    case "texts":
      return undoTexts(tx, run);
  }
}
