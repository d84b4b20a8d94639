/**
 * The web server without any route of the product: limits, headers, request ids, problems, description, health, UI files.
 * Main adds the features' routes to it.
 */
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import multipart from "@fastify/multipart";
import { fastify, type FastifyInstance } from "fastify";
import { randomUUID } from "node:crypto";

import type { Log } from "../../platform/log.ts";
import type { Metrics } from "../../platform/metrics.ts";
import type { ReadinessCheck } from "../../platform/readiness.ts";
import { answerHealth } from "./health.ts";
import { describeApi } from "./openapi.ts";
import { answerFrameworkError, answerProblems } from "./problems.ts";
import { type Limits, limitRequests } from "./rate-limit.ts";
import { sendUiPage, serveUiFiles } from "./ui-files.ts";
import { answerUnknownPaths } from "./unknown-paths.ts";
import { refuseUnstorableText, serializerCompiler, validatorCompiler } from "./validation.ts";

/** Bytes of a JSON body. Files of a multipart body are streamed and not counted. */
const BODY_LIMIT = 10 * 1024 * 1024;

export type HttpServerOptions = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly checks: readonly ReadinessCheck[];
  /** Base of the links people follow; decides whether browsers are told to insist on TLS. */
  readonly publicUrl: string;
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  readonly version: string;
  /** Folder of the built UI. */
  readonly uiDir: string;
  /** How many requests one client may send; default: LIMITS. */
  readonly limits?: Limits;
};

export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    bodyLimit: BODY_LIMIT,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    // One line a request would be most of the log; what fails is logged where it is answered.
    logger: false,
    frameworkErrors: answerFrameworkError,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2000 },
  });
  const ui = { dir: options.uiDir };
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app, options.log);
  answerUnknownPaths(app, sendUiPage(ui));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    if (request.url.startsWith("/api/")) reply.header("cache-control", "no-store");
  });
  limitRequests(app, options.limits);
  app.addHook("preValidation", refuseUnstorableText);
  await app.register(helmet, securityHeaders(options.publicUrl.startsWith("https:")));
  await app.register(cookie);
  await app.register(multipart, {
    limits: { files: 1, fields: 20, fieldSize: 100_000, fileSize: Number.MAX_SAFE_INTEGER },
  });
  await describeApi(app, options.version);
  answerHealth(app, options.checks, options.metrics);
  await serveUiFiles(app, ui);
  return app;
}

/**
 * Scripts only from us; styles inline too, because Mantine sets them. Previews of messages are `srcdoc` frames, which
 * inherit this policy and are sandboxed besides: no script of a message runs, its pictures may come from anywhere.
 */
function securityHeaders(tls: boolean) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:", "http:", "https:"],
        fontSrc: ["'self'", "data:"],
        connectSrc: ["'self'"],
        frameSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Browsers ignore or complain about these on plain HTTP, where many run this in their own network.
    strictTransportSecurity: tls && { maxAge: 15_552_000 },
    crossOriginOpenerPolicy: tls,
    originAgentCluster: tls,
    crossOriginResourcePolicy: { policy: "same-origin" as const },
    referrerPolicy: { policy: "same-origin" as const },
  };
}
