/** The API of deliveries: create, read, edit, delete, checklist, audit and the actions. Their logs are in features/logs. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import {
  generalFilters,
  newDeliverySchema,
  updateDeliverySchema,
  type Checklist,
  type ChecklistItem,
  type ContentProblem,
  type CreateDelivery,
  type Delivery,
  type NewDelivery,
} from "../../contract/index.ts";
import {
  checklistSchema,
  deliveryEventSchema,
  deliverySchema,
  deliverySummarySchema,
  idParams,
  pageOf,
  pageQuery,
  problems,
} from "../../contract/responses.ts";
import type { Inherited } from "../../core/delivery/origin.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { hideAddresses } from "../archive/index.ts";
import { hasRight } from "../operators/index.ts";
import { type Lifecycle, registerActionRoutes } from "./action-routes.ts";
import { registerApprovalRoutes } from "./approval-routes.ts";
import { registerContinueRoutes } from "./continue-routes.ts";
import { createDelivery } from "./create-delivery.ts";
import { registerPaceRoute } from "./pace-route.ts";
import { registerPropertyRoutes } from "./property-routes.ts";
import { isAnalysed, type DeliveryRow } from "./present.ts";
import { listEventsBackwards, loadChecklistItems, loadExclusionCounts, mustFind } from "./store.ts";
import { listDeliveries } from "./load-figures.ts";
import { showDelivery } from "./show-delivery.ts";
import { registerStartRoutes } from "./start-routes.ts";
import { removeDelivery, updateDelivery } from "./update-delivery.ts";

export type DeliveryDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** What is wrong with content that was saved; from features/content. */
  readonly checkContent: (delivery: Delivery) => Promise<ContentProblem[]>;
  /** What is asked for and what its template says, complete; throws `invalid-input`. From features/templates. */
  readonly fillIn: (asked: NewDelivery) => Promise<{ delivery: CreateDelivery; inherited: Inherited | null }>;
  readonly lifecycle: Lifecycle;
};

const TAGS = ["deliveries"];

export function registerDeliveryRoutes(app: FastifyInstance, deps: DeliveryDeps): void {
  registerCollection(app, deps);
  registerEditing(app, deps);
  registerReading(app, deps);
  registerActionRoutes(app, deps);
  registerApprovalRoutes(app, deps);
  registerStartRoutes(app, deps);
  registerContinueRoutes(app, deps);
  registerPaceRoute(app, deps);
  registerPropertyRoutes(app, deps);
}

const etag = (delivery: Delivery) => `"${delivery.version}"`;

/** With what is wrong with its content, while that can be changed. */
async function withProblems(delivery: Delivery, { checkContent }: DeliveryDeps): Promise<Delivery> {
  const isEditable = delivery.state === "editing" || delivery.state === "ready";
  return isEditable ? { ...delivery, contentProblems: await checkContent(delivery) } : delivery;
}

