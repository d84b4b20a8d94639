/** Zod schemas of what the API answers about deliveries: their figures, checklist, preview, destinations and history. */
import { z } from "zod";

import type * as contract from "./index.ts";
import { generalAnswer } from "./general.ts";
import { approvalSchema, deliveryWaveSchema } from "./responses-approvals.ts";
import { audienceSchema, contentSchema, senderSchema, settingsSchema } from "./index.ts";
import {
  contentProblemSchema,
  count,
  deliveryStateSchema,
  exclusionReasonSchema,
  timestamp,
} from "./responses-basics.ts";

export const deliverySchema = z.object({
  id: z.string(),
  label: z.string(),
  ...generalAnswer,
  state: deliveryStateSchema,
  holdReason: z.string().nullable(),
  templateId: z.string().nullable().describe("What it was made from; that may be gone"),
  content: contentSchema,
  sender: senderSchema,
  audience: audienceSchema,
  settings: settingsSchema,
  version: z.int().describe("ETag of the editable part, for If-Match"),
  analysed: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
  analysedAt: timestamp.nullable(),
  startedAt: timestamp.nullable(),
  finishedAt: timestamp.nullable(),
  effectiveValidity: z
    .string()
    .describe(
      "How long attempts go on: settings.validity, or the platform's validityCap if that is less; fixed at the start",
    ),
  validUntil: timestamp.nullable().describe("No attempt is made from then on; null before the start"),
  schedule: z
    .object({
      at: timestamp,
      zone: z.string().nullable().describe("IANA name; null: confirmed, and can be called back until then"),
      local: z.string().nullable().describe("`at` by the clocks of the zone"),
      notLaterThan: timestamp.describe("After this it does not begin by itself any more"),
      by: z.string(),
    })
    .exactOptional()
    .describe("In the states scheduled and start-pending: when it begins by itself"),
  approvals: z.array(approvalSchema).exactOptional().describe("What is asked of people before it starts"),
  waves: z
    .array(deliveryWaveSchema)
    .exactOptional()
    .describe("Of a delivery that leaves in waves, once it was analysed"),
  proof: z
    .object({ of: z.string(), number: z.int() })
    .exactOptional()
    .describe("Of a proof: which delivery it is a proof of"),
  contentProblems: z
    .array(contentProblemSchema)
    .exactOptional()
    .describe("On answers to saving and reading one delivery"),
  onWire: count.exactOptional().describe("After pause and stop: messages on the wire that will still finish"),
}) satisfies z.ZodType<contract.Delivery>;

export const linkSchema = z.object({
  number: z.int(),
  url: z.string(),
  personalised: z.boolean(),
  mode: z.enum(["tracked", "not-tracked", "opt-out", "mirror"]),
  label: z.string(),
  category: z.string(),
  part: z.enum(["html", "text"]),
  line: z.int(),
  column: z.int(),
}) satisfies z.ZodType<contract.Link>;

