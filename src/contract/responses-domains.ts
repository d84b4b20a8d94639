/** Zod schemas of what the API answers about sending domains; the rest is in `responses.ts`. */
import { z } from "zod";

import type * as contract from "./index.ts";
import { timestamp } from "./responses-basics.ts";

export const dkimKeySchema = z.object({
  id: z.string(),
  selector: z.string(),
  algorithm: z.enum(["rsa-sha256", "ed25519-sha256"]),
  bits: z.int().nullable(),
  canonicalization: z.enum(["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"]),
  state: z.enum(["active", "retired"]),
  createdAt: timestamp,
  retiredAt: timestamp.nullable(),
  record: z
    .object({
      name: z.string(),
      type: z.literal("TXT"),
      value: z.string(),
      strings: z.array(z.string().max(255)).describe("The value in pieces, as zone files hold them"),
    })
    .describe("What belongs into DNS"),
}) satisfies z.ZodType<contract.DkimKey>;

const dnsCheckSchema = z.object({
  id: z.enum(["spf", "dkim", "dmarc", "return-path", "tracking-host", "bounce-mx"]),
  name: z.string().describe("The name asked for in DNS"),
  status: z.enum(["ok", "warning", "error", "unknown"]).describe("unknown: DNS did not answer, or it cannot be told"),
  expected: z.string(),
  found: z.string(),
  detail: z.string().describe("What to do"),
}) satisfies z.ZodType<contract.DnsCheck>;

export const domainSchema = z.object({
  name: z.string(),
  keys: z.array(dkimKeySchema).describe("Newest first"),
  checks: z.array(dnsCheckSchema).describe("Empty in the list of domains: only reading one domain asks DNS"),
}) satisfies z.ZodType<contract.Domain>;
