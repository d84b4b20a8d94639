/** Zod schemas of what the API answers about recipients and lists. */
import { z } from "zod";

import type {
  MembersResult,
  RecipientDetail,
  RecipientMessage,
  RecipientList,
  UpsertResult,
} from "./audience-recipients.ts";
import type { Recipient } from "./audience.ts";
import { count, failureReasonSchema, failureTypeSchema, messageStatusSchema, timestamp } from "./responses-basics.ts";

const fields = {
  id: z.string(),
  address: z.string(),
  attributes: z.record(z.string(), z.unknown()),
  denylistedAt: timestamp.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
};
export const recipientSchema = z.object(fields) satisfies z.ZodType<Recipient>;

export const recipientDetailSchema = z.object({
  ...fields,
  denylistReason: z.string().nullable(),
  importId: z.string().nullable().describe("The import that created the profile"),
  lists: z.array(z.object({ id: z.string(), label: z.string() })),
  quarantine: z.object({ status: z.string(), reason: z.string(), updatedAt: timestamp }).nullable(),
}) satisfies z.ZodType<RecipientDetail>;

export const upsertResultSchema = z.object({
  counts: z.object({
    total: count,
    created: count,
    updated: count,
    unchanged: count,
    skipped: count,
    failed: count,
  }),
  results: z
    .array(
      z.object({
        status: z.enum(["created", "updated", "unchanged", "skipped", "failed"]),
        id: z.string().nullable(),
        errors: z.array(z.object({ pointer: z.string(), code: z.string(), message: z.string() })),
      }),
    )
    .describe("In the order of the request"),
}) satisfies z.ZodType<UpsertResult>;

export const recipientListSchema = z.object({
  id: z.string(),
  label: z.string(),
  members: count,
  version: z.int().describe("ETag, for If-Match"),
  createdAt: timestamp,
}) satisfies z.ZodType<RecipientList>;

export const membersResultSchema = z.object({
  added: count,
  removed: count,
  unchanged: count.describe("On the list already, or not on it"),
  unknown: z.array(z.string()).describe("Nobody has this id or address"),
}) satisfies z.ZodType<MembersResult>;

export const recipientMessageSchema = z.object({
  key: z.string(),
  delivery: z.object({ id: z.string(), label: z.string() }),
  status: messageStatusSchema,
  type: failureTypeSchema.nullable(),
  reason: failureReasonSchema.nullable(),
  startedAt: timestamp.nullable().describe("Of the delivery"),
  finalAt: timestamp.nullable(),
  opened: z.boolean().describe("By a person"),
  clicked: z.boolean().describe("By a person"),
}) satisfies z.ZodType<RecipientMessage>;
