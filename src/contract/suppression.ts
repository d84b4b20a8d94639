/** The global suppression list as it crosses the HTTP border. */
import { z } from "zod";

import type { Timestamp } from "./basics.ts";

export const suppressionSchema = z.strictObject({
  /** Hashes (SHA-256 of the lower-cased address, hexadecimal), addresses, domains. */
  entries: z.array(z.string().max(1000)).min(1).max(10_000),
});

/** What became of entries. */
export type SuppressionResult = {
  total: number;
  /** New on the list, or taken off it. */
  changed: number;
  /** Those that are neither hash nor address nor domain; lines of a file, or places in the request, from 1; a hundred at most. */
  unreadable: { count: number; places: number[] };
};

export type SuppressionCounts = { addresses: number; domains: number };

export type SuppressedDomain = { domain: string; addedAt: Timestamp };

export type SuppressionCheck = { entry: string; suppressed: boolean; by: "address" | "domain" | null };
