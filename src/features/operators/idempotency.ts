/**
 * Idempotency-Key: a request that created or sent something may be repeated, after a lost answer for instance, and gets
 * the first answer again. Only answers of success are kept: a refused request changed nothing and may simply be sent
 * again under the same key. Keys are per caller and live 24 hours.
 */
import { DAY, HOUR, MINUTE, type Instant } from "../../core/time.ts";
import { timestamp, type Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    idempotencyKey: string | null;
  }
  interface FastifyContextConfig {
    /** `body`: the key belongs to the JSON body. `handler`: the handler claims it (a multipart body is not read yet). */
    idempotent?: "body" | "handler";
  }
}

const KEEP = DAY;
/** A claim without an answer after this long belongs to a process that died. */
const ABANDONED = 10 * MINUTE;
const KEPT_HEADERS = ["content-type", "location", "etag"];

type Stored = { body: string; headers: Record<string, string> };
type KeyRow = { request_hash: string; status: number | null; response: Stored | null };

export function rememberAnswers(app: FastifyInstance, db: Db, now: () => Instant): void {
  let purgedAt = 0;
  app.decorateRequest("idempotencyKey", null);
  app.addHook("preHandler", async (request, reply) => {
    if (request.routeOptions.config.idempotent !== "body") return;
    if (now() - purgedAt > HOUR) {
      purgedAt = now();
      await db.query("delete from idempotency_keys where created_at < $1", [timestamp(now() - KEEP)]);
    }
    if (await claimIdempotencyKey(db, request, reply, JSON.stringify(request.body ?? null), now())) return reply;
  });
  app.addHook("onSend", async (request, reply, payload) => {
    if (request.idempotencyKey === null) return;
    const id = [request.operator.caller, request.idempotencyKey];
    if (reply.statusCode >= 300) {
      await db.query("delete from idempotency_keys where token_hash = $1 and key = $2 and status is null", id);
      return;
    }
    const stored: Stored = { body: typeof payload === "string" ? payload : "", headers: {} };
    for (const name of KEPT_HEADERS) {
      const value = reply.getHeader(name);
      if (typeof value === "string") stored.headers[name] = value;
    }
    await db.query("update idempotency_keys set status = $3, response = $4 where token_hash = $1 and key = $2", [
      ...id,
      reply.statusCode,
      JSON.stringify(stored),
    ]);
  });
}

/** True when the request was answered from memory: the handler must then do nothing. `content` is what must not differ. */
export async function claimIdempotencyKey(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  content: string,
  now: Instant,
): Promise<boolean> {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || key === "") return false;
  if (key.length > 255) throw appError("invalid-input", { detail: "Idempotency-Key is longer than 255 characters" });
  const hash = createHash("sha256").update(`${request.method} ${request.url}\n${content}`).digest("hex");
  const claimed = await db.query(
    `insert into idempotency_keys as k (token_hash, key, request_hash, created_at) values ($1, $2, $3, $4)
     on conflict (token_hash, key) do update set request_hash = $3, status = null, response = null, created_at = $4
      where k.created_at < $5 or (k.status is null and k.created_at < $6) returning 1`,
    [request.operator.caller, key, hash, timestamp(now), timestamp(now - KEEP), timestamp(now - ABANDONED)],
  );
  if (claimed.length > 0) {
    request.idempotencyKey = key;
    return false;
  }
  const [row] = await db.query<KeyRow>(
    "select request_hash, status, response from idempotency_keys where token_hash = $1 and key = $2",
    [request.operator.caller, key],
  );
  if (row && row.request_hash !== hash) throw appError("idempotency-mismatch");
  if (!row?.response || row.status === null) throw appError("idempotency-in-progress");
  reply.code(row.status).headers(row.response.headers).header("idempotent-replayed", "true").send(row.response.body);
  return true;
}
