/** Alerts and who hears of them. */
import { z } from "zod";

import { ALERT_KIND_NAMES, ALERT_KINDS, type AlertKind, type AlertLevel } from "../core/alert/alert-kinds.ts";
import { durationSchema, idSchema, type Timestamp } from "./basics.ts";

export {
  ALERT_KIND_NAMES,
  ALERT_KINDS,
  type AlertKind,
  ruleOf,
  type ThresholdName,
} from "../core/alert/alert-kinds.ts";

const threshold = z.number().min(0).max(1_000_000_000).optional();

const alertRuleSchema = z.strictObject({
  on: z.boolean().optional(),
  percent: threshold,
  least: threshold,
  count: threshold,
  minutes: threshold,
  perHour: threshold,
  days: threshold,
  gigabytes: threshold,
});

export const alertSettingsSchema = z.strictObject({
  /** Who gets mail about alerts. */
  addresses: z.array(z.email().max(254)).max(50).default([]),
  /** Groups of operators whose members get it too. */
  groups: z.array(idSchema).max(20).default([]),
  /** From one mail to the next. */
  every: durationSchema.default("10m"),
  /** So often somebody is reminded of what is still open; null: never. */
  remind: durationSchema.nullable().default("24h"),
  /** Deliveries that ended longer ago raise nothing. */
  window: durationSchema.default("24h"),
  /** What is different from the table of kinds. */
  rules: z
    .partialRecord(z.enum(ALERT_KIND_NAMES), alertRuleSchema)
    .default({})
    .superRefine((rules, context) => {
      for (const [kind, rule] of Object.entries(rules)) {
        const known = new Set(["on", ...Object.keys(ALERT_KINDS[kind as AlertKind].thresholds)]);
        for (const name of Object.keys(rule)) {
          const message = `Alerts of the kind ${kind} have no ${name}`;
          if (!known.has(name)) context.addIssue({ code: "custom", message, path: [kind, name] });
        }
      }
    }),
});
export type AlertSettings = z.infer<typeof alertSettingsSchema>;

export type Alert = {
  id: string;
  kind: AlertKind;
  level: AlertLevel;
  /** What it is about: an id or a name; empty: the platform. */
  subject: string;
  /** In words. */
  message: string;
  deliveryId: string | null;
  raisedAt: Timestamp;
  /** Last found to be so. */
  seenAt: Timestamp;
  resolvedAt: Timestamp | null;
  acknowledgedAt: Timestamp | null;
  acknowledgedBy: string | null;
  /** When a mail named it last. */
  toldAt: Timestamp | null;
};
