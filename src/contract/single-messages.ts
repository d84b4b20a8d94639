/** Single messages as they cross the HTTP border: what is asked for, and what became of it. */
import { z } from "zod";

import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
import type { SingleStatus } from "../core/delivery/single.ts";
import { idSchema, type Problem, type Timestamp } from "./basics.ts";
import { contentSchema, senderSchema } from "./content.ts";
import { overrideOf } from "./given.ts";
import { settingsSchema } from "./settings.ts";

export const MESSAGES_MAX = 500;

const instant = z.iso.datetime({ offset: true });

const attachmentSchema = z.union([
  settingsSchema.shape.attachments.unwrap().element,
  z.strictObject({
    name: z.string().min(1).max(500),
    contentType: z.string().min(3).max(200).default("application/octet-stream"),
    base64: z.string().min(1).max(10_000_000).describe("The bytes, RFC 4648 §4"),
    contentId: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,60}$/, "a content id is made of letters, digits, dot, dash and underscore")
      .optional(),
  }),
]);

/** A message to one address. What is absent comes from the template, then from the defaults of single messages. */
export const newMessageSchema = z.strictObject({
  to: z.string().min(1).max(500).describe("One address"),
  template: idSchema.optional().describe("A published template"),
  content: overrideOf(contentSchema).optional(),
  sender: overrideOf(senderSchema).optional(),
  settings: overrideOf(settingsSchema).optional(),
  data: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, "a value is named like an attribute"), z.unknown())
    .default({})
    .describe("Values of {{ recipient.NAME }}; each that the content shows must be there, unless it has a default"),
  headers: settingsSchema.shape.headers.unwrap().max(50).optional().describe("Beside those of the template"),
  attachments: z.array(attachmentSchema).max(20).optional().describe("Beside those of the template"),
  sendAt: instant.optional().describe("Not before; at most 90 days ahead"),
  expiresAt: instant.optional().describe("Attempts end then; default: the validity after sendAt"),
  externalId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Your own id: sent again with the same message it gets the first answer, and no second message leaves"),
  tags: z.array(z.string().min(1).max(50)).max(10).default([]),
  metadata: z
    .record(z.string().min(1).max(50), z.string().max(500))
    .refine((values) => Object.keys(values).length <= 20, "at most 20 values")
    .default({}),
});
export type NewMessage = z.infer<typeof newMessageSchema>;

export type SingleMessage = {
  id: string;
  externalId: string | null;
  to: string;
  status: SingleStatus;
  /** Why it was ignored: denylisted, quarantined. */
  ignored: "denylisted" | "quarantined" | null;
  type: FailureType | null;
  reason: FailureReason | null;
  /** The last word of the receiving server. */
  reply: string | null;
  attempts: number;
  template: string | null;
  subject: string;
  acceptedAt: Timestamp;
  sendAt: Timestamp | null;
  expiresAt: Timestamp;
  nextAttemptAt: Timestamp | null;
  /** When its status became what it is for good. */
  finalAt: Timestamp | null;
  tags: string[];
  metadata: Record<string, string>;
};

/** One answer of a batch. */
export type BatchAnswer = { accepted: true; message: SingleMessage } | { accepted: false; problem: Problem };

export type PublishedTemplate = {
  template: string;
  version: number;
  publishedAt: Timestamp;
  publishedBy: string;
  ignoreDenylist: boolean;
};
