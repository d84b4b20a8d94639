/** The web role: API, pages, live stream on one port. */
import { buildUi } from "../../scripts/build-ui.ts";
import { codec } from "../adapters/charset/codec.ts";
import { generateSigningKey, readSigningKey } from "../adapters/crypto/crypto.ts";
import { createDns } from "../adapters/dns/create-dns.ts";
import { beginAnalysis } from "../features/analysis/index.ts";
import { confirmDelivery, pauseDelivery, resumeDelivery, stopDelivery } from "../features/deliveries/index.ts";
import { ensureAdminToken } from "../features/operators/index.ts";
import type { Routes } from "../platform/config.ts";
import { appError, errorCode } from "../platform/errors.ts";
import { getInboxMessage, listInbox } from "../sandbox/index.ts";
import { dnsOptions } from "./dns-options.ts";
import { createArchiveProbe } from "./archive-probe.ts";
import { createDomainChecks } from "./domain-checks.ts";
import type { Ground } from "./ground.ts";
import { openSiteLookUp } from "./look-up-sites.ts";
import { groundRenderer } from "./renderer.ts";
import { version } from "./version.ts";
import { createWebApp } from "./web-app.ts";
import { enqueueAddition, enqueueAnalysis, enqueueRetention, enqueueStarts } from "./worker.ts";

export type Web = {
  readonly url: string;
  /** Base of the links in messages. */
  readonly publicUrl: string;
  /** Signs a browser in: the token is in the fragment, which no server sees. */
  readonly signInUrl: string;
  /** Where the admin token lies; null when it came from the environment. */
  readonly tokenPath: string | null;
  close(): Promise<void>;
};

/** `sandboxRoutes`: null unless the transport is the sandbox and runs here. */
export async function startWeb(
  { db, config, log, masterKey }: Ground,
  sandboxRoutes: Routes | null = null,
): Promise<Web> {
  const admin = await ensureAdminToken(db, config.dataDir, config.adminToken, Date.now());
  const ui = await buildUi();
  const app = await createWebApp({
    db,
    log,
    config,
    now: Date.now,
    version: version(),
    uiDir: ui.dir,
    lifecycle: {
      analyse: async (_db, id, actor, now, mayStart) => {
        await beginAnalysis(db, id, actor, now, mayStart);
        await enqueueAnalysis(db, id);
      },
      confirm: confirmDelivery,
      startAt: (at) => enqueueStarts(db, at),
      enqueueAddition,
      pause: pauseDelivery,
      resume: resumeDelivery,
      stop: stopDelivery,
    },
    masterKey,
    renderer: groundRenderer({ db, masterKey }),
    codec,
    domains: { readKey: readSigningKey, generateKey: generateSigningKey, checkDns: createDomainChecks(config, db) },
    probeArchive: createArchiveProbe({ config, sandboxRoutes, resolver: createDns(dnsOptions(config)) }),
    lookUpSites: openSiteLookUp(config, sandboxRoutes),
    enqueueRetention: (runId) => enqueueRetention(db, runId),
    inbox: {
      listInbox: (query) => listInbox(db, query),
      getInboxMessage: (id, except) => getInboxMessage(db, id, except),
    },
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
    // Of a port that the system chose, the configuration cannot know.
    publicUrl: config.publicUrl === `http://${config.host}:0` ? url : config.publicUrl,
    signInUrl: admin.path === null ? url : `${url}/#token=${admin.token}`,
    tokenPath: admin.path,
    close: () => app.close(),
  };
}
