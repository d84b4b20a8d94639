/**
 * The nightly job: one step after the other, each on its own. A step that fails is reported and the next one begins; what a step did stays
 * done when the worker is killed, and the next night goes on.
 */
import { RETENTION_STEPS, type RetentionStep } from "../../contract/retention.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { AppError, errorCode, errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { putOutbox } from "../../platform/outbox.ts";
import { cutOffs, loadPeriods } from "./periods.ts";
import { runStep, type StepContext } from "./steps.ts";
import { endInterrupted, endRun, findRun, insertRun, loadLongestPressure, type RunRow, saveSteps } from "./store.ts";

export type RetentionDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly log: Log;
  readonly signal?: AbortSignal;
};

const LOCK = "retention";

/** `asked`: the run that somebody asked for; null: a night has come. Null when another run is under way. */
export async function runRetention(deps: RetentionDeps, asked: number | null): Promise<RunRow | null> {
  const { db, now } = deps;
  const lost = new AbortController();
  const lock = await db.tryLock(LOCK, () => lost.abort());
  if (lock === null) return null;
  try {
    const run = asked === null ? await insertRun(db, "worker", false, now()) : await findRun(db, asked);
    // A job that is told twice runs once.
    if (run === null || run.finished_at !== null) return run;
    await endInterrupted(db, run.id, now());
    const signal = AbortSignal.any([lost.signal, ...(deps.signal === undefined ? [] : [deps.signal])]);
    return await runSteps({ ...deps, signal }, run);
  } finally {
    await lock.close();
  }
}

async function runSteps({ db, now, log, signal }: RetentionDeps, run: RunRow): Promise<RunRow | null> {
  const before = cutOffs(await loadPeriods(db), await loadLongestPressure(db), now());
  const context: StepContext = { db, now: now(), dryRun: run.dry_run, before, ...(signal && { signal }) };
  const steps = RETENTION_STEPS.map((step): RetentionStep => ({ ...UNTOUCHED, step }));
  for (const step of steps) {
    if (signal?.aborted === true) break;
    step.status = "running";
    await saveSteps(db, run.id, steps);
    await workOn(step, context, log);
  }
  const failed = steps.filter(({ status }) => status !== "done");
  // Whoever is stopped leaves it to the next run to say so.
  if (signal?.aborted === true) return findRun(db, run.id);
  await db.transaction(async (tx) => {
    await endRun(tx, run.id, steps, failed.length, now());
    if (failed.length === 0 || run.dry_run) return;
    const data = { run: String(run.id), steps: failed.map(({ step, error }) => ({ step, error })) };
    await putOutbox(tx, "plain", ["retention.failed"], () => [{ type: "retention.failed", data }], now());
  });
  return findRun(db, run.id);
}

const UNTOUCHED = {
  status: "waiting",
  rows: 0,
  partitions: 0,
  bytes: 0,
  durationMs: 0,
  error: null,
  kept: [],
} satisfies Partial<RetentionStep>;

async function workOn(step: RetentionStep, context: StepContext, log: Log): Promise<void> {
  const startedAt = performance.now();
  try {
    Object.assign(step, await runStep(step.step, context));
    step.status = "done";
  } catch (error) {
    step.status = "failed";
    step.error = shown(error);
    log.error({ step: step.step, error: errorText(error) }, "a step of retention failed");
  }
  step.durationMs = Math.round(performance.now() - startedAt);
}

/** What an operator may read of it: the database's own words name no person. */
function shown(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const code = errorCode(error);
  return code === "" ? "an unexpected error; see the process log" : `${errorText(error)} (${code})`;
}
