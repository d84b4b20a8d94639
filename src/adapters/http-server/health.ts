/** For machines that watch the machine: /healthz (the process answers), /readyz (it can do its work), /metrics. */
import type { FastifyInstance } from "fastify";

import { errorText } from "../../platform/errors.ts";
import type { Metrics } from "../../platform/metrics.ts";
import type { ReadinessCheck } from "../../platform/readiness.ts";

export function answerHealth(app: FastifyInstance, checks: readonly ReadinessCheck[], metrics: Metrics): void {
  const hidden = { schema: { hide: true }, logLevel: "warn" } as const;
  app.get("/healthz", hidden, async () => ({ status: "ok" }));
  app.get("/readyz", hidden, async (_request, reply) => {
    const results = await Promise.all(checks.map(runCheck));
    const ok = results.every((result) => result.ok);
    return reply.code(ok ? 200 : 503).send({ status: ok ? "ok" : "not-ready", checks: results });
  });
  app.get("/metrics", hidden, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()));
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
  });
}

async function runCheck(check: ReadinessCheck): Promise<{ name: string; ok: boolean; detail: string }> {
  try {
    const trouble = await check.run();
    return { name: check.name, ok: trouble === null, detail: trouble ?? "" };
  } catch (error) {
    return { name: check.name, ok: false, detail: errorText(error) };
  }
}
