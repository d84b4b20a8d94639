/** Zod schemas of what the API answers about single messages, their attempts, reactions and copies. */
import { z } from "zod";

import type * as contract from "./index.ts";
import { count, failureReasonSchema, failureTypeSchema, messageStatusSchema, timestamp } from "./responses-basics.ts";
import { singleMessageSchema } from "./responses-single-messages.ts";

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
  seed: z.literal(true).optional().describe("To a seed address: in no figure"),
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
      "bounce",
    ])
    .describe(
      "tested: accepted as far as RCPT, nothing was delivered; verified: made, without any network; unreported: a relay took it and reported no failure until the end; final-word: what the relay reported; bounce: a mail said later that it came back",
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
  seed: z.boolean().describe("Of a message to a seed address"),
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
  complained: z.boolean().describe("Its recipient called it spam"),
  reactions: z.array(reactionSchema),
  single: singleMessageSchema.nullable().describe("Of a single message, what it was accepted as"),
}) satisfies z.ZodType<contract.MessageDetail>;

export const sandboxMessageSchema = z.object({
  id: z.string(),
  at: timestamp,
  mailFrom: z.string(),
  rcptTo: z.string(),
  subject: z.string(),
  size: count,
}) satisfies z.ZodType<contract.SandboxMessage>;
