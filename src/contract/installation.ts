/** Whether this installation may send. */
import { z } from "zod";

import type { Timestamp } from "./basics.ts";

export type Installation = {
  /** Null: it may. */
  held: {
    at: Timestamp;
    by: string;
    reason: string;
    /** When the copy was made that this database is; null: it is none, or nobody knows. */
    copiedAt: Timestamp | null;
    /** Deliveries that were under way then, and are paused. */
    paused: string[];
  } | null;
};

export const releaseSchema = z.strictObject({
  /** Deliveries that were under way in the original go on here. Right only if it sent nothing after the copy was made. */
  resume: z.boolean().default(false),
});

export const holdSchema = z.strictObject({ reason: z.string().trim().min(1).max(500) });
