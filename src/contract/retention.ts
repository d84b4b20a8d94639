/** How long which kind of data is kept, and what the nightly job did about it. */
import { z } from "zod";

import { durationSchema, type Timestamp } from "./basics.ts";

/** Of the whole platform. Defaults: those of the incumbent (mission documents, §3.23). */
export const retentionSettingsSchema = z.strictObject({
  /** Messages, their attempts and copies' ledger, from the end of their delivery; 30d at least: late bounces need them. */
  deliveryLogs: durationSchema.default("180d"),
  /** Single opens and clicks; not shorter than the log. The figures stay. */
  trackingLogs: durationSchema.default("365d"),
  /** Which browsers clicked in a delivery. */
  visitors: durationSchema.default("30d"),
  /** Who was left out of a delivery and why; the counts stay. */
  exclusions: durationSchema.default("180d"),
  /** What happened to a delivery: confirmed, paused, finished. */
  deliveryEvents: durationSchema.default("365d"),
  /** Rows that imports rejected. */
  importRejects: durationSchema.default("180d"),
  /** What inbound mails were; the mails themselves go by `inboundRetention`. */
  inboundMails: durationSchema.default("180d"),
  /** What people changed, on archives too. */
  auditLog: durationSchema.default("180d"),
  /** How addresses came into quarantine; the last entry of an address that is still there stays. */
  quarantineHistory: durationSchema.default("365d"),
  /** Requests to webhooks that are done with. */
  webhooks: durationSchema.default("30d"),
  /** Alerts that are over, and mails to the people who run Envoi. */
  alerts: durationSchema.default("180d"),
});
export type RetentionSettings = z.infer<typeof retentionSettingsSchema>;

/** The one list of steps, in their order; the screens have words for each. */
export const RETENTION_STEPS = [
  "delivery-logs",
  "tracking-logs",
  "archive-ledger",
  "visitors",
  "exclusions",
  "delivery-events",
  "proof-people",
  "unused-files",
  "import-rejects",
  "import-undo",
  "inbound-mails",
  "reply-texts",
  "requalifications",
  "shaping",
  "quarantine-history",
  "provider-answers",
  "subscriptions",
  "audit-log",
  "sign-in",
  "webhooks",
  "alerts",
  "reports",
] as const;
export type RetentionStepName = (typeof RETENTION_STEPS)[number];

export type RetentionStep = {
  step: RetentionStepName;
  status: "waiting" | "running" | "done" | "failed";
  /** Rows that went, or would go; of whole partitions as the database estimates them. */
  rows: number;
  /** Blocks of parts whose tables were dropped. */
  partitions: number;
  bytes: number;
  durationMs: number;
  error: string | null;
  /** Blocks that are old enough and stay, each with the reason. */
  kept: { block: number; reason: string }[];
};

export type RetentionRun = {
  id: string;
  startedAt: Timestamp;
  finishedAt: Timestamp | null;
  actor: string;
  /** Nothing was deleted: the figures say what would have been. */
  dryRun: boolean;
  failed: number;
  steps: RetentionStep[];
};

export type Retention = { periods: RetentionSettings; nextRunAt: Timestamp; runs: RetentionRun[] };
