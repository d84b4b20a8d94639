/** Archives, the ledger of copies and erasure as they cross the HTTP border. */
import { z } from "zod";

import { durationSchema, type Timestamp } from "./basics.ts";

export const archiveRuleSchema = z.strictObject({
  senderDomains: z.array(z.string().min(1).max(253)).max(100).default([]),
  natures: z
    .array(z.enum(["marketing", "service"]))
    .max(2)
    .default([]),
  /** Only deliveries that name this archive. */
  onlyNamed: z.boolean().default(false),
});

/** A secret comes in and never goes out; absent on a change: the one that is known stays. */
const secretSchema = z.string().min(1).max(1000).optional();

export const archiveTargetSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("smtp"),
    address: z.string().min(3).max(320),
    /** `host:port`; absent: the mail servers of the address, by routes, transport and MX like any other mail. */
    server: z.string().max(300).optional(),
    user: z.string().max(300).optional(),
    password: secretSchema,
    tls: z.enum(["opportunistic", "required", "implicit", "none"]).default("opportunistic"),
    connections: z.int().min(1).max(100).default(10),
    /** Copies a minute; absent: no limit. */
    ratePerMinute: z.int().min(1).max(1_000_000).optional(),
    /** Return path of copies; absent: that of the original, tagged as a copy. */
    returnPath: z.string().max(320).optional(),
  }),
  z.strictObject({
    kind: z.literal("files"),
    /** Absolute; absent: DATA_DIR/archive */
    directory: z.string().max(1000).optional(),
    zip: z.boolean().default(false),
    zipBatch: z.int().min(10).max(100_000).default(10_000),
    /** Absent: kept for ever. */
    purgeAfter: durationSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal("s3"),
    endpoint: z.url({ protocol: /^https?$/ }),
    region: z.string().min(1).max(100).default("us-east-1"),
    bucket: z.string().min(1).max(255),
    prefix: z.string().max(500).default(""),
    accessKeyId: z.string().min(1).max(300),
    secretAccessKey: secretSchema,
    pathStyle: z.boolean().default(true),
    connections: z.int().min(1).max(100).default(10),
  }),
]);
export type ArchiveTargetInput = z.infer<typeof archiveTargetSchema>;

export const archiveSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().default(true),
  rule: archiveRuleSchema.prefault({}),
  target: archiveTargetSchema,
});
export type ArchiveInput = z.infer<typeof archiveSchema>;

/** An archive as the API shows it: without its secret; `address` null for those without the right to see it. */
export type Archive = {
  id: string;
  name: string;
  enabled: boolean;
  rule: ArchiveInput["rule"];
  target:
    | (Omit<Extract<ArchiveTargetInput, { kind: "smtp" }>, "password" | "address"> & { address: string | null })
    | Extract<ArchiveTargetInput, { kind: "files" }>
    | Omit<Extract<ArchiveTargetInput, { kind: "s3" }>, "secretAccessKey">;
  hasSecret: boolean;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

/** due = archived + owed + givenUp. */
export type CopyFigures = { due: number; archived: number; owed: number; givenUp: number };

export type ArchiveAlert = {
  id: string;
  kind: "debt-50" | "debt-80" | "debt-full" | "given-up" | "bounced" | "failing" | "not-renderable";
  archiveId: string | null;
  deliveryId: string | null;
  at: Timestamp;
  message: string;
  /** Messages that it is about, at most 100 of them. */
  keys: string[];
  count: number;
};

/** The ledger of all copies. */
export type ArchiveLedger = CopyFigures & {
  oldestDebtAt: Timestamp | null;
  /** Copies archived in the last minute; null when not known yet. */
  ratePerMinute: number | null;
  debtLimit: number;
  byArchive: (CopyFigures & {
    id: string;
    name: string;
    kind: "smtp" | "files" | "s3";
    enabled: boolean;
    lastReply: string | null;
    lastReplyAt: Timestamp | null;
    /** The last reply was no acceptance. */
    failing: boolean;
  })[];
  alerts: ArchiveAlert[];
};

/** One copy of one message. */
export type Copy = {
  key: string;
  deliveryId: string;
  archiveId: string;
  archiveName: string;
  state: "owed" | "archived" | "given-up";
  attempts: number;
  inDoubt: boolean;
  dueSince: Timestamp;
  nextAttemptAt: Timestamp | null;
  archivedAt: Timestamp | null;
  reply: string;
  /** SHA-256 of the copy, in hexadecimal. */
  digest: string | null;
  /** Its links, pixel and addresses have tokens of a copy, so its digest is not that of the message. */
  inert: boolean;
  /** Of a message to a seed address: in the ledger, but not beside the delivery's figures of recipients. */
  seed: boolean;
  location: string | null;
};

/** What erasing a recipient did, and what it leaves to do by hand. */
export type Erasure = {
  recipientId: string;
  /** Messages whose recipient is a placeholder now. */
  messages: number;
  /** The address stays on the denylist or in quarantine, so that no import brings it back. */
  blocked: boolean;
  /** Copies that lie outside and must be erased there, at most 1,000 of them. */
  copies: Pick<Copy, "archiveId" | "archiveName" | "deliveryId" | "key" | "archivedAt" | "location">[];
  copiesTotal: number;
};

/** What the archive said to a probe. */
export type ArchiveTest = {
  ok: boolean;
  detail: string;
  /** `C: …` and `S: …`; passwords are stars. */
  dialogue: string[];
};
