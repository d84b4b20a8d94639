/** Operators, invitations to choose a password, and what each role may do. */
import { z } from "zod";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { operatorSchema } from "../../contract/operators.ts";
import { invitationSchema, operatorAnswerSchema, operatorNamesSchema } from "../../contract/responses-operators.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { RIGHT_MEANINGS, RIGHTS, ROLE_RIGHTS, ROLES } from "../../core/operators/rights.ts";
import { changesBetween } from "../../core/operators/changes.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { entryOf } from "./audit-changes.ts";
import { recordAudit } from "./audit-store.ts";
import type { OperatorDeps } from "./deps.ts";
import { unlink } from "./oidc-store.ts";
import { forgetFailures } from "./failures-store.ts";
import { listNames } from "./groups-store.ts";
import { createInvitation } from "./invite.ts";
import { listOperators, type OperatorRow, presentOperator } from "./operators-store.ts";
import {
  type Act,
  createOperator,
  loadOperator,
  removeOperator,
  replaceOperator,
  requireCharge,
} from "./save-operator.ts";
import { removeSecondFactor } from "./second-factor-store.ts";
import { deleteSessions } from "./sessions-store.ts";

const TAGS = ["operators"];
const WHAT = "operator";
const conditions = z.looseObject({ "if-match": z.string().optional() });
const roleSchema = z.object({
  role: z.enum(ROLES),
  rights: z.array(z.enum(RIGHTS)).nullable().describe("null: all"),
});

export function registerOperatorsRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerActions(app, deps);
}

export const actOf = (request: FastifyRequest, now: number): Act => ({
  actor: request.operator,
  now,
  audit: entryOf(request, now),
});

const withTag = (reply: FastifyReply, row: { readonly version: number }) => reply.header("etag", `"${row.version}"`);

function registerReading(plain: FastifyInstance, { db }: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/operators",
    schema: {
      tags: TAGS,
      summary: "Operators, oldest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(operatorAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listOperators(db, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      return toPage(rows.map(presentOperator), query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/operators/names",
    schema: {
      tags: TAGS,
      summary: "Operators and groups by name, to ask them for an approval",
      response: { 200: operatorNamesSchema, ...problems() },
    },
    handler: () => listNames(db),
  });

  app.route({
    method: "GET",
    url: "/operators/:id",
    schema: {
      tags: TAGS,
      summary: "One operator",
      params: idParams,
      response: { 200: operatorAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const row = await loadOperator(db, readId(params.id, WHAT));
      return withTag(reply, row).send(presentOperator(row));
    },
  });

  app.route({
    method: "GET",
    url: "/roles",
    schema: {
      tags: TAGS,
      summary: "Roles and the rights they give",
      response: {
        200: z.object({ rights: z.record(z.string(), z.string()), roles: z.array(roleSchema) }),
        ...problems(),
      },
    },
    handler: async () => ({
      rights: RIGHT_MEANINGS,
      roles: ROLES.map((role) => ({ role, rights: ROLE_RIGHTS[role] && [...ROLE_RIGHTS[role]] })),
    }),
  });
}

function registerEditing(plain: FastifyInstance, { db, now, publicUrl }: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/operators",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Add an operator, with an invitation to choose a password",
      description: "Takes no Idempotency-Key, because answers are kept and invitations are not.",
      body: operatorSchema,
      response: { 201: operatorAnswerSchema.extend(invitationSchema.shape), ...problems(403, 422) },
    },
    handler: async (request, reply) => {
      const made = await db.transaction(async (tx) => {
        const row = await createOperator(tx, request.body, actOf(request, now()));
        return { row, invitation: await createInvitation(tx, row.id, publicUrl, now()) };
      });
      return withTag(reply, made.row)
        .code(201)
        .header("location", `/api/v1/operators/${made.row.id}`)
        .send({ ...presentOperator(made.row), ...made.invitation });
    },
  });

  app.route({
    method: "PUT",
    url: "/operators/:id",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Change an operator; disabling ends their sessions and stops their tokens",
      params: idParams,
      headers: conditions,
      body: operatorSchema,
      response: { 200: operatorAnswerSchema, ...problems(403, 404, 409, 412, 422) },
    },
    handler: async (request, reply) => {
      const seen = readIfMatch(request.headers["if-match"]);
      const id = readId(request.params.id, WHAT);
      const row = await replaceOperator(db, id, request.body, seen, actOf(request, now()));
      return withTag(reply, row).send(presentOperator(row));
    },
  });

  app.route({
    method: "DELETE",
    url: "/operators/:id",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Remove an operator with their sessions and tokens; the audit log keeps their name",
      params: idParams,
      response: { 204: z.undefined().describe("Removed"), ...problems(403, 404, 409) },
    },
    handler: async (request, reply) => {
      await removeOperator(db, readId(request.params.id, WHAT), actOf(request, now()));
      return reply.code(204).send();
    },
  });
}

function registerActions(plain: FastifyInstance, { db, now, publicUrl }: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/operators/:id/actions/invite",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Let an operator choose a new password: an invitation, valid for three days, that replaces those before",
      params: idParams,
      response: { 200: invitationSchema, ...problems(403, 404) },
    },
    handler: async (request) => {
      const row = await loadOperator(db, readId(request.params.id, WHAT));
      requireCharge(request.operator, row);
      return db.transaction(async (tx) => {
        await recordAudit(tx, { ...entryOf(request, now()), status: 200 });
        return createInvitation(tx, row.id, publicUrl, now());
      });
    },
  });

  const acts: readonly [string, string, (row: OperatorRow, request: FastifyRequest) => Promise<void>][] = [
    [
      "reset-second-factor",
      "Take the authenticator app and recovery codes off an operator who lost them, and end their sessions",
      (row, request) =>
        db.transaction(async (tx) => {
          await removeSecondFactor(tx, row.id);
          await deleteSessions(tx, row.id, null);
          await recordAudit(tx, { ...entryOf(request, now()), status: 204 });
        }),
    ],
    [
      "unlink-provider",
      "Take the account of the provider of OpenID Connect off an operator, and end their sessions",
      (row, request) =>
        db.transaction(async (tx) => {
          await unlink(tx, row.id);
          await deleteSessions(tx, row.id, null);
          const changes = changesBetween(presentOperator(row), presentOperator(await loadOperator(tx, row.id)));
          await recordAudit(tx, { ...entryOf(request, now()), status: 204, changes });
        }),
    ],
    [
      "unlock",
      "Forget an operator's failures to sign in",
      (row, request) =>
        db.transaction(async (tx) => {
          await forgetFailures(tx, row.login);
          await recordAudit(tx, { ...entryOf(request, now()), status: 204 });
        }),
    ],
  ];
  for (const [verb, summary, work] of acts) {
    app.route({
      method: "POST",
      url: `/operators/:id/actions/${verb}`,
      config: { audits: "itself" },
      schema: {
        tags: TAGS,
        summary,
        params: idParams,
        response: { 204: z.undefined().describe("Done"), ...problems(403, 404) },
      },
      handler: async (request, reply) => {
        const row = await loadOperator(db, readId(request.params.id, WHAT));
        requireCharge(request.operator, row);
        await work(row, request);
        return reply.code(204).send();
      },
    });
  }
}
