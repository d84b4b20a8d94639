/** Content, sender, preview, blocks and files as they cross the HTTP border. */
import { z } from "zod";

import { CONTENT, SENDER } from "../core/delivery/properties.ts";
import type { Timestamp } from "./basics.ts";
import { fieldsOf } from "./property-schema.ts";

export const senderSchema = z.strictObject(fieldsOf(SENDER, {}));
export type Sender = z.infer<typeof senderSchema>;

export const contentSchema = z.strictObject(fieldsOf(CONTENT, {}));
export type Content = z.infer<typeof contentSchema>;

/** What is wrong with content as it was saved: it does not keep anybody from saving. */
export type ContentProblem = { part: string; line: number; column: number; code: string; message: string };

export const previewSchema = z.strictObject({
  /** Address of a recipient of the target. */
  recipient: z.string().max(320).optional(),
  /** Or attributes as JSON. */
  attributes: z.record(z.string(), z.unknown()).optional(),
  /** Or the recipients of the target that are most likely to break it. */
  worstCases: z.boolean().optional(),
});
export type PreviewInput = z.infer<typeof previewSchema>;

export type Preview = {
  recipient: string;
  /** Why this one: asked for, or longest, emptiest, non-latin of the target. */
  case: "recipient" | "attributes" | "longest" | "emptiest" | "non-latin";
  attributes: Record<string, unknown>;
  subject: string;
  from: string;
  replyTo: string;
  html: string | null;
  text: string | null;
  headers: { name: string; value: string }[];
  /** Bytes on the wire, unsigned. */
  size: number;
  /** Paths of variables that had no value. */
  missing: string[];
  /** Instead of all else, when this recipient's message cannot be made. */
  error: ContentProblem | null;
};

export type Block = {
  name: string;
  label: string;
  syntax: "liquid" | "campaign";
  html: string;
  text: string;
  builtIn: boolean;
  version: number;
  updatedAt: Timestamp | null;
};

export const blockSchema = z.strictObject({
  label: z.string().max(200).default(""),
  syntax: z.enum(["liquid", "campaign"]).default("liquid"),
  html: z.string().max(500_000).default(""),
  text: z.string().max(500_000).default(""),
});
export type BlockInput = z.infer<typeof blockSchema>;

export type StoredFile = {
  id: string;
  name: string;
  contentType: string;
  size: number;
  sha256: string;
  createdAt: Timestamp;
};
