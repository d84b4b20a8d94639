/** Signing in and out, passwords, and the browsers that are signed in. */
import { z } from "zod";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { acceptInvitationSchema, changePasswordSchema, signInSchema } from "../../contract/operators.ts";
import { browserAnswerSchema, sessionAnswerSchema } from "../../contract/responses-operators.ts";
import { idSchema } from "../../contract/basics.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { appError } from "../../platform/errors.ts";
import { toPage } from "../../platform/paging.ts";
import type { OperatorDeps } from "./deps.ts";
import { acceptInvitation } from "./invite.ts";
import { entryOf } from "./audit-changes.ts";
import { recordAudit } from "./audit-store.ts";
import { type Actor, findTokenHolder } from "./find-holder.ts";
import { SESSION_COOKIE } from "./guard-api.ts";
import { signOutThere } from "./oidc-sign-out.ts";
import { noteSigningIn, openSession, refuseOtherSites, sessionCookie } from "./open-session.ts";
import { findOperator, presentOperator, savePassword } from "./operators-store.ts";
import { requireRight } from "./rights.ts";
import {
  deleteSession,
  deleteSessionOfCookie,
  deleteSessions,
  listSessions,
  type SessionFilter,
  type SessionOwner,
} from "./sessions-store.ts";
import { confirmPassword, hashNewPassword, normaliseLogin, signIn } from "./sign-in.ts";

const TAGS = ["operators"];
const done = (text: string) => z.undefined().describe(text);

export function registerSessionRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  registerSigningIn(app, deps);
  registerPasswords(app, deps);
  registerBrowsers(app, deps);
}

function registerSigningIn(plain: FastifyInstance, deps: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db } = deps;
  const cookie = sessionCookie(deps);

  app.route({
    method: "POST",
    url: "/session",
    config: { limit: "sign-in" },
    schema: {
      tags: TAGS,
      summary: "Sign a browser in, by password or by token: sets the session cookie",
      description:
        "`code-needed`: the password is right, and `code` of the authenticator app (or a recovery code) is needed besides.",
      security: [],
      body: signInSchema,
      response: { 204: done("Signed in"), ...problems(403, 422, 429) },
    },
    handler: async (request, reply) => {
      refuseOtherSites(request);
      const { body } = request;
      const owner: SessionOwner =
        "token" in body ? await byToken(deps, request, body.token) : await byPassword(deps, request, body);
      await openSession(deps, request, reply, owner);
      return reply.code(204).send();
    },
  });

  app.route({
    method: "GET",
    url: "/session",
    schema: { tags: TAGS, summary: "Who is signed in", response: { 200: sessionAnswerSchema, ...problems() } },
    handler: async ({ operator: { label, rights, operatorId } }) => {
      const row = operatorId === null ? null : await findOperator(db, operatorId);
      return { label, rights: rights && [...rights], operator: row && presentOperator(row) };
    },
  });

  app.route({
    method: "DELETE",
    url: "/session",
    schema: {
      tags: TAGS,
      summary: "Sign out: ends the session and clears its cookie",
      description:
        "200: signed out here, and the provider by which the session was opened has a page to sign out there, too; 204: that was all.",
      security: [],
      response: {
        200: z.object({ to: z.string().describe("Where the browser goes on, and comes back from") }),
        204: done("Signed out"),
        ...problems(403),
      },
    },
    handler: async (request, reply) => {
      refuseOtherSites(request);
      const value = request.cookies[SESSION_COOKIE];
      const provider = value === undefined ? null : await deleteSessionOfCookie(db, value);
      reply.clearCookie(SESSION_COOKIE, cookie);
      const to = provider === null ? null : await signOutThere(deps, request, provider);
      return to === null ? reply.code(204).send() : reply.send({ to });
    },
  });
}

async function byToken({ db, now }: OperatorDeps, request: FastifyRequest, token: string): Promise<SessionOwner> {
  const holder = await findTokenHolder(db, token, request.ip, now());
  if (holder === null) throw appError("unauthorized");
  await noteSigningIn(db, request, holder, now(), 204, { by: "token" });
  return { token };
}

type Given = { login: string; password: string; code?: string | undefined };

