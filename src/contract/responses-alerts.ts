/** Zod schemas of what the API answers about alerts. */
import { z } from "zod";

import { ALERT_KIND_NAMES } from "../core/alert/alert-kinds.ts";
import type { Alert } from "./alerts.ts";
import { count, timestamp } from "./responses-basics.ts";

export const alertSchema = z.object({
  id: z.string(),
  kind: z.enum(ALERT_KIND_NAMES),
  level: z.enum(["error", "warning", "info"]),
  subject: z.string().describe("What it is about: an id or a name; empty: the platform"),
  message: z.string(),
  deliveryId: z.string().nullable(),
  raisedAt: timestamp,
  seenAt: timestamp.describe("Last found to be so"),
  resolvedAt: timestamp.nullable(),
  acknowledgedAt: timestamp.nullable().describe("Somebody takes care of it: nobody is reminded any more"),
  acknowledgedBy: z.string().nullable(),
  toldAt: timestamp.nullable().describe("When a mail named it last"),
}) satisfies z.ZodType<Alert>;

export const alertMailsSchema = z.object({ mails: count.describe("How many mails leave") });
