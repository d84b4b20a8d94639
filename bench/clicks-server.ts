/**
 * The server of `bench clicks`, in a process of its own: Envoi's public paths behind the whole web server, or the peer (a bare
 * Fastify that inserts a row per click and redirects). Started by `fork`: takes its order, answers "ready".
 */
import { fastify, type FastifyInstance } from "fastify";
import { join } from "node:path";

import { createHttpServer } from "../src/adapters/http-server/create-http-server.ts";
import { LIMITS } from "../src/adapters/http-server/rate-limit.ts";
import { registerTrackingRoutes, startTracker } from "../src/features/tracking/index.ts";
import { openDb, type Db } from "../src/platform/db.ts";
import { createLog } from "../src/platform/log.ts";
import { createMetrics } from "../src/platform/metrics.ts";
import { KEYS } from "../test/tracking-rig.ts";

export type ClicksServerOrder = {
  readonly system: "envoi" | "peer";
  readonly port: number;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly target: string;
};

type Server = { readonly app: FastifyInstance /** Stores what is waiting. */; settle(): Promise<void> };

/** All visitors come from one address: it is metered like any, and never told to wait. */
const BOUNDLESS = { ...LIMITS, tracking: { perSecond: 1e9, burst: 1e9 } };

async function startEnvoi(db: Db, dataDir: string): Promise<Server> {
  const log = createLog("warn", "bench");
  const publicUrl = "http://127.0.0.1";
  const uiDir = join(dataDir, "ui");
  const metrics = createMetrics();
  const app = await createHttpServer({ log, metrics, checks: [], publicUrl, version: "0", uiDir, limits: BOUNDLESS });
  const reloadKeys = () => Promise.resolve(KEYS);
  const tracker = await startTracker({ db, log, now: Date.now, dataDir, publicUrl, keys: KEYS, reloadKeys });
  registerTrackingRoutes(app, tracker);
  return { app, settle: () => tracker.close() };
}

async function startPeer(db: Db, target: string): Promise<Server> {
  const app = fastify();
  await db.query(
    "create table if not exists peer_clicks (id bigserial primary key, at timestamptz, token text, ip text, agent text)",
  );
  app.get<{ Params: { token: string } }>("/r/:token", async (request, reply) => {
    await db.query("insert into peer_clicks (at, token, ip, agent) values (now(), $1, $2, $3)", [
      request.params.token,
      request.ip,
      request.headers["user-agent"],
    ]);
    return reply.redirect(target);
  });
  return { app, settle: () => Promise.resolve() };
}

process.once("message", (order: ClicksServerOrder) => {
  void (async () => {
    const db = await openDb(order.databaseUrl);
    const server = order.system === "envoi" ? await startEnvoi(db, order.dataDir) : await startPeer(db, order.target);
    await server.app.listen({ host: "127.0.0.1", port: order.port });
    process.send?.("ready");
    process.once("message", () => {
      void server.app
        .close()
        .then(() => server.settle())
        .then(() => process.send?.("done"));
    });
  })();
});
process.on("disconnect", () => process.exit(0));
