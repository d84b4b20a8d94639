/** What the stand-in answers about retention and about the installation. */
import {
  RETENTION_STEPS,
  type RetentionRun,
  retentionSettingsSchema,
  type Retention,
} from "../../src/contract/index.ts";
import { type Answer, ok } from "./fixture-answer.ts";

const STEP = { status: "done", rows: 0, partitions: 0, bytes: 0, durationMs: 12, error: null, kept: [] } as const;

function run(id: string, startedAt: string, changes: Partial<RetentionRun>): RetentionRun {
  const steps = RETENTION_STEPS.map((step) => ({ ...STEP, step, kept: [] }));
  return { id, startedAt, finishedAt: startedAt, actor: "worker", dryRun: false, failed: 0, steps, ...changes };
}

const RETENTION: Retention = {
  periods: retentionSettingsSchema.parse({}),
  nextRunAt: "2026-11-22T04:00:00.000Z",
  runs: [
    run("2", "2026-11-21T04:00:00.000Z", {
      failed: 1,
      steps: RETENTION_STEPS.map((step) => ({
        ...STEP,
        step,
        ...(step === "delivery-logs"
          ? {
              rows: 4_000_000,
              partitions: 1,
              bytes: 1_300_000_000,
              kept: [{ block: 8192, reason: "delivery 17 is paused" }],
            }
          : { kept: [] }),
        ...(step === "shaping" ? { status: "failed", error: "canceling statement due to lock timeout (55P03)" } : {}),
      })),
    }),
    run("1", "2026-11-20T04:00:00.000Z", {}),
  ],
};

export const retentionAnswer = (): Answer => ok(RETENTION);
export const installationAnswer = (): Answer => ok({ held: null });
