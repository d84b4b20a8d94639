/**
 * Every refusal leaves as RFC 9457 problem details: errors of the catalogue, those that Fastify raises itself, unknown
 * paths and methods. What nobody foresaw becomes `internal`; its stack goes to the log and never to the client.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { asDatabaseError, isTransientDbError } from "../../platform/db.ts";
import { AppError, appError, errorCode, errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { PROBLEM_TYPE, toProblem } from "../../platform/problem.ts";

/** For what Fastify refuses before it has found a route (a URL that cannot be decoded). */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void sendProblem(reply, translate(error, request));
}

export function answerProblems(app: FastifyInstance, log: Log): void {
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const known = translate(error, request);
    if (known.status >= 500) {
      log.error({ err: error, requestId: request.id, method: request.method, url: request.url }, "request failed");
    }
    return sendProblem(reply, known);
  });
}

export function sendProblem(reply: FastifyReply, error: AppError): FastifyReply {
  if (error.code === "unauthorized") reply.header("www-authenticate", 'Bearer realm="envoi"');
  if (error.code === "idempotency-in-progress" || error.status === 503) reply.header("retry-after", "1");
  if (error.status === 429) reply.header("retry-after", String(error.params["seconds"]));
  if (error.code === "method-not-allowed") reply.header("allow", String(error.params["allowed"]));
  // As bytes: to text Fastify would add a charset, which this media type does not have (RFC 9457 §6.1).
  return reply
    .code(error.status)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(toProblem(error))));
}

function translate(error: FastifyError, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error;
  // The client hung up in the middle of its body: its own doing, whatever the error is called.
  if (request.raw.errored !== null) return appError("malformed-request", { detail: "it ended before its end" });
  // Reported by the process itself: Node's parser, Fastify and its plugins name what they refuse by a code.
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
    case "FST_REQ_FILE_TOO_LARGE":
      return appError("too-large", { what: "The body", limit: `${request.routeOptions.bodyLimit} bytes` });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return unsupported(request, "application/json");
    case "FST_INVALID_MULTIPART_CONTENT_TYPE":
      return unsupported(request, "multipart/form-data");
    default:
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return appError("malformed-request", { detail: errorText(error) });
  }
  const database = asDatabaseError(error);
  if (database instanceof AppError) return database;
  if (isTransientDbError(error)) return appError("database-unreachable", { detail: errorText(error) });
  if (errorCode(error) === "ENOSPC") return appError("disk-full", { detail: errorText(error) });
  return appError("internal", { requestId: request.id });
}

function unsupported(request: FastifyRequest, expected: string): AppError {
  return appError("unsupported-media-type", { given: request.headers["content-type"] ?? "(none)", expected });
}
