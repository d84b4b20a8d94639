/** What `envoi doctor` says of the installation as it runs: held, journals left behind, nightly runs, webhooks that fail. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { formatInstant, HOUR, type Instant } from "../core/time.ts";
import { loadInstallation } from "../features/installation/index.ts";
import { findLastRun } from "../features/retention/index.ts";
import { listWebhooks } from "../features/webhooks/index.ts";
import type { Config } from "../platform/config.ts";
import type { Db } from "../platform/db.ts";
import { errorCode } from "../platform/errors.ts";
import type { Finding } from "./finding.ts";

type RunningGround = { readonly db: Db; readonly config: Pick<Config, "dataDir"> };

/** A night without a run is a worker that does not run. */
const RUN_OVERDUE = 50 * HOUR;

export async function checkInstallation({ db }: Pick<RunningGround, "db">): Promise<Finding[]> {
  const { held_at: at, held_reason: reason } = await loadInstallation(db);
  if (at === null) return [{ check: "installation", level: "ok", detail: "may send" }];
  const detail = `held since ${formatInstant(at)}: ${reason}; nothing is sent`;
  const advice = "when the original does not run any more: envoi release (with --resume, if it sent nothing since)";
  return [{ check: "installation", level: "warning", detail, advice }];
}

/** What a sender wrote down and nobody brought into the database, because no sender has started here since. */
export async function checkJournals({ db, config }: RunningGround): Promise<Finding[]> {
  const instance = readIfThere(() => readFileSync(join(config.dataDir, "instance"), "utf8").trim());
  const dir = join(config.dataDir, "journal");
  const left: string[] = [];
  for (const name of instance === null ? [] : (readIfThere(() => readdirSync(dir)) ?? [])) {
    const bytes = readdirSync(join(dir, name)).reduce((sum, file) => sum + statSync(join(dir, name, file)).size, 0);
    if (bytes === 0) continue;
    const lock = await db.tryLock(`sender ${instance}-${name}`, () => {});
    await lock?.close();
    if (lock !== null) left.push(join(dir, name));
  }
  if (left.length === 0) return [{ check: "journals", level: "ok", detail: "nothing was left behind" }];
  const detail = `outcomes of senders that ended without leave lie in ${left.join(", ")}`;
  const advice = "start Envoi with the role sender on this data directory; it brings them in first. Do not delete them";
  return [{ check: "journals", level: "warning", detail, advice }];
}

function readIfThere<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

export async function checkRetention({ db }: Pick<RunningGround, "db">, now: Instant): Promise<Finding[]> {
  const run = await findLastRun(db);
  const check = "retention";
  if (run === null || run.finished_at === null) {
    return [{ check, level: "ok", detail: "has not run yet; it does at 04:00 UTC where a worker runs" }];
  }
  const when = `last run ${formatInstant(run.finished_at)}`;
  if (run.failed > 0) {
    const failed = run.steps.filter(({ status }) => status === "failed").map(({ step, error }) => `${step} (${error})`);
    const advice = "the next night tries again; until then these data stay. GET /retention tells more";
    return [{ check, level: "warning", detail: `${when}: ${failed.join(", ")} failed`, advice }];
  }
  if (now - run.finished_at > RUN_OVERDUE) {
    const advice = "start Envoi with the role worker, and look into its log";
    return [{ check, level: "warning", detail: `${when}, and none since`, advice }];
  }
  return [{ check, level: "ok", detail: when }];
}

export async function checkWebhooks({ db }: Pick<RunningGround, "db">): Promise<Finding[]> {
  const all = await listWebhooks(db);
  const failing = all.filter(({ failingSince, disabledReason }) => failingSince !== null || disabledReason !== null);
  if (failing.length === 0) return [{ check: "webhooks", level: "ok", detail: `${all.length} set up, none fails` }];
  return failing.map(({ url, failingSince, disabledReason, lastError }): Finding => {
    const check = `webhook ${new URL(url).host}`;
    if (disabledReason !== null) {
      const advice = "repair it and enable it again; what it missed can be sent again (actions/replay)";
      return { check, level: "error", detail: `${url} was switched off: ${disabledReason}`, advice };
    }
    const detail = `${url} fails since ${formatInstant(failingSince ?? 0)}: ${lastError ?? "no answer"}`;
    return {
      check,
      level: "warning",
      detail,
      advice: "events wait and are tried again; look at the receiving program",
    };
  });
}
