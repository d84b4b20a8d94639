/** The API of retention: how long what is kept, and what the nightly job did. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import type { RetentionRun } from "../../contract/retention.ts";
import { retentionRunSchema, retentionSchema } from "../../contract/responses-retention.ts";
import { idParams, problems } from "../../contract/responses.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId } from "../../platform/paging.ts";
import { loadPeriods, nextNight } from "./periods.ts";
import { findRun, insertRun, listRuns, type RunRow } from "./store.ts";

type RetentionRouteDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** Has the worker do the run. */
  readonly enqueue: (runId: number) => Promise<void>;
};

const TAGS = ["settings"];
const RUNS_SHOWN = 14;

export function registerRetentionRoutes(plain: FastifyInstance, { db, now, enqueue }: RetentionRouteDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/retention",
    schema: {
      tags: TAGS,
      summary: "How long what is kept, when the next run is, and what the last ones did",
      description: "The periods are changed with the settings (`PUT /settings`, `retention`).",
      response: { 200: retentionSchema, ...problems() },
    },
    handler: async () => ({
      periods: await loadPeriods(db),
      nextRunAt: formatInstant(nextNight(now())),
      runs: (await listRuns(db, RUNS_SHOWN)).map(present),
    }),
  });

  app.route({
    method: "GET",
    url: "/retention/runs/:id",
    schema: {
      tags: TAGS,
      summary: "One run, as far as it is",
      params: idParams,
      response: { 200: retentionRunSchema, ...problems(404) },
    },
    handler: async ({ params }) => {
      const row = await findRun(db, readId(params.id, "run"));
      if (row === null) throw appError("not-found", { what: "run", id: params.id });
      return present(row);
    },
  });

  app.route({
    method: "POST",
    url: "/retention/actions/run",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Let go now what is past its period",
      description:
        "As the worker does each night. With `dryRun` nothing goes and the run says what would. The answer is the run as it begins; ask for it again to see how far it is.",
      body: z.strictObject({ dryRun: z.boolean().default(false) }),
      response: { 202: retentionRunSchema, ...problems(422) },
    },
    handler: async ({ body, operator }, reply) => {
      const run = await insertRun(db, operator.label, body.dryRun, now());
      await enqueue(run.id);
      return reply.code(202).send(present(run));
    },
  });
}

function present(row: RunRow): RetentionRun {
  return {
    id: String(row.id),
    startedAt: formatInstant(row.started_at),
    finishedAt: row.finished_at === null ? null : formatInstant(row.finished_at),
    actor: row.actor,
    dryRun: row.dry_run,
    failed: row.failed,
    steps: [...row.steps],
  };
}
