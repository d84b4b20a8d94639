/** Seed addresses and lists of them as they cross the HTTP border. */
import { z } from "zod";

import { idSchema, type Timestamp } from "./basics.ts";

const scalar = z.union([z.string().max(10_000), z.number(), z.boolean()]);

export const seedSchema = z.strictObject({
  address: z.string().max(2000),
  /** For people: whose mailbox, at which provider. */
  label: z.string().trim().max(500).default(""),
  /** What its messages say; what is not given comes from a recipient. */
  attributes: z
    .record(z.string().min(1).max(200), scalar)
    .refine((attributes) => Object.keys(attributes).length <= 200, { message: "at most 200 attributes" })
    .default({}),
});
export type SeedInput = z.infer<typeof seedSchema>;

export type Seed = {
  id: string;
  address: string;
  label: string;
  attributes: Record<string, unknown>;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

export const seedListSchema = z.strictObject({
  label: z.string().trim().min(1).max(500),
  seeds: z.array(idSchema).max(5000).default([]),
});
export type SeedListInput = z.infer<typeof seedListSchema>;

export type SeedList = {
  id: string;
  label: string;
  seeds: string[];
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};
