/** Approvals and waves as they cross the HTTP border. */
import { z } from "zod";

import { APPROVAL_KINDS, type ApprovalKind } from "../core/delivery/approvals.ts";
import { durationSchema, idSchema, type Timestamp } from "./basics.ts";

/** Operators and groups by their ids. */
export const namedSchema = z
  .strictObject({
    operators: z.array(idSchema).max(100).default([]),
    groups: z.array(idSchema).max(100).default([]),
  })
  .refine(({ operators, groups }) => operators.length + groups.length > 0, "name at least one operator or group");

/** `20000`, or a share of all: `30%`, `12.5%`. */
const waveSizeSchema = z.union([
  z.int().min(1).max(100_000_000),
  z.string().regex(/^(?:100(?:\.0{1,2})?|[1-9]\d?(?:\.\d{1,2})?|0\.(?:0[1-9]|[1-9]\d?))%$/, "a share is written 30%"),
]);

export const wavesSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("equal"), size: waveSizeSchema, every: durationSchema }),
  z.strictObject({
    kind: z.literal("calendar"),
    waves: z
      .array(
        z.strictObject({
          /** After the start of the delivery; absent: with it. */
          after: durationSchema.optional(),
          /** Absent, in the last one: all the others. */
          size: waveSizeSchema.optional(),
        }),
      )
      .min(1)
      .max(100),
  }),
]);

export const decisionSchema = z.strictObject({
  kind: z.enum(APPROVAL_KINDS),
  comment: z.string().max(5000).default(""),
});

export type Approval = {
  kind: ApprovalKind;
  state: "pending" | "approved" | "rejected";
  /** Who may decide: ids of operators and groups, besides whoever has all rights. */
  reviewers: { operators: string[]; groups: string[] };
  askedAt: Timestamp;
  deadline: Timestamp;
  decidedAt: Timestamp | null;
  decidedBy: string | null;
  comment: string;
};

/** What a delivery waits for before it may start. */
export type WaitingApproval = {
  delivery: { id: string; label: string; toDeliver: number };
  kind: ApprovalKind;
  askedAt: Timestamp;
  /** Who asked for the analysis; null: nobody knows any more. */
  askedBy: string | null;
  deadline: Timestamp;
};

export type DeliveryWave = {
  number: number;
  /** `cancelled`: the delivery was stopped before it. */
  state: "planned" | "waiting" | "begun" | "done" | "cancelled";
  /** Seconds after the start of the delivery. */
  after: number;
  /** Null before the delivery starts. */
  startsAt: Timestamp | null;
  begunAt: Timestamp | null;
  toDeliver: number;
  pending: number;
  sent: number;
  failed: number;
  cancelled: number;
  inDoubt: number;
};
