/** The API of the ledger: figures, copies, alerts, trying again, the audit. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { archiveEventSchema, archiveLedgerSchema, retriedSchema } from "../../contract/responses-archive.ts";
import { copySchema, idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { recordArchiveEvent } from "../../platform/archive-events.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { hasRight } from "../operators/index.ts";
import { resolveAlert } from "./alerts.ts";
import { createCopyRate } from "./copy-rate.ts";
import { hideAddressesIn } from "./hide-addresses.ts";
import { listArchiveEvents } from "./ledger-store.ts";
import { listCopies } from "./list-copies.ts";
import { readLedger } from "./read-ledger.ts";
import { retryCopies } from "./retry-copies.ts";

type LedgerDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["archive"];
const anyId = z.string().regex(/^[1-9]\d{0,14}$/, "an id is a decimal number");

export function registerLedgerRoutes(app: FastifyInstance, deps: LedgerDeps): void {
  registerFigures(app, deps);
  registerCopies(app, deps);
  registerAlerts(app, deps);
  registerAudit(app, deps);
}

function registerFigures(plain: FastifyInstance, { db, now }: LedgerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const rate = createCopyRate();

  app.route({
    method: "GET",
    url: "/archive",
    schema: {
      tags: TAGS,
      summary: "The ledger of copies: due, archived, owed, given up; what archives said last; open alerts",
      description: "Sums are over all archives, also over those that were removed since.",
      response: { 200: archiveLedgerSchema, ...problems() },
    },
    handler: async ({ operator }) => {
      const ledger = await readLedger(db, rate, now());
      return hasRight(operator, "archive") ? ledger : hideAddressesIn(ledger);
    },
  });
}

function registerCopies(plain: FastifyInstance, { db, now }: LedgerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/archive/copies",
    schema: {
      tags: TAGS,
      summary: "Copies by message, filtered",
      description: "Pages may be short or empty although there is a nextCursor: hardly anything matched so far.",
      querystring: z.object({
        ...pageQuery,
        state: z.enum(["owed", "archived", "given-up"]).optional(),
        archive: anyId.optional(),
        delivery: anyId.optional(),
      }),
      response: { 200: pageOf(copySchema), ...problems(422) },
    },
    handler: async ({ query, operator }) => {
      const { state, limit, cursor } = query;
      const filter = { state, archive: toNumber(query.archive), delivery: toNumber(query.delivery) };
      const page = await listCopies(db, filter, cursor, limit);
      return hasRight(operator, "archive") ? page : hideAddressesIn(page);
    },
  });

  app.route({
    method: "POST",
    url: "/archive/actions/retry",
    schema: {
      tags: TAGS,
      summary: "Try what is owed at once; what was given up only by message or delivery",
      description: "Without a body: all that is owed. Copies of messages that were erased are given up for good.",
      body: z
        .strictObject({
          keys: z.array(z.string().max(40)).min(1).max(1000).optional(),
          delivery: anyId.optional(),
          archive: anyId.optional(),
        })
        .nullish(),
      querystring: z.object({ delivery: anyId.optional() }),
      response: { 200: retriedSchema, ...problems(422) },
    },
    handler: async ({ body, query, operator }) => {
      const delivery = toNumber(body?.delivery ?? query.delivery);
      const request = { keys: body?.keys, delivery, archive: toNumber(body?.archive) };
      return retryCopies(db, request, operator.label, now());
    },
  });
}

function registerAlerts(plain: FastifyInstance, { db, now }: LedgerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/archive/alerts/:id/actions/resolve",
    schema: {
      tags: TAGS,
      summary: "An alert was looked at; the same cause opens a new one when it comes again",
      params: idParams,
      response: { 204: z.undefined().describe("Resolved"), ...problems(404) },
    },
    handler: async ({ params, operator }, reply) => {
      const id = readId(params.id, "open alert");
      await db.transaction(async (tx) => {
        const alert = await resolveAlert(tx, id, now());
        if (alert === null) throw appError("not-found", { what: "open alert", id: params.id });
        const { archive, kind, delivery_id: delivery } = alert;
        const detail = { alert: kind, ...(delivery === null ? {} : { delivery }) };
        await recordArchiveEvent(tx, { archive, kind: "alert-resolved", actor: operator.label, at: now(), detail });
      });
      return reply.code(204).send();
    },
  });
}

function registerAudit(plain: FastifyInstance, { db }: LedgerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const response = { 200: pageOf(archiveEventSchema), ...problems(404, 422) };
  const list = async (archive: number | null, query: { cursor?: string | undefined; limit: number }, all: boolean) => {
    const rows = await listArchiveEvents(db, archive, readNumberCursor(query.cursor), query.limit + 1);
    const events = rows.map((row) => ({
      id: String(row.id),
      archiveId: row.archive === null ? null : String(row.archive),
      at: formatInstant(row.at),
      kind: row.kind,
      actor: row.actor,
      detail: row.detail,
    }));
    const page = toPage(events, query.limit, (last) => last.id);
    return all ? page : hideAddressesIn(page);
  };

  app.route({
    method: "GET",
    url: "/archive/audit",
    schema: {
      tags: TAGS,
      summary: "Who changed archives and the settings of copies, and how, newest first",
      querystring: z.object(pageQuery),
      response,
    },
    handler: ({ query, operator }) => list(null, query, hasRight(operator, "archive")),
  });

  app.route({
    method: "GET",
    url: "/archives/:id/audit",
    schema: {
      tags: TAGS,
      summary: "Who changed an archive, and how, newest first; also of one that was removed",
      params: idParams,
      querystring: z.object(pageQuery),
      response,
    },
    handler: ({ params, query, operator }) => list(readId(params.id, "archive"), query, hasRight(operator, "archive")),
  });
}

function toNumber(id: string | undefined): number | undefined {
  return id === undefined ? undefined : Number(id);
}