/** What was typed as a name is kept only when somebody has it: people type passwords there. */
async function byPassword(deps: OperatorDeps, request: FastifyRequest, given: Given): Promise<SessionOwner> {
  const { db, now } = deps;
  try {
    const { operatorId, login, by } = await signIn(deps, { ...given, address: request.ip });
    const actor = { label: login, operatorId, tokenId: null };
    await noteSigningIn(db, request, actor, now(), 204, { by });
    return { operatorId };
  } catch (error) {
    const known = await findKnown(deps, given.login);
    const code = error instanceof Error && "code" in error ? String(error.code) : "internal";
    if (known !== null && code !== "code-needed") {
      await noteSigningIn(db, request, known, now(), 401, { refused: code });
    }
    throw error;
  }
}

async function findKnown({ db }: OperatorDeps, login: string) {
  const [row] = await db.query<{ id: number; login: string }>("select id, login from operators where login = $1", [
    normaliseLogin(login),
  ]);
  return row ? { label: row.login, operatorId: row.id, tokenId: null } : null;
}

function registerPasswords(plain: FastifyInstance, deps: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "POST",
    url: "/session/password",
    config: { limit: "sign-in" },
    schema: {
      tags: TAGS,
      summary: "Choose a password with an invitation",
      description: "Ends all sessions of the operator. The invitation opens once.",
      security: [],
      body: acceptInvitationSchema,
      response: { 204: done("The password is set"), ...problems(403, 404, 422, 429) },
    },
    handler: async (request, reply) => {
      refuseOtherSites(request);
      await acceptInvitation(deps, request.body, (actor) => ({
        ...entryOf(request, now()),
        actor,
        action: "set-password",
        status: 204,
      }));
      return reply.code(204).send();
    },
  });

  app.route({
    method: "POST",
    url: "/session/password/change",
    config: { audits: "itself", limit: "sign-in" },
    schema: {
      tags: TAGS,
      summary: "Change one's own password; other sessions of the operator end",
      body: changePasswordSchema,
      response: { 204: done("Changed"), ...problems(403, 409, 422, 429) },
    },
    handler: async (request, reply) => {
      const { body, operator, ip } = request;
      const id = ownId(operator);
      const { login } = await confirmPassword(deps, { id, password: body.current, address: ip, pointer: "/current" });
      const hash = await hashNewPassword(body.password, login, "/password");
      await db.transaction(async (tx) => {
        await savePassword(tx, id, hash, now());
        await deleteSessions(tx, id, operator.sessionId);
        await recordAudit(tx, { ...entryOf(request, now()), action: "change-password", status: 204 });
      });
      return reply.code(204).send();
    },
  });
}

/** Of an operator in their own session: a token that leaked must not take over its owner. Throws `not-an-operator`. */
export function ownId({ operatorId, tokenId }: Actor): number {
  if (operatorId === null || tokenId !== null) throw appError("not-an-operator");
  return operatorId;
}

const sessionQuery = z.object({
  ...pageQuery,
  operator: idSchema.optional().describe("Sessions of this operator; needs the right `operators`"),
  all: z.enum(["true", "false"]).optional().describe("Everybody's; needs the right `operators`"),
});

function registerBrowsers(plain: FastifyInstance, { db, now }: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const own = ({ operatorId, tokenId }: Actor): SessionFilter => ({ operatorId, tokenId });

  app.route({
    method: "GET",
    url: "/sessions",
    schema: {
      tags: TAGS,
      summary: "Browsers that are signed in: one's own, an operator's, everybody's",
      querystring: sessionQuery,
      response: { 200: pageOf(browserAnswerSchema), ...problems(403, 422) },
    },
    handler: async ({ query, operator }) => {
      const others = query.all === "true" || query.operator !== undefined;
      if (others) requireRight(operator, "operators");
      const named: SessionFilter =
        query.operator === undefined ? "all" : { operatorId: Number(query.operator), tokenId: null };
      const filter = others ? named : own(operator);
      const rows = await listSessions(db, filter, query.cursor ?? "", query.limit + 1, now());
      const shown = rows.map((row) => ({ ...row, current: row.id === operator.sessionId }));
      return toPage(shown, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "DELETE",
    url: "/sessions/:id",
    schema: {
      tags: TAGS,
      summary: "End a session; others' need the right `operators`",
      params: z.object({ id: z.string() }),
      response: { 204: done("Ended"), ...problems(404) },
    },
    handler: async ({ params, operator }, reply) => {
      const manages = operator.rights === null || operator.rights.includes("operators");
      if (!(await deleteSession(db, manages ? "all" : own(operator), params.id))) {
        throw appError("not-found", { what: "session", id: params.id });
      }
      return reply.code(204).send();
    },
  });
}
