/** Proofs as they cross the HTTP border. */
import { z } from "zod";

import { idSchema, type Timestamp } from "./basics.ts";
import type { DeliverySummary } from "./deliveries.ts";
import type { General } from "./general.ts";

const addresses = z.array(z.string().min(1).max(320)).min(1).max(10_000);

/** Seeds get it, each once: those of a list, or these. */
const proofSeeds = z.union([z.strictObject({ list: idSchema }), z.array(idSchema).min(1).max(10_000)]);

const proofFields = z.strictObject({
  /** Who gets the proof, each as often as it stands here. */
  addresses: addresses.optional(),
  seeds: proofSeeds.optional(),
  /** Whose data the proof shows, each reader gets one message of each; absent: the reader's own, if they are a recipient. */
  as: z
    .union([
      z.strictObject({ recipients: addresses }),
      z.strictObject({
        /** So many people of the analysed target. */
        random: z.int().min(1).max(10_000),
      }),
    ])
    .optional(),
});
export const newProofSchema = proofFields.refine(
  ({ addresses: to, seeds }) => to !== undefined || seeds !== undefined,
  {
    message: "addresses or seeds are needed",
    path: ["addresses"],
  },
);
export type NewProof = z.infer<typeof newProofSchema>;

/** A proof in the list of its delivery's proofs. Its messages: `/deliveries/{id of the proof}/messages`. */
export type Proof = Omit<DeliverySummary, keyof General> & {
  number: number;
  subject: string;
  /** The version of the delivery that it shows. */
  version: number;
  by: string;
  sentAt: Timestamp;
};
