/**
 * Lets only operators at the API, and each only at what the table of routes and rights gives them: by a bearer token, or the
 * session cookie of our own pages. A cookie is sent by browsers without the page's doing, so with a cookie whatever changes
 * something must prove that one of our pages asked.
 */
import { mayUse, requirementOf } from "../../core/operators/route-rights.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Actor, findSessionHolder, findTokenHolder } from "./find-holder.ts";
import { shareLookups } from "./share-lookups.ts";

declare module "fastify" {
  interface FastifyRequest {
    operator: Actor;
  }
}

export const SESSION_COOKIE = "envoi_session";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** For the scope that holds the API's routes, before they are added. */
export function guardApi(app: FastifyInstance, db: Db, now: () => Instant): void {
  app.decorateRequest("operator");
  const holders: FindHolder = shareLookups();
  app.addHook("onRequest", async (request) => {
    const requirement = requirementOf(routeOf(request));
    if (requirement === "public") return;
    const operator = await identify(request, holders, db, now());
    if (operator === null) throw appError("unauthorized");
    request.operator = operator;
    if (!mayUse(operator.rights, requirement)) throw appError("not-permitted", { right: requirement ?? "all" });
  });
}

/** As the table writes it: `GET /deliveries/{id}`. HEAD is a GET without its body. */
export function routeOf(request: FastifyRequest): string {
  const path = (request.routeOptions.url ?? "").replace(/^\/api\/v1/, "").replace(/:([A-Za-z]+)/g, "{$1}");
  return `${request.method === "HEAD" ? "GET" : request.method} ${path}`;
}

type FindHolder = (token: string, look: () => Promise<Actor | null>) => Promise<Actor | null>;

async function identify(request: FastifyRequest, holders: FindHolder, db: Db, now: Instant): Promise<Actor | null> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return holders(bearer, () => findTokenHolder(db, bearer, request.ip, now));
  const session = request.cookies[SESSION_COOKIE];
  if (session === undefined) return null;
  const operator = await findSessionHolder(db, session, now);
  if (operator && !SAFE_METHODS.has(request.method) && !isOwnPage(request)) throw appError("cross-site-request");
  return operator;
}

/** Any one proof is enough; other sites can give none of them. */
export function isOwnPage(request: FastifyRequest): boolean {
  if (request.headers["x-requested-with"] === "envoi") return true;
  if (request.headers["sec-fetch-site"] === "same-origin") return true;
  const origin = request.headers.origin;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.headers.host;
}
