/** Whom a delivery is for, imports, exclusions and quarantine as they cross the HTTP border. */
import { z } from "zod";

import type { ExclusionReason } from "../core/delivery/status.ts";
import { idSchema, type Problem, type Timestamp } from "./basics.ts";

export const audienceSchema = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ list: idSchema }),
  /** The rows of one imported file, rejected rows included as exclusions. */
  z.strictObject({ import: idSchema }),
]);
export type Audience = z.infer<typeof audienceSchema>;

export type Recipient = {
  id: string;
  address: string;
  attributes: Record<string, unknown>;
  denylistedAt: Timestamp | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

/** Who said no, how and when. */
export type Unsubscription = {
  address: string;
  at: Timestamp;
  source: "page" | "one-click" | "mailto";
  scope: "e-mail";
  deliveryId: string;
  messageKey: string;
  /** Whether this put the address on the denylist; false when it was there already. */
  denylisted: boolean;
  /** How often the same was asked again through the same message. */
  repeats: number;
  lastAt: Timestamp;
  /** When the recipient took it back. */
  undoneAt: Timestamp | null;
};

export type Exclusion = { address: string; reason: ExclusionReason; detail: string };

export type ImportStatus = {
  id: string;
  status: "pending" | "running" | "completed" | "failed";
  fileName: string;
  listId: string | null;
  counts: { total: number; created: number; updated: number; skipped: number; failed: number };
  error: Problem | null;
  errorsUrl: string;
};

export type ImportError = {
  line: number;
  column: string;
  value: string;
  reason: ExclusionReason | "malformed-row";
  detail: string;
};

export type QuarantineEntry = {
  address: string;
  status: "valid" | "with-errors" | "quarantined" | "denylisted";
  reason: string | null;
  errorText: string | null;
  errors: number;
  /** Far more people unknown than usual at its provider: a person is to confirm it; until then mail goes on. */
  held: boolean;
  provider: string | null;
  /** Of the last change; null: there was none. */
  updatedAt: Timestamp | null;
  history: {
    at: Timestamp;
    status: string;
    reason: string;
    errorText: string;
    messageKey: string | null;
    /** error, delivered, guard, outage, released, put-in, imported, confirmed, dropped, allowed, complaint … */
    cause: string;
    /** Empty: Envoi itself. */
    actor: string;
    note: string;
  }[];
};
