/**
 * The worker role: jobs that must survive a restart (analyses) and the chores of the clock (retention, settling
 * deliveries whose sender vanished, interrupted imports, copies in folders and object stores), on graphile-worker.
 */
import { EventEmitter } from "node:events";
import { Logger, parseCronItems, run, type Runner, type RunnerOptions, type WorkerEvents } from "graphile-worker";
import { setTimeout as wait } from "node:timers/promises";

import { codec } from "../adapters/charset/codec.ts";
import { createLinkProbe } from "../adapters/link-probe/ask-link.ts";
import { HOUR, SECOND, type Instant } from "../core/time.ts";
import type { Surroundings } from "../features/alerts/index.ts";
import {
  abandonAnalysis,
  addRecipients,
  type AnalysisDeps,
  type PlanDelivery,
  runAnalysis,
} from "../features/analysis/index.ts";
import { watchDebt } from "../features/archive/index.ts";
import { cleanUpImports, workAudience } from "../features/audience/index.ts";
import { rememberDomainSites } from "../features/lanes/index.ts";
import type { SendMail } from "../features/inbound/index.ts";
import { type LookUpSites, planInAnalysis, writeActuals } from "../features/plans/index.ts";
import { runDueSeries } from "../features/series/index.ts";
import { runRetention } from "../features/retention/index.ts";
import { loadShapingFiles } from "../features/shaping/index.ts";
import { remindReviewers, settleDelivery, startDue, stopOverdue } from "../features/deliveries/index.ts";
import type { Config } from "../platform/config.ts";
import { timestamp, type Db, type Queryable } from "../platform/db.ts";
import { AppError, errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { AUDIENCE_CHANNEL, recordEvent } from "../platform/events.ts";
import { createArchiveFiles, type ArchiveFiles, type ArchiveFilesGround } from "./archive-files.ts";
import { createDmarcDeps, hasRelays } from "./domain-checks.ts";
import type { Ground } from "./ground.ts";
import { openInboundJobs } from "./inbound-jobs.ts";
import { openRequalifyJob } from "./requalify-job.ts";
import { openTellJobs, type TellGround } from "./tell-jobs.ts";

/** From one look at the names of copies to the next. */
const KEEP_FILES_EVERY = 10 * SECOND;
const POLL_MS = HOUR;
/** Failures to ask for a job, one after the other. */
const FAILURES_MAX = 3;
const RESTART_MS = 1000;

export type Worker = { close(): Promise<void> };

/** `publicUrl`: base of the links in messages; `lookUpSites`: for plans. */
export async function startWorker(
  ground: Pick<Ground, "databaseUrl" | "masterKey"> &
    ArchiveFilesGround &
    TellGround & { readonly config: Pick<Config, "transport" | "relays"> },
  publicUrl: string,
  lookUpSites: LookUpSites,
  sendMail: SendMail,
  around: Surroundings,
): Promise<Worker> {
  const { db, databaseUrl, log } = ground;
  const shaping = loadShapingFiles(ground.config.dataDir);
  const planDelivery: PlanDelivery = (tx, id, now) =>
    planInAnalysis(
      tx,
      id,
      {
        files: shaping,
        lookUpSites,
        remember: (rows) => rememberDomainSites(db, rows, now),
        onError: (error) => log.warn({ deliveryId: id, error: errorText(error) }, "the plan could not be made"),
      },
      now,
    );
  const dmarc = createDmarcDeps(ground.config);
  const analysis = {
    publicUrl,
    codec,
    planDelivery,
    askLink: createLinkProbe(),
    hasRelays: hasRelays(ground.config),
    ...(dmarc === null ? {} : { dmarc }),
  };
  const files = createArchiveFiles(ground);
  const inbound = await openInboundJobs(ground, publicUrl, sendMail);
  const requalify = await openRequalifyJob(db, shaping);
  const tell = openTellJobs(ground, publicUrl, sendMail, around);
  await cleanUpImports(db, Date.now());
  const worker = await keepRunning(log, {
    // Of a job that ended while the database is away, the note is kept in hand; by default it would end the process.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    connectionString: databaseUrl,
    // Zipping, a long analysis and a requalification may go on at once; a fourth job is always free.
    concurrency: 4,
    // Jobs are announced by NOTIFY; polling is only for what was missed.
    pollInterval: Math.min(POLL_MS, 2000),
    noHandleSignals: true,
    logger: quietLogger(log),
    parsedCronItems: parseCronItems([
      { task: "settle", match: "* * * * *" },
      // Asked for when something is scheduled; this is for what was missed.
      { task: "start-due", match: "* * * * *", options: { maxAttempts: 1 } },
      { task: "archive-alerts", match: "* * * * *" },
      { task: "retention", match: "0 4 * * *" },
      // It asks for its next turn itself; this is for the case that it could not.
      { task: "keep-files", match: "* * * * *", options: { jobKey: "keep-files", jobKeyMode: "preserve_run_at" } },
      // Asked for when mail comes in; this is for what is tried again, and for what was missed.
      { task: "process-inbound", match: "* * * * *", options: { jobKey: "process-inbound", maxAttempts: 1 } },
      { task: "requalify", match: "* * * * *", options: { jobKey: "requalify", maxAttempts: 1 } },
      { task: "audience", match: "* * * * *", options: { jobKey: "audience", maxAttempts: 1 } },
      { task: "store-away", match: "*/5 * * * *", options: { maxAttempts: 1 } },
      { task: "tell", match: "* * * * *", options: { jobKey: "tell", maxAttempts: 1 } },
    ]),
    taskList: {
      analyse: async (payload) => analyse(db, log, (payload as { deliveryId: number }).deliveryId, analysis),
      "add-recipients": (payload) =>
        addRecipients(db, (payload as { additionId: number }).additionId, Date.now, { codec }),
      settle: async () => {
        await settleAll(db);
        await remindReviewers(db, Date.now());
        await writeActuals(db, shaping.providers, Date.now());
        await cleanUpImports(db, Date.now());
      },
      "start-due": async () => {
        const run = await runDueSeries({ db, enqueueAnalysis }, Date.now());
        const next = await startDue(db, Date.now());
        const times = [run, next].filter((at) => at !== null);
        if (times.length > 0) await enqueueStarts(db, Math.min(...times));
      },
      "archive-alerts": () => watchDebt(db, Date.now()),
      retention: async (payload, { abortSignal }) => {
        const { runId = null } = payload as { runId?: number | null };
        await runRetention({ db, now: Date.now, log, ...(abortSignal && { signal: abortSignal }) }, runId);
      },
      "keep-files": (_, { abortSignal }) => keepFilesInTurn(db, files, abortSignal),
      "process-inbound": (_, { abortSignal }) => inbound.process(abortSignal),
      requalify: (_, { abortSignal }) => requalify.run(abortSignal),
      audience: (_, { abortSignal }) => workAudience(db, Date.now, abortSignal),
      "store-away": (_, { abortSignal }) => files.storeAway(abortSignal),
      tell: () => tell.look(),
    },
  });
  // Failing that, the first one is at the next full minute.
  await enqueueKeepFiles(db, 0).catch(() => {});
  await inbound.listen();
  await tell.listen();
  const wishes = await requalify.listen();
  const audience = await db.listen(AUDIENCE_CHANNEL, () => void enqueueAudience(db).catch(() => {}));
  return {
    close: async () => {
      await wishes.close();
      await audience.close();
      await worker.close();
      await tell.close();
      await inbound.close();
    },
  };
}

/**
 * graphile-worker gives up when the database fails it; the rest of the process goes on, so it is started again. It also remembers for good
 * when its very first question found no database, and then asks in vain for ever: several failures in a row are taken for that.
 */
async function keepRunning(log: Log, shared: RunnerOptions): Promise<Worker> {
  const closing = new AbortController();
  let failures = 0;
  let runner: Runner | null = null;
  const events: WorkerEvents = new EventEmitter();
  for (const name of ["worker:getJob:empty", "job:start"] as const) events.on(name, () => (failures = 0));
  events.on("worker:getJob:error", () => {
    if (++failures === FAILURES_MAX) void runner?.stop().catch(() => {});
  });
  const start = () => {
    failures = 0;
    return run({ ...shared, events });
  };
  runner = await start();
  const watch = async () => {
    while (!closing.signal.aborted) {
      if (runner !== null)
        await runner.promise.catch((error: unknown) => log.error({ error: errorText(error) }, "worker"));
      runner = null;
      await wait(RESTART_MS, null, { signal: closing.signal }).catch(() => null);
      if (closing.signal.aborted) return;
      runner = await start().catch(() => null);
      if (runner !== null) log.warn("the worker runs again");
    }
  };
  const stop = async () => runner?.stop().catch(() => {});
  const watching = watch();
  return {
    close: async () => {
      closing.abort();
      await stop();
      await watching;
      // It may have come back meanwhile.
      await stop();
    },
  };
}

/** Asks for an analysis; one at a time per delivery, the newest wish wins. */
export async function enqueueAnalysis(db: Queryable, deliveryId: number): Promise<void> {
  await db.query(
    `select graphile_worker.add_job('analyse', json_build_object('deliveryId', $1::bigint), job_key := $2, max_attempts := 3)`,
    [deliveryId, `analyse ${deliveryId}`],
  );
}

/** Asks for recipients that are to be added to a delivery; one addition after the other. */
export async function enqueueAddition(db: Queryable, additionId: number): Promise<void> {
  await db.query(
    `select graphile_worker.add_job('add-recipients', json_build_object('additionId', $1::bigint), job_key := $2, max_attempts := 5,
                                    queue_name := 'add-recipients')`,
    [additionId, `add-recipients ${additionId}`],
  );
}

/** Asks for a look at what is to start at this time, or sooner. */
export async function enqueueStarts(db: Db, at: Instant): Promise<void> {
  await db.query("select graphile_worker.add_job('start-due', job_key := $1, run_at := $2, max_attempts := 3)", [
    `start-due ${at}`,
    timestamp(at),
  ]);
}

/** Asks for a run of retention that somebody wants now. */
export async function enqueueRetention(db: Db, runId: number): Promise<void> {
  await db.query(
    "select graphile_worker.add_job('retention', json_build_object('runId', $1::bigint), job_key := $2, max_attempts := 3)",
    [runId, `retention ${runId}`],
  );
}

async function enqueueAudience(db: Db): Promise<void> {
  await db.query("select graphile_worker.add_job('audience', job_key := 'audience', max_attempts := 1)");
}

/** Asks for a look at the names of copies; one at a time, after `wait` milliseconds at the latest. */
async function enqueueKeepFiles(db: Db, wait: number): Promise<void> {
  await db.query(
    `select graphile_worker.add_job('keep-files', job_key := 'keep-files', max_attempts := 1,
                                    run_at := now() + $1 * interval '1 millisecond')`,
    [wait],
  );
}

async function keepFilesInTurn(db: Db, files: ArchiveFiles, signal: AbortSignal): Promise<void> {
  try {
    await files.keep(signal);
  } finally {
    await enqueueKeepFiles(db, KEEP_FILES_EVERY);
  }
}

async function analyse(db: Db, log: Log, deliveryId: number, deps: AnalysisDeps): Promise<void> {
  try {
    await runAnalysis(db, deliveryId, Date.now, deps);
    // It may begin by itself: at once, not with the next look of the clock.
    await enqueueStarts(db, Date.now());
  } catch (error) {
    if (error instanceof AppError && error.code === "analysis-cancelled") return;
    await abandonAnalysis(db, deliveryId);
    await recordEvent(db, {
      deliveryId,
      kind: "analysis.failed",
      actor: "analysis",
      at: Date.now(),
      detail: { error: error instanceof AppError ? error.message : "an unexpected error; see the process log" },
    });
    log.warn({ deliveryId, error: errorText(error) }, "the analysis failed");
  }
}

async function settleAll(db: Db): Promise<void> {
  await stopOverdue(db, Date.now());
  const rows = await db.query<{ id: number }>(
    "select id from deliveries where state in ('in-progress', 'pausing', 'stopping')",
  );
  for (const { id } of rows) await settleDelivery(db, id, Date.now());
}

/** graphile-worker's chatter is of no use to operators; its warnings are. */
function quietLogger(log: Log): Logger {
  return new Logger(() => (level, message) => {
    if (level === "error") log.error(message);
    else if (level === "warning") log.warn(message);
  });
}
