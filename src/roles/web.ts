/** The web role: API, pages, live stream on one port. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { buildUi } from "../../scripts/build-ui.ts";
import { readSigningKey, sha256Base64, signRsaSha256 } from "../adapters/crypto/crypto.ts";
import { formatKey } from "../core/delivery/status.ts";
import { beginAnalysis } from "../features/analysis/index.ts";
import { confirmDelivery, pauseDelivery, resumeDelivery, stopDelivery } from "../features/deliveries/index.ts";
import { ensureAdminToken } from "../features/operators/index.ts";
import { renderSource } from "../mta/index.ts";
import { AppError, appError, errorCode } from "../platform/errors.ts";
import { getInboxMessage, listInbox } from "../sandbox/index.ts";
import type { Ground } from "./ground.ts";
import { createWebApp } from "./web-app.ts";
import { enqueueAnalysis } from "./worker.ts";

export type Web = {
  readonly url: string;
  /** Signs a browser in: the token is in the fragment, which no server sees. */
  readonly signInUrl: string;
  /** Where the admin token lies; null when it came from the environment. */
  readonly tokenPath: string | null;
  close(): Promise<void>;
};

export async function startWeb({ db, config, log }: Ground): Promise<Web> {
  const admin = await ensureAdminToken(db, config.dataDir, config.adminToken, Date.now());
  const ui = await buildUi();
  const sign = { crypto: { sha256Base64, signRsaSha256 }, readKey: readSigningKey };
  const app = await createWebApp({
    db,
    log,
    config,
    now: Date.now,
    version: version(),
    uiDir: ui.dir,
    lifecycle: {
      analyse: async (_db, id, actor, now) => {
        await beginAnalysis(db, id, actor, now);
        await enqueueAnalysis(db, id);
      },
      confirm: confirmDelivery,
      pause: pauseDelivery,
      resume: resumeDelivery,
      stop: stopDelivery,
    },
    renderSource: async (key) => {
      try {
        return await renderSource(db, formatKey(key), sign);
      } catch (error) {
        if (error instanceof AppError && error.code === "not-found") return null;
        throw error;
      }
    },
    inbox: { listInbox: (query) => listInbox(db, query), getInboxMessage: (id) => getInboxMessage(db, id) },
  });
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await app.close();
    if (errorCode(error) !== "EADDRINUSE") throw error;
    throw appError("port-in-use", { port: config.port, host: config.host });
  }
  const address = app.server.address();
  const port = typeof address === "object" && address ? address.port : config.port;
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  const url = `http://${host}:${port}`;
  return {
    url,
    signInUrl: admin.path === null ? url : `${url}/#token=${admin.token}`,
    tokenPath: admin.path,
    close: () => app.close(),
  };
}

function version(): string {
  const file = fileURLToPath(new URL("../../package.json", import.meta.url));
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