export const previewAnswerSchema = z.object({
  recipient: z.string(),
  case: z.enum(["recipient", "attributes", "longest", "emptiest", "non-latin"]),
  attributes: z.record(z.string(), z.unknown()),
  subject: z.string(),
  from: z.string(),
  replyTo: z.string(),
  html: z.string().nullable(),
  text: z.string().nullable(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  size: count,
  missing: z.array(z.string()),
  error: contentProblemSchema.nullable(),
}) satisfies z.ZodType<contract.Preview>;

export const copyFiguresSchema = z
  .object({ due: count, archived: count, owed: count, givenUp: count })
  .describe("due = archived + owed + givenUp") satisfies z.ZodType<contract.CopyFigures>;

const indicators = {
  targeted: count,
  excluded: count,
  toDeliver: count,
  takenIntoAccount: count.describe("The part of pending that waits for a retry"),
  sent: count,
  failed: count,
  pending: count,
  cancelled: count,
  inDoubt: count,
  successRate: z.number().min(0).max(1),
  copies: copyFiguresSchema.describe("Copies for the archive of messages to recipients; in no other figure"),
  seedCopies: copyFiguresSchema
    .optional()
    .describe("Those of messages to seed addresses; absent where there are none. The archive's ledger has both"),
};

export const deliverySummarySchema = z.object({
  ...deliverySchema.pick({ folder: true, code: true, category: true }).shape,
  ...deliverySchema.pick({ id: true, label: true, state: true, holdReason: true }).shape,
  ...deliverySchema.pick({ createdAt: true, startedAt: true, finishedAt: true }).shape,
  ...indicators,
}) satisfies z.ZodType<contract.DeliverySummary>;

const reactionCount = { recipients: count, recipientsHuman: count, total: count, totalHuman: count };

const trackingIndicatorsSchema = z.object({
  opens: z.object(reactionCount),
  estimatedOpens: z.object(reactionCount).describe("Scaled to all messages: opens of text messages cannot be seen"),
  clicks: z.object({ ...reactionCount, persons: count, personsHuman: count }),
  mirrorViews: z.object(reactionCount),
  optOuts: z.object(reactionCount),
  complaints: count.describe("Recipients who called it spam; their addresses are on the denylist"),
  reactivity: z.number().nullable().describe("Clicking recipients / opening recipients; null when nobody opened"),
  reactivityHuman: z.number().nullable(),
  estimatedForwards: count,
  estimatedForwardsHuman: count,
  archive: z
    .object({ opens: count, clicks: count, mirrorViews: count, optOuts: count })
    .describe("Reactions to copies in the archive, by whoever reads it: events, in none of the other figures"),
  byLink: z.array(
    z.object({
      ...linkSchema.pick({ number: true, label: true, category: true, url: true, mode: true }).shape,
      ...reactionCount,
    }),
  ),
}) satisfies z.ZodType<contract.TrackingIndicators>;

export const liveIndicatorsSchema = z.object({
  ...indicators,
  state: deliveryStateSchema,
  holdReason: z.string().nullable(),
  onWire: count,
  waitingFor: z.string().nullable().describe("Why messages are held back: an archive that does not take copies"),
  rate: z.number().nullable().describe("Final outcomes per second over the last 10 seconds; null when not known"),
  etaSeconds: z.number().nullable(),
  at: timestamp,
}) satisfies z.ZodType<contract.LiveIndicators>;

/** What `GET /deliveries/{id}/indicators` answers: the live figures, and what recipients did. */
export const indicatorsAnswerSchema = z.object({
  ...liveIndicatorsSchema.shape,
  ...trackingIndicatorsSchema.shape,
  newQuarantines: count.describe("Addresses that errors of this delivery put into quarantine"),
});

export const checklistSchema = z.object({
  ready: z.boolean(),
  analysed: z.boolean(),
  targeted: count,
  excluded: z.partialRecord(exclusionReasonSchema, count),
  toDeliver: count,
  items: z.array(
    z.object({
      id: z.string(),
      level: z.enum(["info", "warning", "error"]),
      title: z.string(),
      detail: z.string(),
      rule: z
        .string()
        .exactOptional()
        .describe(
          "Which rule of the typology said it: the name of one that comes with Envoi, the id of an operator's own",
        ),
      at: timestamp.exactOptional().describe("When in the analysis"),
    }),
  ),
});

export const destinationSchema = z.object({
  domain: z.string(),
  toDeliver: count,
  sent: count,
  failed: count,
  retrying: count,
  pending: count,
  lastReply: z.string().nullable(),
  lastReplyAt: timestamp.nullable(),
}) satisfies z.ZodType<contract.Destination>;

export const deliveryEventSchema = z.object({
  id: z.string(),
  at: timestamp,
  kind: z.string(),
  actor: z.string(),
  detail: z.record(z.string(), z.unknown()),
}) satisfies z.ZodType<contract.DeliveryEvent>;
