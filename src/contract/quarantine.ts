/** The quarantine as persons change it, and the allowlist, as they cross the HTTP border. */
import { z } from "zod";

import type { Timestamp } from "./basics.ts";

const note = z.string().trim().min(1).max(1000);

export const failingReasons = [
  "user-unknown",
  "invalid-domain",
  "unreachable",
  "account-disabled",
  "mailbox-full",
  "refused",
  "not-defined",
] as const;

export const putInSchema = z.strictObject({
  address: z.string().max(2000),
  /** `denylisted`: the owner wants no mail. */
  status: z.enum(["quarantined", "denylisted"]).default("quarantined"),
  reason: z.enum(failingReasons).default("not-defined"),
  note,
});

export const releaseSchema = z.strictObject({
  note,
  /** Also off the denylist, where it is its owner's word that is set aside. */
  denylisted: z.boolean().default(false),
});

/** Which of those in quarantine; every condition given must hold. */
export const bulkReleaseSchema = z.strictObject({
  provider: z.string().min(1).max(200).optional(),
  domain: z.string().min(1).max(253).optional(),
  reason: z.enum(failingReasons).optional(),
  /** Part of the server's reply, case does not count. */
  text: z.string().min(1).max(500).optional(),
  /** When they went into quarantine. */
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  note,
  /** Only counts. */
  dryRun: z.boolean(),
});

export const heldDecisionSchema = z.strictObject({ note });

export const allowSchema = z.strictObject({
  address: z.string().max(2000),
  note: z.string().trim().max(1000).default(""),
});

export type BulkReleased = { dryRun: boolean; count: number; examples: string[] };

/** Addresses of one provider that wait for a person. */
export type HeldGroup = { provider: string | null; count: number; since: Timestamp; until: Timestamp; example: string };

export type AllowedAddress = { address: string; note: string; actor: string; at: Timestamp };

export type AddressImport = {
  total: number;
  taken: number;
  failed: number;
  /** The first 100 rows that were not taken. */
  errors: { line: number; value: string; detail: string }[];
};
