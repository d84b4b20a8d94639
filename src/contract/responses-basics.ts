/** What all answers are made of: times, numbers, states and reasons, refusals, pages and their parameters. */
import { z } from "zod";

import { FAILURE_REASONS } from "../core/bounce/rule.ts";
import { DELIVERY_STATES } from "../core/delivery/status.ts";
import type * as contract from "./index.ts";

export const timestamp = z.iso.datetime();

export const count = z.int().min(0);

export const deliveryStateSchema = z.enum(DELIVERY_STATES) satisfies z.ZodType<contract.DeliveryState>;

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
  "suppressed",
  "bad-quality",
  "excluded-by-rule",
  "excluded-by-arbitration",
  "size-limited",
  "control-address",
]) satisfies z.ZodType<contract.ExclusionReason>;

export const failureTypeSchema = z.enum([
  "hard",
  "soft",
  "ignored",
  "not-defined",
]) satisfies z.ZodType<contract.FailureType>;

export const failureReasonSchema = z.enum(FAILURE_REASONS) satisfies z.ZodType<contract.FailureReason>;

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe("Stable word for programs; docs/errors.md lists them"),
    currentState: z.string().exactOptional().describe("State of the delivery that forbids the action"),
    toDeliver: count.exactOptional().describe("People that the delivery goes to, where another number was confirmed"),
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
