/**
 * Zod schemas of what the API answers: for the OpenAPI description, and for tests that hold answers against them. The
 * plain types of `index.ts` lead; the `satisfies` lines break when the two part company. Answers are not validated at
 * run time.
 */
import { z } from "zod";

import type * as contract from "./index.ts";
import { audienceSchema, contentSchema, senderSchema, settingsSchema } from "./index.ts";

const timestamp = z.iso.datetime();
const count = z.int().min(0);

const deliveryStateSchema = z.enum([
  "editing",
  "analysing",
  "ready",
  "in-progress",
  "pausing",
  "paused",
  "stopping",
  "stopped",
  "finished",
]) satisfies z.ZodType<contract.DeliveryState>;

export const messageStatusSchema = z.enum([
  "pending",
  "taken-into-account",
  "sent",
  "failed",
  "cancelled",
  "in-doubt",
]) satisfies z.ZodType<contract.MessageStatus>;

export const exclusionReasonSchema = z.enum([
  "address-not-specified",
  "invalid-address",
  "duplicate",
  "denylisted",
  "quarantined",
]) satisfies z.ZodType<contract.ExclusionReason>;

export const failureTypeSchema = z.enum([
  "hard",
  "soft",
  "ignored",
  "not-defined",
]) satisfies z.ZodType<contract.FailureType>;

export const failureReasonSchema = z.enum([
  "not-defined",
  "user-unknown",
  "invalid-domain",
  "unreachable",
  "account-disabled",
  "mailbox-full",
  "refused",
  "error-ignored",
]) satisfies z.ZodType<contract.FailureReason>;

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe("Stable word for programs; docs/errors.md lists them"),
    currentState: z.string().exactOptional().describe("State of the delivery that forbids the action"),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), message: z.string() })).exactOptional(),
  })
  .describe("RFC 9457 problem details") satisfies z.ZodType<contract.Problem>;

export const contentProblemSchema = z.object({
  part: z.string().describe("subject, html, text, from, replyTo, errorAddress, header:NAME, attachment:N, block:NAME"),
  line: z.int(),
  column: z.int(),
  code: z.string(),
  message: z.string(),
}) satisfies z.ZodType<contract.ContentProblem>;

