/**
 * Lets only operators at the API: a bearer token, or the session cookie of our own pages. A cookie is sent by browsers
 * without the page's doing, so with a cookie whatever changes something must prove that one of our pages asked.
 */
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Rights } from "./rights.ts";
import { findToken, hashToken } from "./store.ts";

type Operator = { readonly tokenHash: string; readonly label: string; readonly rights: Rights };

declare module "fastify" {
  interface FastifyRequest {
    operator: Operator;
  }
  interface FastifyContextConfig {
    /** Open to everyone: signing in and out. */
    open?: boolean;
  }
}

export const SESSION_COOKIE = "envoi_session";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** For the scope that holds the API's routes, before they are added. */
export function guardApi(app: FastifyInstance, db: Db): void {
  app.decorateRequest("operator");
  app.addHook("onRequest", async (request) => {
    if (request.routeOptions.config.open === true) return;
    const operator = await identify(request, db);
    if (operator === null) throw appError("unauthorized");
    request.operator = operator;
  });
}

async function identify(request: FastifyRequest, db: Db): Promise<Operator | null> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return findOperator(db, bearer);
  const session = request.cookies[SESSION_COOKIE];
  if (session === undefined) return null;
  const operator = await findOperator(db, session);
  if (operator && !SAFE_METHODS.has(request.method) && !isOwnPage(request)) throw appError("cross-site-request");
  return operator;
}

export async function findOperator(db: Db, token: string): Promise<Operator | null> {
  const tokenHash = hashToken(token);
  const found = await findToken(db, tokenHash);
  return found && { tokenHash, ...found };
}

/** Any one proof is enough; other sites can give none of them. */
export function isOwnPage(request: FastifyRequest): boolean {
  if (request.headers["x-requested-with"] === "envoi") return true;
  if (request.headers["sec-fetch-site"] === "same-origin") return true;
  const origin = request.headers.origin;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.headers.host;
}
