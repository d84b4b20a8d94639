/**
 * The web role put together: the server and the routes of all features. Main and the tests use this one composition;
 * what belongs to the other roles comes in as functions.
 */
import type { FastifyInstance } from "fastify";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createHttpServer } from "../adapters/http-server/create-http-server.ts";
import { openMailbox } from "../adapters/mailbox-poll/open-mailbox.ts";
import { renewToken } from "../adapters/mailbox-poll/renew-token.ts";
import { createOidcClient } from "../adapters/oidc/oidc-client.ts";
import type { Instant } from "../core/time.ts";
import {
  loadObjections,
  type ProbeArchive,
  registerArchiveMetrics,
  registerArchiveRoutes,
} from "../features/archive/index.ts";
import { registerAlertRoutes } from "../features/alerts/index.ts";
import { registerAudienceRoutes } from "../features/audience/index.ts";
import { registerDeliveryRoutes, type DeliveryDeps } from "../features/deliveries/index.ts";
import { registerFileRoutes } from "../features/files/index.ts";
import { createLiveFeed, registerLogMetrics, registerLogRoutes } from "../features/logs/index.ts";
import { auditChanges, guardApi, registerOperatorRoutes, rememberAnswers } from "../features/operators/index.ts";
import { registerLaneMetrics, registerLaneRoutes, rememberDomainSites } from "../features/lanes/index.ts";
import { type LookUpSites, registerConstraintRoutes, registerPlanRoutes } from "../features/plans/index.ts";
import { loadNewQuarantines, registerQuarantineRoutes } from "../features/quarantine/index.ts";
import { registerSandboxRoutes, type SandboxDeps } from "../features/sandbox/index.ts";
import { loadShapingFiles, registerShapingRoutes } from "../features/shaping/index.ts";
import { registerSourceRoutes } from "../features/sources/index.ts";
import { registerRetentionRoutes } from "../features/retention/index.ts";
import { registerPublicServices, registerServiceRoutes } from "../features/services/index.ts";
import { registerSettingsRoutes } from "../features/settings/index.ts";
import { registerBlockRoutes } from "../features/blocks/index.ts";
import { registerFolderRoutes } from "../features/folders/index.ts";
import { checkContent } from "../features/content/index.ts";
import { registerDomainRoutes, type DomainDeps } from "../features/domains/index.ts";
import { loadRuleSet } from "../features/bounces/index.ts";
import { registerMailboxRoutes } from "../features/mailboxes/index.ts";
import { openRuleBook, registerReplyTextRoutes } from "../features/reply-texts/index.ts";
import { registerRequalifyRoutes } from "../features/requalify/index.ts";
import { registerInstallationRoutes } from "../features/installation/index.ts";
import { type InboundDeps, registerInboundApi, registerInboundList } from "../features/inbound/index.ts";
import { createTemplateMessages, findSingle, registerSingleMessageRoutes } from "../features/messages/index.ts";
import { registerMirrorApi, registerMirrorRoutes, type RenderMirror } from "../features/mirror/index.ts";
import { registerPreviewRoutes } from "../features/preview/index.ts";
import { registerProofRoutes } from "../features/proofs/index.ts";
import { loadTokenKeys } from "../features/secrets/index.ts";
import { registerSeedRoutes } from "../features/seeds/index.ts";
import { registerSeriesRoutes } from "../features/series/index.ts";
import { registerSegmentRoutes } from "../features/segments/index.ts";
import { registerSuppressionRoutes } from "../features/suppression/index.ts";
import { registerAnalysisRoutes } from "../features/analysis/index.ts";
import {
  loadReactions,
  loadTrackingIndicators,
  registerTrackingMetrics,
  registerTrackingRoutes,
  startTracker,
} from "../features/tracking/index.ts";
import {
  ensureBuiltInTemplate,
  fillIn,
  registerTemplateProperties,
  registerTemplateRoutes,
} from "../features/templates/index.ts";
import { registerTypologyRoutes } from "../features/typologies/index.ts";
import { registerUnsubscribeRoutes, registerUnsubscriptionApi } from "../features/unsubscribe/index.ts";
import { registerWebhookRoutes } from "../features/webhooks/index.ts";
import type { Codec } from "../core/message/charset.ts";
import type { Renderer } from "../mta/index.ts";
import type { MasterKey } from "../platform/seal.ts";
import type { Config } from "../platform/config.ts";
import type { Db } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import { SHAPING_CHANNEL } from "../platform/events.ts";
import type { Log } from "../platform/log.ts";
import { createMetrics } from "../platform/metrics.ts";
import { readinessChecks } from "../platform/readiness.ts";

const BOUNCE_RULES = fileURLToPath(new URL("../../rules/bounces", import.meta.url));

export type WebDeps = {
  readonly db: Db;
  readonly log: Log;
  readonly masterKey: MasterKey;
  readonly config: Pick<Config, "publicUrl" | "dataDir" | "trustedProxies">;
  readonly now: () => Instant;
  readonly version: string;
  readonly uiDir: string;
  readonly lifecycle: DeliveryDeps["lifecycle"];
  readonly renderer: Renderer;
  readonly codec: Codec;
  readonly domains: Pick<DomainDeps, "readKey" | "generateKey" | "checkDns">;
  readonly inbox: SandboxDeps;
  readonly probeArchive: ProbeArchive;
  readonly lookUpSites: LookUpSites;
  readonly enqueueRetention: (runId: number) => Promise<void>;
};