export const deliverySchema = z.object({
  id: z.string(),
  label: z.string(),
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
  copies: copyFiguresSchema.describe("Copies for the archive; in no other figure"),
};

export const deliverySummarySchema = z.object({
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
export const indicatorsAnswerSchema = z.object({ ...liveIndicatorsSchema.shape, ...trackingIndicatorsSchema.shape });

export const checklistSchema = z.object({
  ready: z.boolean(),
  analysed: z.boolean(),
  targeted: count,
  excluded: z.partialRecord(exclusionReasonSchema, count),
  toDeliver: count,
  items: z.array(
    z.object({ id: z.string(), level: z.enum(["info", "warning", "error"]), title: z.string(), detail: z.string() }),
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

export const logLineSchema = z.object({
  key: z.string(),
  recipient: z.string(),
  status: messageStatusSchema,
  type: failureTypeSchema.nullable(),
  reason: failureReasonSchema.nullable(),
  attempts: count,
  reply: z.string().nullable(),
  mx: z.string().nullable(),
  firstAttemptAt: timestamp.nullable(),
  finalAt: timestamp.nullable(),
  archived: z.boolean().describe("It has copies, and the archives took all of them"),
  inDoubt: z.boolean().describe("The receiver may have this message twice"),
}) satisfies z.ZodType<contract.LogLine>;

export const attemptSchema = z.object({
  attempt: z.int(),
  at: timestamp,
  kind: z
    .enum([
      "accepted",
      "refused",
      "lost",
      "in-doubt",
      "expired",
      "not-rendered",
      "tested",
      "verified",
      "unreported",
      "final-word",
    ])
    .describe(
      "tested: accepted as far as RCPT, nothing was delivered; verified: made, without any network; unreported: a relay took it and reported no failure until the end; final-word: what the relay reported",
    ),
  stage: z.string().nullable(),
  code: z.int().nullable(),
  enhanced: z.string().nullable(),
  reply: z.string(),
  mx: z.string().nullable(),
  sourceIp: z.string().nullable(),
  tls: z.string().nullable(),
  durationMs: z.int().nullable(),
  type: failureTypeSchema.nullable(),
  reason: failureReasonSchema.nullable(),
  rule: z.string().nullable(),
}) satisfies z.ZodType<contract.Attempt>;

const reactionSchema = z.object({
  at: timestamp,
  kind: z.enum(["open", "click", "mirror", "opt-out"]),
  class: z.enum(["person", "privacy-proxy", "mail-proxy", "scanner", "archive"]),
  link: z.object({ number: z.int(), label: z.string(), url: z.string() }).nullable(),
  userAgent: z.string(),
}) satisfies z.ZodType<contract.Reaction>;

export const copySchema = z.object({
  key: z.string(),
  deliveryId: z.string(),
  archiveId: z.string(),
  archiveName: z.string(),
  state: z.enum(["owed", "archived", "given-up"]),
  attempts: count,
  inDoubt: z.boolean().describe("The archive may have this copy twice"),
  dueSince: timestamp,
  nextAttemptAt: timestamp.nullable(),
  archivedAt: timestamp.nullable(),
  reply: z.string().describe("What the archive said last"),
  digest: z.string().nullable().describe("SHA-256 of the copy, hexadecimal; null before the first attempt"),
  inert: z.boolean().describe("Differs from its message in its tokens and signature, by the setting archive.copy"),
  location: z.string().nullable().describe("Of files and objects: the name in the archive"),
}) satisfies z.ZodType<contract.Copy>;

export const messageDetailSchema = z.object({
  ...logLineSchema.shape,
  deliveryId: z.string(),
  nextAttemptAt: timestamp.nullable(),
  vars: z.record(z.string(), z.unknown()),
  timeline: z.array(attemptSchema),
  digest: z.string().nullable().describe("SHA-256 of the bytes sent, hexadecimal; null before the first attempt"),
  copies: z.array(copySchema),
  reactions: z.array(reactionSchema),
}) satisfies z.ZodType<contract.MessageDetail>;

export const exclusionSchema = z.object({
  address: z.string(),
  reason: exclusionReasonSchema,
  detail: z.string(),
}) satisfies z.ZodType<contract.Exclusion>;

export const deliveryEventSchema = z.object({
  id: z.string(),
  at: timestamp,
  kind: z.string(),
  actor: z.string(),
  detail: z.record(z.string(), z.unknown()),
}) satisfies z.ZodType<contract.DeliveryEvent>;

export const importStatusSchema = z.object({
  id: z.string(),
  status: z.enum(["pending", "running", "completed", "failed"]),
  fileName: z.string(),
  listId: z.string().nullable(),
  counts: z.object({ total: count, created: count, updated: count, skipped: count, failed: count }),
  error: problemSchema.nullable(),
  errorsUrl: z.string(),
}) satisfies z.ZodType<contract.ImportStatus>;

export const importErrorSchema = z.object({
  line: z.int(),
  column: z.string(),
  value: z.string(),
  reason: z.enum([...exclusionReasonSchema.options, "malformed-row"]),
  detail: z.string(),
}) satisfies z.ZodType<contract.ImportError>;

export const sandboxMessageSchema = z.object({
  id: z.string(),
  at: timestamp,
  mailFrom: z.string(),
  rcptTo: z.string(),
  subject: z.string(),
  size: count,
}) satisfies z.ZodType<contract.SandboxMessage>;

export const quarantineEntrySchema = z.object({
  address: z.string(),
  status: z.enum(["valid", "with-errors", "quarantined", "denylisted"]),
  reason: z.string().nullable(),
  errorText: z.string().nullable(),
  errors: count,
  history: z.array(
    z.object({
      at: timestamp,
      status: z.string(),
      reason: z.string(),
      errorText: z.string(),
      messageKey: z.string().nullable(),
    }),
  ),
}) satisfies z.ZodType<contract.QuarantineEntry>;

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}

/** `?limit&cursor` of every list. A cursor is what the page before gave as `nextCursor`. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(500).optional(),
};

/** `/…/:id`; whether it names something is the handler's to say. */
export const idParams = z.object({ id: z.string() });

/** The refusals a route can give, as the OpenAPI description lists them. Any route can also answer 401 and 500. */
export function problems<S extends number>(...statuses: S[]) {
  const entry = { description: "Problem", content: { "application/problem+json": { schema: problemSchema } } };
  return Object.fromEntries([401, 500, ...statuses].map((status) => [status, entry])) as Record<
    S | 401 | 500,
    typeof entry
  >;
}
