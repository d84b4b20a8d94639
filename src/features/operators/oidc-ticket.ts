/**
 * What a browser keeps between our pages and the provider's: sealed with the master key, so that it can be neither read nor made up,
 * for a few minutes, and good once. Whoever has not got it cannot end what another browser began (RFC 9700 §4.7).
 */
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import { type Instant, MINUTE } from "../../core/time.ts";
import { type Queryable, timestamp } from "../../platform/db.ts";
import { seal, unseal } from "../../platform/seal.ts";
import type { OperatorDeps } from "./deps.ts";

const COOKIE = "envoi_oidc";
const CONTEXT = "oidc ticket";
/** For whoever first looks for the phone. */
const VALID = 10 * MINUTE;

const common = { id: z.string(), to: z.string(), expiresAt: z.number() };
const ticketSchema = z.discriminatedUnion("kind", [
  /** Is with the provider. `id` is the state. */
  z.object({ ...common, kind: z.literal("away"), issuer: z.string(), nonce: z.string(), verifier: z.string() }),
  /** Came back as this operator, and owes the code of the authenticator app. */
  z.object({ ...common, kind: z.literal("code"), operatorId: z.number() }),
]);
type Ticket = z.infer<typeof ticketSchema>;
type Kind = Ticket["kind"];
type Of<K extends Kind> = Extract<Ticket, { kind: K }>;

/** Lax, because browsers come back from another site; only for the routes that read it. */
function cookieOptions({ publicUrl }: OperatorDeps) {
  const secure = publicUrl.startsWith("https:");
  return { path: "/api/v1/session/oidc", httpOnly: true, sameSite: "lax", secure } as const;
}

type NewTicket = Omit<Of<"away">, "expiresAt"> | Omit<Of<"code">, "expiresAt">;

export function giveTicket(deps: OperatorDeps, reply: FastifyReply, ticket: NewTicket): void {
  const text = JSON.stringify({ ...ticket, expiresAt: deps.now() + VALID });
  const value = seal(deps.masterKey, text, CONTEXT).toString("base64url");
  reply.setCookie(COOKIE, value, { ...cookieOptions(deps), maxAge: VALID / 1000 });
}

/** Null: there is none, or none that counts now. */
export function readTicket<K extends Kind>(deps: OperatorDeps, request: FastifyRequest, kind: K): Of<K> | null {
  const value = request.cookies[COOKIE];
  if (value === undefined) return null;
  const text = unseal(deps.masterKey, Buffer.from(value, "base64url"), CONTEXT);
  if (text === null) return null;
  const ticket = ticketSchema.parse(JSON.parse(text.toString("utf8")));
  return ticket.kind === kind && ticket.expiresAt > deps.now() ? (ticket as Of<K>) : null;
}

export function dropTicket(deps: OperatorDeps, reply: FastifyReply): void {
  reply.clearCookie(COOKIE, cookieOptions(deps));
}

/** False: it was used before. A copy of the cookie may still be somewhere. */
export async function useUp(db: Queryable, ticket: Ticket, now: Instant): Promise<boolean> {
  await db.query("delete from oidc_used where expires_at < $1", [timestamp(now)]);
  const rows = await db.query(
    "insert into oidc_used (id_hash, expires_at) values ($1, $2) on conflict do nothing returning 1",
    [createHash("sha256").update(ticket.id).digest("hex"), timestamp(ticket.expiresAt)],
  );
  return rows.length > 0;
}
