/**
 * Signing in by OpenID Connect: away to the provider, back with what it says, and the code of the authenticator app where there is one.
 * Browsers come here by themselves, so what goes wrong is told by the sign-in page, in words of its own.
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { codeSchema } from "../../contract/operators.ts";
import { problems } from "../../contract/responses.ts";
import { type Claims, isMultiFactor } from "../../core/operators/oidc.ts";
import { AppError, appError } from "../../platform/errors.ts";
import { OidcError } from "../../platform/oidc.ts";
import { entryOf } from "./audit-changes.ts";
import type { OperatorDeps } from "./deps.ts";
import { returnPath } from "./oidc-addresses.ts";
import { findPerson, PROVIDER } from "./oidc-person.ts";
import { redirectUriOf } from "./oidc-settings-routes.ts";
import { loadOidcSettings, type OidcSettings, providerOf } from "./oidc-settings-store.ts";
import { dropTicket, giveTicket, readTicket, useUp } from "./oidc-ticket.ts";
import { noteSigningIn, openSession, refuseOtherSites } from "./open-session.ts";
import { findOperator } from "./operators-store.ts";
import { signInKnown, type SignedIn } from "./sign-in.ts";

const TAGS = ["operators"];
const elsewhere = { 302: z.undefined().describe("Where the browser goes on") };

export function registerOidcRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  registerAway(app, deps);
  registerBack(app, deps);
  registerCode(app, deps);
}

function registerAway(plain: FastifyInstance, deps: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/session/oidc",
    exposeHeadRoute: false,
    config: { limit: "sign-in" },
    schema: {
      tags: TAGS,
      summary: "For browsers: sign in with the provider of OpenID Connect",
      security: [],
      querystring: z.object({ to: z.string().optional().describe("Path of our pages to come back to") }),
      response: { ...elsewhere, ...problems(429) },
    },
    handler: async (request, reply) => {
      const next = await toldByPage(deps, request, async () => {
        const settings = await loadEnabled(deps);
        const { url, secrets } = await deps.oidc.begin(providerOf(deps.masterKey, settings), redirectUriOf(deps));
        const { state: id, nonce, verifier } = secrets;
        const to = returnPath(request.query.to);
        giveTicket(deps, reply, { kind: "away", id, nonce, verifier, issuer: settings.issuer, to });
        return url;
      });
      return reply.redirect(next);
    },
  });
}

function registerBack(plain: FastifyInstance, deps: OperatorDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/session/oidc/callback",
    exposeHeadRoute: false,
    config: { limit: "sign-in" },
    schema: {
      tags: TAGS,
      summary: "For browsers: back from the provider of OpenID Connect",
      security: [],
      response: { ...elsewhere, ...problems(429) },
    },
    handler: async (request, reply) => {
      dropTicket(deps, reply);
      return reply.redirect(await toldByPage(deps, request, () => comeBack(deps, request, reply)));
    },
  });
}

/** Where to go on. */
async function comeBack(deps: OperatorDeps, request: FastifyRequest, reply: FastifyReply): Promise<string> {
  const { db, now, masterKey } = deps;
  const settings = await loadEnabled(deps);
  const ticket = readTicket(deps, request, "away");
  const callback = new URL(redirectUriOf(deps));
  callback.search = new URL(request.url, callback).search;
  if (ticket?.issuer !== settings.issuer || callback.searchParams.get("state") !== ticket.id)
    throw appError("oidc-expired");
  if (!(await useUp(db, ticket, now()))) throw appError("oidc-expired");
  const { id: state, nonce, verifier, to } = ticket;
  const claims = await deps.oidc.finish(
    providerOf(masterKey, settings),
    callback,
    { state, nonce, verifier },
    settings.claim,
  );
  const operatorId = await findOperatorOf(deps, request, settings, claims);
  try {
    const isMulti = isMultiFactor(claims);
    await enter(deps, request, reply, operatorId, (address) =>
      signInKnown(deps, { operatorId, isMultiFactor: isMulti, address }),
    );
    return to;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "code-needed") throw error;
    giveTicket(deps, reply, { kind: "code", id: randomBytes(16).toString("base64url"), operatorId, to });
    return "/#sign-in=code-needed";
  }
}

