/** Sending domains, their keys and what DNS says of them. */
import { z } from "zod";

import type { Timestamp } from "./basics.ts";

const canonicalizationSchema = z.enum(["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"]);
export type DkimKey = {
  id: string;
  selector: string;
  algorithm: "rsa-sha256" | "ed25519-sha256";
  bits: number | null;
  /** RFC 6376 §3.4, header/body. */
  canonicalization: z.infer<typeof canonicalizationSchema>;
  state: "active" | "retired";
  createdAt: Timestamp;
  retiredAt: Timestamp | null;
  /** What belongs into DNS. */
  record: {
    name: string;
    type: "TXT";
    value: string;
    /** The value in pieces of at most 255 octets, as zone files hold them (RFC 1035 §3.3.14). */
    strings: string[];
  };
};

export const createKeySchema = z
  .strictObject({
    selector: z.string().min(1).max(253).optional().describe("A new one when absent"),
    algorithm: z.enum(["rsa-sha256", "ed25519-sha256"]).optional().describe("rsa-sha256 when absent"),
    bits: z.literal([2048, 3072, 4096]).optional().describe("Of an RSA key; 2048 when absent"),
    canonicalization: canonicalizationSchema.optional().describe("relaxed/relaxed when absent"),
    privateKey: z
      .string()
      .min(1)
      .max(20_000)
      .optional()
      .describe("A key to bring along: PEM without passphrase. It is kept sealed and never shown again."),
  })
  .superRefine((key, context) => {
    if (key.privateKey === undefined) return;
    const say = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (key.selector === undefined) say("selector", "A key that is brought along needs the selector of its record");
    if (key.algorithm !== undefined) say("algorithm", "The key itself says what it is");
    if (key.bits !== undefined) say("bits", "The key itself says how long it is");
  });
export type CreateKey = z.infer<typeof createKeySchema>;

/** What DNS says beside what should be there. */
export type DnsCheck = {
  id: "spf" | "dkim" | "dmarc" | "return-path" | "tracking-host" | "bounce-mx";
  name: string;
  status: "ok" | "warning" | "error" | "unknown";
  expected: string;
  found: string;
  detail: string;
};

export type Domain = { name: string; keys: DkimKey[]; checks: DnsCheck[] };
