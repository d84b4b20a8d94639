/** Whom a delivery is for, imports, exclusions and quarantine as they cross the HTTP border. */
import { z } from "zod";

import type { ExclusionReason } from "../core/delivery/status.ts";
import { BEHAVIOURS } from "../core/segment/segment.ts";
import { idSchema, type Problem, type Timestamp } from "./basics.ts";

/** A saved segment, or a tree of conditions (docs/segments.md). */
const segmentChoice = z.strictObject({ segment: z.union([idSchema, z.looseObject({})]) });
/** Recipients of an earlier delivery by what became of them there: one of these suffices. */
const outcomeChoice = z.strictObject({ delivery: idSchema, outcome: z.array(z.enum(BEHAVIOURS)).min(1).max(20) });

export const audienceSchema = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ list: idSchema }),
  /** The rows of one imported file, rejected rows included as exclusions. */
  z.strictObject({ import: idSchema }),
  /** The rows of a file that was imported with the mode `file`: nobody in it becomes a recipient. */
  z.strictObject({ file: idSchema }),
  /** Who is subscribed at the analysis. */
  z.strictObject({ service: idSchema }),
  segmentChoice,
  outcomeChoice,
]);
export type Audience = z.infer<typeof audienceSchema>;
/** Those that consist of recipients. */
export type RecipientAudience = Exclude<Audience, { file: string }>;

/** Who of the target gets no message. */
export const exclusionRuleSchema = z.union([
  segmentChoice,
  outcomeChoice,
  z.strictObject({ list: idSchema }),
  z.strictObject({ import: idSchema }),
  z.strictObject({ service: idSchema }),
]);
export type ExclusionRule = z.infer<typeof exclusionRuleSchema>;

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
  /** All mail, or that of one service. */
  scope: "e-mail" | "service";
  serviceId: string | null;
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
  mode: "create" | "update" | "upsert" | "file";
  /** Only counted: nobody was changed. */
  dryRun: boolean;
  undo: ImportUndo;
};

export type ImportUndo = {
  /** Until when it can be taken back; null: it cannot. */
  until: Timestamp | null;
  state: "none" | "running" | "completed";
  at: Timestamp | null;
  by: string | null;
  /** Who got former values back, who was removed, and who was changed or used by somebody since and stays. */
  restored: number;
  removed: number;
  kept: number;
};

export type ImportError = {
  line: number;
  column: string;
  value: string;
  reason: ExclusionReason | "malformed-row" | "invalid-value" | "already-there" | "not-there";
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
