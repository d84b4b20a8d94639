/** The API of the platform's settings. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { platformSettingsSchema } from "../../contract/index.ts";
import { platformSettingsAnswerSchema } from "../../contract/responses-content.ts";
import { problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { checkSettings } from "./check-settings.ts";
import { loadVersion, saveSettings } from "./store.ts";

type SettingsDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["settings"];

export function registerSettingsRoutes(plain: FastifyInstance, { db, now }: SettingsDeps): void {
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
        "A field left out gets its default. If-Match: the version that was read. What was analysed before keeps the settings of its analysis.",
      headers: z.looseObject({ "if-match": z.string().optional() }),
      // What GET gave may come back as it is.
      body: platformSettingsSchema.extend({ version: z.int().optional() }),
      response: { 200: platformSettingsAnswerSchema, ...problems(412, 422) },
    },
    handler: async (request, reply) => {
      const { version: read = null, ...body } = request.body;
      const settings = checkSettings(body);
      const seen = readIfMatch(request.headers["if-match"]) ?? read;
      const version = seen === "none" ? null : await saveSettings(db, settings, seen, now());
      if (version === null) throw appError("version-conflict", { what: "the settings" });
      return reply.header("etag", `"${version}"`).send({ ...settings, version });
    },
  });
}
