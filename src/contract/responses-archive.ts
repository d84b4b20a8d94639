/** Zod schemas of what the API answers about archives, the ledger of copies and rights to them; the rest is in `responses.ts`. */
import { z } from "zod";

import type * as contract from "./index.ts";
import { archiveRuleSchema, archiveTargetSchema } from "./index.ts";
import { count, timestamp } from "./responses-basics.ts";
import { deliveryEventSchema } from "./responses-deliveries.ts";
import { copySchema } from "./responses-messages.ts";

const kind = z.enum(["smtp", "files", "s3"]);
const [smtpTarget, filesTarget, s3Target] = archiveTargetSchema.options;

export const archiveAnswerSchema = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  rule: archiveRuleSchema,
  target: z.discriminatedUnion("kind", [
    smtpTarget
      .omit({ password: true })
      .extend({ address: z.string().nullable().describe("null without the right to see it") }),
    filesTarget,
    s3Target.omit({ secretAccessKey: true }),
  ]),
  hasSecret: z.boolean().describe("A password or secret key is known; it is never shown"),
  version: z.int().describe("ETag, for If-Match"),
  createdAt: timestamp,
  updatedAt: timestamp,
}) satisfies z.ZodType<contract.Archive>;

export const archiveTestSchema = z.object({
  ok: z.boolean(),
  detail: z.string(),
  dialogue: z.array(z.string()).describe("C: what was said to the archive, S: what it said, *: what happened besides"),
}) satisfies z.ZodType<contract.ArchiveTest>;

const figures = { due: count, archived: count, owed: count, givenUp: count };

const archiveAlertSchema = z.object({
  id: z.string(),
  kind: z.enum(["debt-50", "debt-80", "debt-full", "given-up", "bounced", "failing", "not-renderable"]),
  archiveId: z.string().nullable(),
  deliveryId: z.string().nullable(),
  at: timestamp,
  message: z.string(),
  keys: z.array(z.string()).describe("Messages that it is about, at most 100 of them"),
  count,
}) satisfies z.ZodType<contract.ArchiveAlert>;

export const archiveLedgerSchema = z
  .object({
    ...figures,
    oldestDebtAt: timestamp.nullable(),
    ratePerMinute: z.number().nullable().describe("Copies archived in the last minute; null when not known yet"),
    debtLimit: count,
    byArchive: z.array(
      z.object({
        ...figures,
        id: z.string(),
        name: z.string(),
        kind,
        enabled: z.boolean(),
        lastReply: z.string().nullable(),
        lastReplyAt: timestamp.nullable(),
        failing: z.boolean().describe("The last reply was no acceptance"),
      }),
    ),
    alerts: z.array(archiveAlertSchema),
  })
  .describe("due = archived + owed + givenUp") satisfies z.ZodType<contract.ArchiveLedger>;

export const retriedSchema = z.object({
  retried: count.describe("Copies that are tried at once"),
  reopened: count.describe("Those of them that had been given up"),
});

export const erasureSchema = z.object({
  recipientId: z.string(),
  messages: count.describe("Messages whose recipient is a placeholder now"),
  blocked: z.boolean().describe("The address stays on the denylist or in quarantine, so that no import brings it back"),
  copies: z
    .array(
      copySchema.pick({
        archiveId: true,
        archiveName: true,
        deliveryId: true,
        key: true,
        archivedAt: true,
        location: true,
      }),
    )
    .describe("Copies that lie outside and must be erased there, at most 1,000 of them"),
  copiesTotal: count,
}) satisfies z.ZodType<contract.Erasure>;

export const archiveEventSchema = deliveryEventSchema.extend({
  archiveId: z.string().nullable().describe("null: the settings of the platform, or all archives"),
});