function registerCollection(plain: FastifyInstance, deps: DeliveryDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "POST",
    url: "/deliveries",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Create a delivery, in state editing",
      description:
        "A field left out is copied from the template, if one is named and says something about it, else it has its default. The fields of content, sender, settings, settings.tracking and settings.archive count one by one; a list, and the routes and variables, as a whole. null: not the template's value. Later changes of the template change nothing.",
      body: newDeliverySchema,
      response: { 201: deliverySchema, ...problems(409, 422) },
    },
    handler: async (request, reply) => {
      const filled = await deps.fillIn(request.body);
      const delivery = await createDelivery(db, filled.delivery, request.operator.label, now(), filled.inherited);
      return reply
        .code(201)
        .headers({ location: `/api/v1/deliveries/${delivery.id}`, etag: etag(delivery) })
        .send(await withProblems(delivery, deps));
    },
  });

  app.route({
    method: "GET",
    url: "/deliveries",
    schema: {
      tags: TAGS,
      summary: "Deliveries with their figures, newest first",
      querystring: z.object({ ...pageQuery, ...generalFilters }),
      response: { 200: pageOf(deliverySummarySchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const summaries = await listDeliveries(db, readNumberCursor(query.cursor), query.limit + 1, query);
      return toPage(summaries, query.limit, (last) => last.id);
    },
  });
}

function registerEditing(plain: FastifyInstance, deps: DeliveryDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "GET",
    url: "/deliveries/:id",
    schema: {
      tags: TAGS,
      summary: "One delivery",
      params: idParams,
      response: { 200: deliverySchema, ...problems(404) },
    },
    handler: async (request, reply) => {
      const delivery = await showDelivery(db, request.params.id);
      return reply.header("etag", etag(delivery)).send(await withProblems(delivery, deps));
    },
  });

  app.route({
    method: "PATCH",
    url: "/deliveries/:id",
    schema: {
      tags: TAGS,
      summary: "Edit a delivery that was not confirmed; it needs a new analysis afterwards",
      description:
        "Each field given replaces the whole field. Folder, code, category and description can be changed at any time, and need no new analysis. If-Match: the version that was read, so that nobody's edit is lost.",
      params: idParams,
      headers: z.looseObject({ "if-match": z.string().optional() }),
      body: updateDeliverySchema,
      response: { 200: deliverySchema, ...problems(404, 409, 412, 422) },
    },
    handler: async (request, reply) => {
      const id = readId(request.params.id, "delivery");
      const version = readIfMatch(request.headers["if-match"]);
      if (version === "none") throw appError("version-conflict", { id });
      const delivery = await updateDelivery(db, id, request.body, version, request.operator.label, now());
      return reply.header("etag", etag(delivery)).send(await withProblems(delivery, deps));
    },
  });

  app.route({
    method: "DELETE",
    url: "/deliveries/:id",
    schema: {
      tags: TAGS,
      summary: "Delete a delivery that was not confirmed",
      params: idParams,
      response: { 204: z.undefined().describe("Deleted"), ...problems(404, 409) },
    },
    handler: async (request, reply) => {
      await removeDelivery(db, readId(request.params.id, "delivery"), request.operator.label, now());
      return reply.code(204).send();
    },
  });
}

function registerReading(plain: FastifyInstance, { db }: DeliveryDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/deliveries/:id/checklist",
    schema: {
      tags: TAGS,
      summary: "What the analysis found; errors block confirmation, warnings do not",
      params: idParams,
      response: { 200: checklistSchema, ...problems(404) },
    },
    handler: async ({ params, operator }) => {
      const checklist = await loadChecklist(db, await mustFind(db, params.id));
      return hasRight(operator, "archive") ? checklist : { ...checklist, items: checklist.items.map(hideArchives) };
    },
  });

  app.route({
    method: "GET",
    url: "/deliveries/:id/audit",
    schema: {
      tags: TAGS,
      summary: "What happened to the delivery and who did it, newest first",
      params: idParams,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(deliveryEventSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const { id } = await mustFind(db, params.id);
      const events = await listEventsBackwards(db, id, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(events, query.limit, (last) => last.id);
    },
  });
}

/** Where copies go is not for everybody: archives may be named by their address. */
function hideArchives(item: ChecklistItem): ChecklistItem {
  if (!item.id.startsWith("archive")) return item;
  return { ...item, title: hideAddresses(item.title), detail: hideAddresses(item.detail) };
}

async function loadChecklist(db: Db, row: DeliveryRow): Promise<Checklist> {
  const [excluded, items] = await Promise.all([loadExclusionCounts(db, row.id), loadChecklistItems(db, row.id)]);
  const analysed = isAnalysed(row);
  return {
    ready: analysed && row.state === "ready" && items.every((item) => item.level !== "error"),
    analysed,
    targeted: row.targeted,
    excluded,
    toDeliver: row.to_deliver,
    items,
  };
}
