/** What every way of signing in ends with: a session in the database, its cookie, a line in the audit log. */
import type { FastifyReply, FastifyRequest } from "fastify";

import type { Instant } from "../../core/time.ts";
import { appError } from "../../platform/errors.ts";
import { entryOf } from "./audit-changes.ts";
import { recordAudit } from "./audit-store.ts";
import type { OperatorDeps } from "./deps.ts";
import { type Actor, SESSION_LONGEST } from "./find-holder.ts";
import { isOwnPage, SESSION_COOKIE } from "./guard-api.ts";
import { insertSession, type SessionOwner } from "./sessions-store.ts";

/** Not sent to the public pages of messages. */
export function sessionCookie({ publicUrl }: Pick<OperatorDeps, "publicUrl">) {
  return { path: "/api", httpOnly: true, sameSite: "strict", secure: publicUrl.startsWith("https:") } as const;
}

export function refuseOtherSites(request: FastifyRequest): void {
  if (request.headers.origin !== undefined && !isOwnPage(request)) throw appError("cross-site-request");
}

export async function openSession(
  deps: OperatorDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  owner: SessionOwner,
): Promise<void> {
  const client = { address: request.ip, userAgent: request.headers["user-agent"] ?? "" };
  const value = await insertSession(deps.db, owner, client, deps.now());
  reply.setCookie(SESSION_COOKIE, value, { ...sessionCookie(deps), maxAge: SESSION_LONGEST / 1000 });
}

export async function noteSigningIn(
  db: OperatorDeps["db"],
  request: FastifyRequest,
  actor: Pick<Actor, "label" | "operatorId" | "tokenId">,
  at: Instant,
  status: number,
  detail: Record<string, unknown>,
): Promise<void> {
  await recordAudit(db, { ...entryOf(request, at), actor, action: "sign-in", status, detail });
}
