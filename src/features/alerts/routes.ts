/** The API of alerts. What is watched and who hears of it are settings (`GET /settings`, `alerts`). */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import type { Alert } from "../../contract/alerts.ts";
import { alertMailsSchema, alertSchema } from "../../contract/responses-alerts.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { ALERT_KIND_NAMES, ALERT_KINDS } from "../../core/alert/alert-kinds.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { notify } from "../notices/index.ts";
import { describeAlert } from "./describe.ts";
import { recipientsOf } from "./mail-alerts.ts";
import { acknowledge, type AlertRow, listAlerts } from "./store.ts";
import { loadAlertSettings } from "./watch-alerts.ts";

const TAGS = ["alerts"];

export function registerAlertRoutes(
  plain: FastifyInstance,
  { db, now }: { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/alerts",
    schema: {
      tags: TAGS,
      summary: "What somebody must look at, and what that was, newest first",
      querystring: z.object({
        ...pageQuery,
        state: z.enum(["open", "resolved"]).optional(),
        kind: z.enum(ALERT_KIND_NAMES).optional(),
      }),
      response: { 200: pageOf(alertSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listAlerts(db, query, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(rows.map(present), query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "POST",
    url: "/alerts/:id/actions/acknowledge",
    schema: {
      tags: TAGS,
      summary: "Say that somebody takes care of it",
      description: "Nobody is reminded of it any more. It stays open until what it is about is over.",
      params: idParams,
      response: { 200: alertSchema, ...problems(404) },
    },
    handler: async ({ params, operator }) => {
      const row = await acknowledge(db, readId(params.id, "open alert"), operator.label, now());
      if (row === null) throw appError("not-found", { what: "open alert", id: params.id });
      return present(row);
    },
  });

  app.route({
    method: "POST",
    url: "/alerts/actions/test-mail",
    schema: {
      tags: TAGS,
      summary: "Send a mail to everybody who hears of alerts",
      response: { 202: alertMailsSchema, ...problems() },
    },
    handler: async ({ operator }, reply) => {
      const to = await recipientsOf(db, await loadAlertSettings(db));
      const text = `${operator.label} wants to see whether mails about alerts arrive. This one did.`;
      const mails = await db.transaction((tx) => notify(tx, { to, subject: "Alerts: a test", text }, now()));
      return reply.code(202).send({ mails });
    },
  });
}

const at = (instant: Instant | null) => (instant === null ? null : formatInstant(instant));

function present(row: AlertRow): Alert {
  const { kind, subject, detail, acknowledgedBy } = row;
  const { deliveryId } = detail;
  return {
    id: String(row.id),
    kind,
    level: ALERT_KINDS[kind].level,
    subject,
    message: describeAlert(kind, detail),
    deliveryId: typeof deliveryId === "string" ? deliveryId : null,
    raisedAt: formatInstant(row.raisedAt),
    seenAt: formatInstant(row.seenAt),
    resolvedAt: at(row.resolvedAt),
    acknowledgedAt: at(row.acknowledgedAt),
    acknowledgedBy,
    toldAt: at(row.toldAt),
  };
}
