/** The API of the installation: is it held, and the word of a person that it goes. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { holdSchema, type Installation, releaseSchema } from "../../contract/installation.ts";
import { installationSchema } from "../../contract/responses-retention.ts";
import { problems } from "../../contract/responses.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { holdInstallation, releaseInstallation } from "./release.ts";
import { type InstallationRow, loadInstallation } from "./store.ts";

type InstallationDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["settings"];

export function registerInstallationRoutes(plain: FastifyInstance, { db, now }: InstallationDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/installation",
    schema: {
      tags: TAGS,
      summary: "Whether anything may leave this installation",
      response: { 200: installationSchema, ...problems() },
    },
    handler: async () => present(await loadInstallation(db)),
  });

  app.route({
    method: "POST",
    url: "/installation/actions/release",
    schema: {
      tags: TAGS,
      summary: "Let an installation that is held send again",
      description:
        "Messages, webhooks, copies and schedules go, and mailboxes are polled. Where nothing is held, nothing happens.",
      body: releaseSchema,
      response: { 200: installationSchema, ...problems(422) },
    },
    handler: async ({ body, operator }) => {
      await releaseInstallation(db, operator.label, body.resume, now());
      return present(await loadInstallation(db));
    },
  });

  app.route({
    method: "POST",
    url: "/installation/actions/hold",
    schema: {
      tags: TAGS,
      summary: "Let nothing leave from now on",
      description: "What is on the wire finishes. Senders, workers and the inbound role end, in all processes.",
      body: holdSchema,
      response: { 200: installationSchema, ...problems(422) },
    },
    handler: async ({ body, operator }) => {
      await holdInstallation(db, operator.label, body.reason, now());
      return present(await loadInstallation(db));
    },
  });
}

function present(row: InstallationRow): Installation {
  if (row.held_at === null) return { held: null };
  return {
    held: {
      at: formatInstant(row.held_at),
      by: row.held_by ?? "",
      reason: row.held_reason ?? "",
      copiedAt: row.backup_at === null ? null : formatInstant(row.backup_at),
      paused: row.paused.map(String),
    },
  };
}
