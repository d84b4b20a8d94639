/** Answers for a path that no route takes: 405 when another method would do, the UI's page for its own paths, else 404. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";

import { appError } from "../../platform/errors.ts";
import { sendProblem } from "./problems.ts";

type Known = { readonly pattern: RegExp; readonly methods: readonly string[] };
type SendPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Must come before any route is added: it listens to them. `sendPage` answers for paths that belong to the UI. */
export function answerUnknownPaths(app: FastifyInstance, sendPage: SendPage | null): void {
  const routes: Known[] = [];
  app.addHook("onRoute", (route: RouteOptions) => {
    if (route.url.includes("*")) return;
    const pattern = new RegExp(`^${route.url.replace(/[.+]/g, "\\$&").replace(/:[A-Za-z]+/g, "[^/]+")}/?$`);
    routes.push({ pattern, methods: [route.method].flat() });
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.url.split("?");
    const allowed = new Set(routes.filter((route) => route.pattern.test(path)).flatMap((route) => route.methods));
    if (allowed.size > 0) {
      const params = { method: request.method, allowed: [...allowed].join(", ") };
      return sendProblem(reply, appError("method-not-allowed", params));
    }
    if (sendPage && belongsToUi(request, path)) return sendPage(request, reply);
    return sendProblem(reply, appError("not-found", { what: "page or resource at", id: path }));
  });
}

/** A page that a browser asks for by address. A missing file (`/assets/x.js`) is no page: that would only confuse. */
function belongsToUi(request: FastifyRequest, path: string): boolean {
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  return !path.startsWith("/api/") && path !== "/api" && !path.startsWith("/assets/");
}