async function findOperatorOf(
  { db, now }: OperatorDeps,
  request: FastifyRequest,
  settings: OidcSettings,
  claims: Claims,
): Promise<number> {
  const audit = { ...entryOf(request, now()), actor: PROVIDER, resource: "operators" };
  try {
    return await findPerson(db, settings, claims, { now: now(), audit });
  } catch (error) {
    // For the administrator who wonders why somebody does not get in; the provider has said who it is.
    const refused = error instanceof AppError ? error.code : "internal";
    const who = { email: String(claims["email"]).slice(0, 320), subject: String(claims["sub"]).slice(0, 255) };
    await noteSigningIn(db, request, PROVIDER, now(), 403, { refused, ...who });
    throw error;
  }
}

/** The session, and a line in the audit log: also of who does not get in. */
async function enter(
  deps: OperatorDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  operatorId: number,
  attempt: (address: string) => Promise<SignedIn>,
): Promise<void> {
  const { db, now } = deps;
  try {
    const { login, by } = await attempt(request.ip);
    const { issuer: provider } = await loadOidcSettings(db);
    await openSession(deps, request, reply, { operatorId, provider });
    const actor = { label: login, operatorId, tokenId: null };
    await noteSigningIn(db, request, actor, now(), 204, by === "oidc" ? { by } : { by: "oidc", code: by });
  } catch (error) {
    const refused = error instanceof AppError ? error.code : "internal";
    const row = refused === "code-needed" ? null : await findOperator(db, operatorId);
    if (row !== null) {
      await noteSigningIn(db, request, { label: row.login, operatorId, tokenId: null }, now(), 401, {
        by: "oidc",
        refused,
      });
    }
    throw error;
  }
}

function registerCode(plain: FastifyInstance, deps: OperatorDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/session/oidc/code",
    config: { limit: "sign-in" },
    schema: {
      tags: TAGS,
      summary: "The code of the authenticator app, after the provider of OpenID Connect",
      description: "Within ten minutes, in the browser that came back from there.",
      security: [],
      body: codeSchema,
      response: { 200: z.object({ to: z.string().describe("The page asked for") }), ...problems(403, 409, 422, 429) },
    },
    handler: async (request, reply) => {
      refuseOtherSites(request);
      const ticket = readTicket(deps, request, "code");
      if (ticket === null) throw appError("oidc-expired");
      const { operatorId, to } = ticket;
      const { code } = request.body;
      await enter(deps, request, reply, operatorId, async (address) => {
        const signedIn = await signInKnown(deps, { operatorId, code, isMultiFactor: false, address });
        if (!(await useUp(deps.db, ticket, deps.now()))) throw appError("oidc-expired");
        return signedIn;
      });
      dropTicket(deps, reply);
      return { to };
    },
  });
}

async function loadEnabled({ db }: OperatorDeps): Promise<OidcSettings> {
  const settings = await loadOidcSettings(db);
  if (!settings.enabled) throw appError("oidc-off");
  return settings;
}

/** Where the browser goes on; with what went wrong to the sign-in page, where the way back to the password is. */
async function toldByPage(
  { now, db }: OperatorDeps,
  request: FastifyRequest,
  work: () => Promise<string>,
): Promise<string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OidcError) {
      request.log.warn({ why: error.message }, `OpenID Connect: ${error.problem}`);
      if (error.problem === "refused") {
        const detail = { refused: "oidc-refused", why: error.message.slice(0, 500) };
        await noteSigningIn(db, request, PROVIDER, now(), 403, detail);
      }
      return `/#sign-in=oidc-${error.problem}`;
    }
    if (!(error instanceof AppError)) throw error;
    if (error.status >= 500) request.log.error({ why: error.message }, "OpenID Connect: nobody can sign in");
    return `/#sign-in=${error.code}`;
  }
}
