/**
 * What a request tells about who sent it. Browsers are told apart by a cookie that holds a random number and nothing else; it
 * counts persons, and knows no address.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { randomBytes } from "node:crypto";

export type Visitor = { readonly person: string; readonly ip: string; readonly userAgent: string };

const COOKIE = /(?:^|;\s*)envoi_p=([A-Za-z0-9_-]{22})(?:;|$)/;
/** Thirteen months, as long as data protection authorities let such a cookie live. */
const COOKIE_SECONDS = 395 * 24 * 3600;
const USER_AGENT_MAX = 500;
/** Headers by which browsers and mail programs say that they look ahead. */
const LOOK_AHEAD = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/** A program that only looks ahead, or asks what it would get: nobody has reacted. */
export function isLook(request: FastifyRequest): boolean {
  return (
    request.method === "HEAD" ||
    LOOK_AHEAD.some((name) => /prefetch|prerender|preview/i.test(String(request.headers[name] ?? "")))
  );
}

/** Gives a browser its cookie when it has none; `reply` null: it gets none. */
export function readVisitor(request: FastifyRequest, reply: FastifyReply | null, secure: boolean): Visitor {
  const known = COOKIE.exec(request.headers.cookie ?? "")?.[1];
  const person = known ?? newPerson();
  if (known === undefined && reply !== null) {
    const attributes = `Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
    void reply.header("set-cookie", `envoi_p=${person}; ${attributes}`);
  }
  return { person, ip: request.ip, userAgent: (request.headers["user-agent"] ?? "").slice(0, USER_AGENT_MAX) };
}

/** Of whom no request tells. */
export function unseenVisitor(): Visitor {
  return { person: newPerson(), ip: "", userAgent: "" };
}

let pool = Buffer.alloc(0);
/** 128 random bits; drawn by the thousand, because every click without a cookie needs one. */
function newPerson(): string {
  if (pool.length === 0) pool = randomBytes(16 * 1024);
  const bytes = pool.subarray(0, 16);
  pool = pool.subarray(16);
  return bytes.toString("base64url");
}
