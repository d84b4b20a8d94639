/** Recipients that are added to a delivery that has begun, as they cross the HTTP border. */
import { z } from "zod";

import { type Audience, audienceSchema } from "./audience.ts";
import { idSchema, type Timestamp } from "./basics.ts";
import { count, timestamp } from "./responses-basics.ts";

export const continueSchema = z.strictObject({
  audience: audienceSchema,
  again: z.boolean().default(false).describe("Whoever has a message of this delivery gets another one"),
});

export type Addition = {
  id: string;
  audience: Audience;
  again: boolean;
  askedBy: string;
  askedAt: Timestamp;
  /** Null: it is still going on. */
  endedAt: Timestamp | null;
  /** Why nobody was added. */
  error: string | null;
  targeted: number;
  excluded: number;
  toDeliver: number;
};

/** By how much the figures of the delivery grew. */
const growth = z.int().describe("By how much this figure of the delivery grew");

export const additionSchema = z.object({
  id: idSchema,
  audience: audienceSchema,
  again: z.boolean(),
  askedBy: z.string(),
  askedAt: timestamp,
  endedAt: timestamp.nullable().describe("null: it is still going on"),
  error: z.string().nullable().describe("Why nobody was added"),
  targeted: growth,
  excluded: growth.describe("Less than 0 where more people left the exclusions than joined them"),
  toDeliver: count,
}) satisfies z.ZodType<Addition>;
