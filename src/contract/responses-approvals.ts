/** Zod schemas of what the API answers about approvals and waves. */
import { z } from "zod";

import { APPROVAL_KINDS } from "../core/delivery/approvals.ts";
import type { Approval, DeliveryWave, WaitingApproval } from "./approvals.ts";
import { count, timestamp } from "./responses-basics.ts";

export const approvalSchema = z.object({
  kind: z.enum(APPROVAL_KINDS),
  state: z.enum(["pending", "approved", "rejected"]),
  reviewers: z
    .object({ operators: z.array(z.string()), groups: z.array(z.string()) })
    .describe("Ids; whoever has all rights can decide, too"),
  askedAt: timestamp,
  deadline: timestamp.describe("Decisions can be made after it, too; the delivery waits"),
  decidedAt: timestamp.nullable(),
  decidedBy: z.string().nullable(),
  comment: z.string(),
}) satisfies z.ZodType<Approval>;

export const waitingApprovalSchema = z.object({
  delivery: z.object({ id: z.string(), label: z.string(), toDeliver: count }),
  kind: z.enum(APPROVAL_KINDS),
  askedAt: timestamp,
  askedBy: z.string().nullable().describe("Who asked for the analysis after which people were asked"),
  deadline: timestamp.describe("Decisions can be made after it, too; the delivery waits"),
}) satisfies z.ZodType<WaitingApproval>;

export const deliveryWaveSchema = z.object({
  number: z.int(),
  state: z
    .enum(["planned", "waiting", "begun", "done", "cancelled"])
    .describe("planned: the delivery has not begun; cancelled: it was stopped before the wave"),
  after: z.number().describe("Seconds after the start of the delivery"),
  startsAt: timestamp.nullable(),
  begunAt: timestamp.nullable(),
  toDeliver: count.describe("toDeliver = pending + sent + failed + cancelled + inDoubt"),
  pending: count,
  sent: count,
  failed: count,
  cancelled: count,
  inDoubt: count,
}) satisfies z.ZodType<DeliveryWave>;
