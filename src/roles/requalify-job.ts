/** The worker's job of judging past messages again: its deps put together. */
import { fileURLToPath } from "node:url";

import type { ShapingFiles } from "../core/shaping/rule.ts";
import { loadRuleSet } from "../features/bounces/index.ts";
import { workRequalifications } from "../features/requalify/index.ts";
import type { Db, Listener } from "../platform/db.ts";
import { REQUALIFY_CHANNEL } from "../platform/events.ts";

const BOUNCE_RULES = fileURLToPath(new URL("../../rules/bounces", import.meta.url));

export type RequalifyJob = {
  run(signal?: AbortSignal): Promise<void>;
  /** From now on each wish asks for the job; what is missed is found within a minute. */
  listen(): Promise<Listener>;
};

export async function openRequalifyJob(db: Db, { reactions }: Pick<ShapingFiles, "reactions">): Promise<RequalifyJob> {
  const shipped = await loadRuleSet(BOUNCE_RULES);
  // Only these put their name in the place of the rule.
  const overruling = reactions.filter(({ action }) => action.kind === "retry" || action.kind === "fail");
  const deps = { db, now: Date.now, shipped, reactions: overruling.map(({ name }) => name) };
  return {
    run: (signal) => workRequalifications(deps, signal),
    listen: () => db.listen(REQUALIFY_CHANNEL, () => void enqueue(db).catch(() => {})),
  };
}

async function enqueue(db: Db): Promise<void> {
  await db.query("select graphile_worker.add_job('requalify', job_key := 'requalify', max_attempts := 1)");
}
