/**
 * The web role put together: the server and the routes of all features. Main and the tests use this one composition;
 * what belongs to the other roles comes in as functions.
 */
import type { FastifyInstance } from "fastify";
import { join } from "node:path";

import { createHttpServer } from "../adapters/http-server/create-http-server.ts";
import type { Instant } from "../core/time.ts";
import { registerAudienceRoutes } from "../features/audience/index.ts";
import { registerDeliveryRoutes, type DeliveryDeps } from "../features/deliveries/index.ts";
import { registerFileRoutes } from "../features/files/index.ts";
import { createLiveFeed, registerLogMetrics, registerLogRoutes, type LogDeps } from "../features/logs/index.ts";
import { guardApi, registerOperatorRoutes, rememberAnswers } from "../features/operators/index.ts";
import { registerQuarantineRoutes } from "../features/quarantine/index.ts";
import { registerSandboxRoutes, type SandboxDeps } from "../features/sandbox/index.ts";
import { registerSettingsRoutes } from "../features/settings/index.ts";
import type { Config } from "../platform/config.ts";
import type { Db } from "../platform/db.ts";
import type { Log } from "../platform/log.ts";
import { createMetrics } from "../platform/metrics.ts";
import { readinessChecks } from "../platform/readiness.ts";

export type WebDeps = {
  readonly db: Db;
  readonly log: Log;
  readonly config: Pick<Config, "publicUrl" | "dataDir">;
  readonly now: () => Instant;
  readonly version: string;
  readonly uiDir: string;
  readonly lifecycle: DeliveryDeps["lifecycle"];
  readonly renderSource: LogDeps["renderSource"];
  readonly inbox: SandboxDeps;
};

/** Ready to listen. */
export async function createWebApp(deps: WebDeps): Promise<FastifyInstance> {
  const { db, log, now, config } = deps;
  const metrics = createMetrics();
  registerLogMetrics(metrics, db, now);
  const app = await createHttpServer({
    log,
    metrics,
    checks: readinessChecks(db, now),
    publicUrl: config.publicUrl,
    version: deps.version,
    uiDir: deps.uiDir,
  });
  await app.register(
    async (api) => {
      guardApi(api, db);
      rememberAnswers(api, db, now);
      registerOperatorRoutes(api, { db, now, publicUrl: config.publicUrl });
      registerAudienceRoutes(api, { db, now, log, uploadDir: join(config.dataDir, "uploads") });
      registerDeliveryRoutes(api, { db, now, lifecycle: deps.lifecycle });
      registerLogRoutes(api, { db, now, feed: createLiveFeed(db, log, now), renderSource: deps.renderSource });
      registerQuarantineRoutes(api, { db });
      registerFileRoutes(api, { db, now });
      registerSettingsRoutes(api, { db, now });
      registerSandboxRoutes(api, deps.inbox);
    },
    { prefix: "/api/v1" },
  );
  await app.ready();
  return app;
}
