/** The API of the platform's settings. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { platformSettingsSchema, type PlatformSettings } from "../../contract/index.ts";
import { platformSettingsAnswerSchema } from "../../contract/responses-content.ts";
import { problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import { fieldChanges, recordArchiveEvent } from "../../platform/archive-events.ts";
import type { Db } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { requireRight } from "../operators/index.ts";
import { checkSettings } from "./check-settings.ts";
import { loadVersion, lockSettings, saveSettings } from "./store.ts";

type SettingsDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** What archives have against settings; in the words of `errors`. */
  readonly loadObjections: () => Promise<(settings: PlatformSettings) => FieldError[]>;
};

const TAGS = ["settings"];

export function registerSettingsRoutes(plain: FastifyInstance, { db, now, loadObjections }: SettingsDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/settings",
    schema: {
      tags: TAGS,
      summary: "Settings of the platform",
      response: { 200: platformSettingsAnswerSchema, ...problems() },
    },
    handler: async (_request, reply) => {
      const { settings, version } = await loadVersion(db);
      return reply.header("etag", `"${version}"`).send({ ...settings, version });
    },
  });

  app.route({
    method: "PUT",
    url: "/settings",
    schema: {
      tags: TAGS,
      summary: "Replace the settings of the platform",
      description:
        "A field left out gets its default. If-Match: the version that was read. To change `archive` the right of that name is needed. What was analysed before keeps the settings of its analysis.",
      headers: z.looseObject({ "if-match": z.string().optional() }),
      // What GET gave may come back as it is.
      body: platformSettingsSchema.extend({ version: z.int().optional() }),
      response: { 200: platformSettingsAnswerSchema, ...problems(403, 412, 422) },
    },
    handler: async (request, reply) => {
      const { version: read = null, ...body } = request.body;
      const { operator } = request;
      const settings = checkSettings(body, await loadObjections());
      const seen = readIfMatch(request.headers["if-match"]) ?? read;
      const version = await db.transaction(async (tx) => {
        await lockSettings(tx);
        const changes = fieldChanges((await loadVersion(tx)).settings.archive, settings.archive, "archive.");
        if (changes.length > 0) requireRight(operator, "archive");
        const saved = seen === "none" ? null : await saveSettings(tx, settings, seen, now());
        if (saved === null) throw appError("version-conflict", { what: "the settings" });
        if (changes.length > 0) {
          const event = { archive: null, kind: "changed", actor: operator.label, at: now() } as const;
          await recordArchiveEvent(tx, { ...event, detail: { changes } });
        }
        return saved;
      });
      return reply.header("etag", `"${version}"`).send({ ...settings, version });
    },
  });
}
