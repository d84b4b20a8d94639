/** How deliveries are confirmed and scheduled, as it crosses the HTTP border. */
import { z } from "zod";

import { FAILURE_REASONS } from "../core/bounce/rule.ts";

/** To how many people, in the words of whoever starts the delivery: another number is refused. */
const toDeliver = z.int().min(0).optional();

export const confirmSchema = z.strictObject({
  toDeliver,
  /** So long it can be called back. */
  undo: z
    .string()
    .regex(/^\d{1,3}s$/, "a time up to 999s is written 30s; 0s for none")
    .optional(),
});

export const retryFailedSchema = z.strictObject({
  /** Only what failed for these; absent: for any. */
  reasons: z.array(z.enum(FAILURE_REASONS)).min(1).optional(),
});

export const scheduleSchema = z.strictObject({
  /** `2026-11-27T09:00` by the clocks of the zone, or RFC 3339 with `Z` or an offset. */
  at: z.string().max(40),
  /** IANA name, `Europe/Paris`. */
  zone: z.string().min(1).max(64).default("UTC"),
  /** Of an hour that comes twice when summer time ends. */
  occurrence: z.enum(["earlier", "later"]).default("earlier"),
  /** Written like `at`. */
  notLaterThan: z.string().max(40).optional(),
  toDeliver,
});
