/** Recipients and lists as they cross the HTTP border. */
import { z } from "zod";

import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
import type { MessageStatus } from "../core/delivery/status.ts";
import { idSchema, type Timestamp } from "./basics.ts";

const attributeValue = z.union([z.string().max(1_000_000), z.number(), z.boolean(), z.null()]);

export const givenAttributesSchema = z
  .record(z.string().min(1).max(200), attributeValue)
  .describe("Those left out stay; null erases");

/** One `name=value` or several; all must hold. */
const attributeFilter = z
  .union([z.string(), z.array(z.string()).max(20)])
  .transform((given) => [given].flat())
  .pipe(z.array(z.string().regex(/^[^=]{1,200}=/, "an attribute filter is written name=value")));

const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** Query of the list and of the export: all that are given must hold. */
export const recipientFilter = {
  q: z.string().max(320).optional().describe("Part of the address, whatever its case"),
  list: idSchema.optional(),
  import: idSchema.optional().describe("Whom this import created"),
  domain: z.string().max(255).optional(),
  denylisted: flag.optional(),
  quarantined: flag.optional(),
  attribute: attributeFilter.optional().describe("name=value, may be given several times"),
  createdAfter: z.iso.datetime({ offset: true }).optional(),
  updatedAfter: z.iso.datetime({ offset: true }).optional(),
};

export const exportQuery = z.object({
  ...recipientFilter,
  format: z.enum(["csv", "jsonl"]).default("csv"),
  attributes: z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat())
    .optional()
    .describe("Which attributes, in this order; may be given several times. Without it all"),
  guard: flag
    .default(true)
    .describe("CSV: values that a spreadsheet would take for a formula get an apostrophe in front"),
});
export type ExportQuery = z.output<typeof exportQuery>;
export type RecipientFilter = Pick<ExportQuery, keyof typeof recipientFilter>;

export const recipientChangeSchema = z.strictObject({
  address: z.string().max(2000).optional(),
  attributes: givenAttributesSchema.optional(),
});

export const upsertSchema = z.strictObject({
  mode: z.enum(["create", "update", "upsert"]).default("upsert"),
  onBlank: z.enum(["keep", "erase"]).default("erase").describe("What an empty text does; null always erases"),
  list: idSchema.optional().describe("Everybody who was created, updated or there already is put on it"),
  recipients: z
    .array(z.strictObject({ address: z.string().max(2000), attributes: givenAttributesSchema.default({}) }))
    .min(1)
    .max(1000),
});
export type UpsertRequest = z.output<typeof upsertSchema>;

export type UpsertResult = {
  counts: { total: number; created: number; updated: number; unchanged: number; skipped: number; failed: number };
  /** In the order of the request. */
  results: {
    status: "created" | "updated" | "unchanged" | "skipped" | "failed";
    id: string | null;
    errors: { pointer: string; code: string; message: string }[];
  }[];
};

export const listSchema = z.strictObject({ label: z.string().trim().min(1).max(255) });

const members = z.array(z.string().max(2000)).max(10_000).default([]).describe("Ids or addresses of recipients");
export const membersSchema = z.strictObject({ add: members, remove: members });

export type MembersResult = {
  added: number;
  removed: number;
  /** On it already, or not on it. */
  unchanged: number;
  /** Nobody has this id or address. */
  unknown: string[];
};

export type RecipientDetail = {
  id: string;
  address: string;
  attributes: Record<string, unknown>;
  denylistedAt: Timestamp | null;
  denylistReason: string | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  importId: string | null;
  lists: { id: string; label: string }[];
  quarantine: { status: string; reason: string; updatedAt: Timestamp } | null;
};

export type RecipientList = { id: string; label: string; members: number; version: number; createdAt: Timestamp };

/** One message that a recipient was sent, or is to be sent. */
export type RecipientMessage = {
  key: string;
  delivery: { id: string; label: string };
  status: MessageStatus;
  type: FailureType | null;
  reason: FailureReason | null;
  /** Of the delivery. */
  startedAt: Timestamp | null;
  finalAt: Timestamp | null;
  /** By a person. */
  opened: boolean;
  clicked: boolean;
};