/** Ready to listen. */
export async function createWebApp(deps: WebDeps): Promise<FastifyInstance> {
  const { db, log, now, config, masterKey, renderer } = deps;
  const shaping = loadShapingFiles(config.dataDir);
  const shippedRules = await loadRuleSet(BOUNCE_RULES);
  const ruleBook = await openRuleBook(db, shippedRules);
  const metrics = createMetrics();
  registerLogMetrics(metrics, db, now);
  registerArchiveMetrics(metrics, db, now);
  registerLaneMetrics(metrics, db, now);
  const tracker = await startTracker({
    db,
    log,
    now,
    dataDir: config.dataDir,
    publicUrl: config.publicUrl,
    keys: await loadTokenKeys(db, masterKey),
    reloadKeys: () => loadTokenKeys(db, masterKey),
  });
  registerTrackingMetrics(metrics, db, tracker);
  const app = await createHttpServer({
    log,
    metrics,
    checks: readinessChecks(db, now),
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    version: deps.version,
    uiDir: deps.uiDir,
  });
  app.addHook("onClose", () => tracker.close());
  const onRulesLost = (error: unknown) => log.warn({ error: errorText(error) }, "the bounce rules cannot be read anew");
  const ruleChanges = await db.listen(SHAPING_CHANNEL, () => void ruleBook.refresh().catch(onRulesLost));
  app.addHook("onClose", () => ruleChanges.close());
  const renderMirror: RenderMirror = async (key, tokens) => {
    const parts = await renderer.parts(key, tokens);
    if (parts === null) return { kind: "missing" };
    return parts.kind === "error" ? { kind: "error", message: parts.message } : { kind: "rendered", html: parts.html };
  };
  registerTrackingRoutes(app, tracker);
  registerMirrorRoutes(app, { db, log, now, renderMessage: renderMirror, tracker });
  registerUnsubscribeRoutes(app, { db, log, now, tracker });
  registerPublicServices(app, { db, log, now, publicUrl: config.publicUrl });
  await ensureBuiltInTemplate(db, now());
  const content = { publicUrl: config.publicUrl, codec: deps.codec };
  await app.register(
    async (api) => {
      guardApi(api, db, now);
      rememberAnswers(api, db, now);
      auditChanges(api, db, now);
      registerOperatorRoutes(api, { db, now, masterKey, publicUrl: config.publicUrl, oidc: createOidcClient(now) });
      registerAudienceRoutes(api, { db, now, log, uploadDir: join(config.dataDir, "uploads") });
      registerDeliveryRoutes(api, {
        db,
        now,
        lifecycle: deps.lifecycle,
        checkContent: (delivery) => checkContent(db, delivery, content),
        fillIn: (asked) => fillIn(db, asked),
      });
      registerTemplateRoutes(api, { db, now, checkContent: (fields) => checkContent(db, fields, content) });
      registerTemplateProperties(api, { db, now, analyse: deps.lifecycle.analyse });
      registerProofRoutes(api, { ...content, db, now });
      registerPreviewRoutes(api, {
        ...content,
        db,
        now,
        tokenKey: async () => (await loadTokenKeys(db, masterKey)).current,
      });
      registerLogRoutes(api, {
        db,
        now,
        feed: createLiveFeed(db, log, now),
        renderSource: (key) => renderer.source(key),
        loadReactions: (key) => loadReactions(db, key),
        loadSingle: (key) => findSingle(db, key, now()),
        loadTracking: (id) => loadTrackingIndicators(db, id),
        loadNewQuarantines: (id) => loadNewQuarantines(db, id),
      });
      const messages = createTemplateMessages({ ...content, db, now });
      registerSingleMessageRoutes(api, { ...content, db, now });
      registerSegmentRoutes(api, { db, now });
      registerSeriesRoutes(api, { db, now, startAt: deps.lifecycle.startAt });
      registerSeedRoutes(api, { db, now });
      registerSuppressionRoutes(api, { db, now });
      registerAnalysisRoutes(api, { db, now });
      registerServiceRoutes(api, { db, now, publicUrl: config.publicUrl, messages });
      registerTypologyRoutes(api, { db, now, content });
      registerMirrorApi(api, { db, now, renderMessage: renderMirror });
      registerUnsubscriptionApi(api, { db });
      const inbound: InboundDeps = {
        db,
        now,
        tracker,
        get bounceRules() {
          return ruleBook.current();
        },
      };
      registerInboundList(api, inbound);
      registerInboundApi(api, inbound);
      registerMailboxRoutes(api, { db, now, masterKey, openMailbox, renewToken });
      registerReplyTextRoutes(api, { db, now, shipped: shippedRules });
      registerRequalifyRoutes(api, { db, now, shipped: shippedRules });
      registerDomainRoutes(api, { db, now, masterKey, ...deps.domains });
      registerBlockRoutes(api, { db, now });
      registerFolderRoutes(api, { db, now });
      registerQuarantineRoutes(api, { db, now });
      registerFileRoutes(api, { db, now });
      registerSettingsRoutes(api, { db, now, loadObjections: () => loadObjections(db) });
      registerInstallationRoutes(api, { db, now });
      registerRetentionRoutes(api, { db, now, enqueue: deps.enqueueRetention });
      registerArchiveRoutes(api, { db, now, masterKey, dataDir: config.dataDir, probe: deps.probeArchive });
      registerLaneRoutes(api, { db, now });
      registerConstraintRoutes(api, { db, now });
      registerPlanRoutes(api, {
        db,
        now,
        files: shaping,
        lookUpSites: deps.lookUpSites,
        remember: (rows) => rememberDomainSites(db, rows, now()),
      });
      registerWebhookRoutes(api, { db, now, masterKey });
      registerAlertRoutes(api, { db, now });
      registerSandboxRoutes(api, db, deps.inbox);
      registerShapingRoutes(api, { db, now, files: shaping });
      registerSourceRoutes(api, { db, now, providers: shaping.providers });
    },
    { prefix: "/api/v1" },
  );
  await app.ready();
  return app;
}
