/** Sessions of the pages and API tokens. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { toPage } from "../../platform/paging.ts";
import { findOperator, isOwnPage, SESSION_COOKIE } from "./guard-api.ts";
import { passOn, RIGHTS } from "./rights.ts";
import { deleteToken, generateToken, insertToken, listTokens, tokenId } from "./store.ts";

export type OperatorDeps = { readonly db: Db; readonly now: () => Instant; readonly publicUrl: string };

const SESSION_SECONDS = 30 * 24 * 3600;
const rightsSchema = z.array(z.enum(RIGHTS)).max(20).nullable();
const rightsAnswer = rightsSchema.describe("null: all rights; archive: sees where copies go, and changes it");
const sessionSchema = z.object({ label: z.string().describe("Name of the token"), rights: rightsAnswer });
const tokenSchema = z.object({
  id: z.string(),
  label: z.string(),
  rights: rightsAnswer,
  createdAt: z.iso.datetime(),
});

export function registerOperatorRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  registerSessionRoutes(app, deps);
  registerTokenRoutes(app, deps);
}

function registerSessionRoutes(plain: FastifyInstance, { db, publicUrl }: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  // Not sent to the public pages of messages.
  const cookie = { path: "/api", httpOnly: true, sameSite: "strict", secure: publicUrl.startsWith("https:") } as const;

  app.route({
    method: "POST",
    url: "/session",
    config: { open: true },
    schema: {
      tags: ["operators"],
      summary: "Sign a page in: sets the session cookie",
      security: [],
      body: z.strictObject({ token: z.string().trim().min(1).max(1000) }),
      response: { 204: z.undefined().describe("Signed in"), ...problems(403, 422) },
    },
    handler: async (request, reply) => {
      if (request.headers.origin !== undefined && !isOwnPage(request)) throw appError("cross-site-request");
      if ((await findOperator(db, request.body.token)) === null) throw appError("unauthorized");
      reply.setCookie(SESSION_COOKIE, request.body.token, { ...cookie, maxAge: SESSION_SECONDS });
      return reply.code(204).send();
    },
  });

  app.route({
    method: "GET",
    url: "/session",
    schema: { tags: ["operators"], summary: "Who is signed in", response: { 200: sessionSchema, ...problems() } },
    handler: async ({ operator: { label, rights } }) => ({ label, rights: rights && [...rights] }),
  });

  app.route({
    method: "DELETE",
    url: "/session",
    config: { open: true },
    schema: {
      tags: ["operators"],
      summary: "Sign out: clears the session cookie",
      security: [],
      response: { 204: z.undefined().describe("Signed out"), ...problems() },
    },
    handler: async (_request, reply) => reply.clearCookie(SESSION_COOKIE, cookie).code(204).send(),
  });
}

function registerTokenRoutes(plain: FastifyInstance, { db, now }: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/tokens",
    schema: {
      tags: ["operators"],
      summary: "API tokens, without their secrets",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(tokenSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listTokens(db, query.cursor ?? "", query.limit + 1);
      const shown = rows.map((row) => ({ ...row, rights: row.rights && [...row.rights] }));
      return toPage(shown, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "POST",
    url: "/tokens",
    schema: {
      tags: ["operators"],
      summary: "Make an API token",
      description:
        "The token is shown here and never again. Takes no Idempotency-Key, because answers are kept and secrets are not. Without `rights` it has those of the token that asks; more nobody can give.",
      body: z.strictObject({ label: z.string().trim().min(1).max(200), rights: rightsSchema.optional() }),
      response: { 201: tokenSchema.extend({ token: z.string() }), ...problems(403, 422) },
    },
    handler: async (request, reply) => {
      const token = generateToken();
      const at = now();
      const { label } = request.body;
      const rights = passOn(request.operator, request.body.rights);
      await insertToken(db, token, { label, rights }, at);
      const createdAt = formatInstant(at);
      return reply.code(201).send({ id: tokenId(token), label, rights: rights && [...rights], createdAt, token });
    },
  });

  app.route({
    method: "DELETE",
    url: "/tokens/:id",
    schema: {
      tags: ["operators"],
      summary: "Revoke an API token and the sessions that use it",
      params: z.object({ id: z.string() }),
      response: { 204: z.undefined().describe("Revoked"), ...problems(404) },
    },
    handler: async (request, reply) => {
      if (!(await deleteToken(db, request.params.id)))
        throw appError("not-found", { what: "token", id: request.params.id });
      return reply.code(204).send();
    },
  });
}
