/** Deliveries, their figures and their checklist as they cross the HTTP border. */
import { z } from "zod";

import type { DeliveryState, ExclusionReason } from "../core/delivery/status.ts";
import type { Approval, DeliveryWave } from "./approvals.ts";
import type { CopyFigures } from "./archive.ts";
import { type Audience, audienceSchema } from "./audience.ts";
import { idSchema, type Timestamp } from "./basics.ts";
import { type Content, type ContentProblem, contentSchema, type Sender, senderSchema } from "./content.ts";
import { type General, generalSchema, labelSchema } from "./general.ts";
import { givenFields, overrideFields, overrideOf } from "./given.ts";
import { type Settings, settingsSchema } from "./settings.ts";

/** A delivery with all that it needs; what its template says is in it already. */
export const createDeliverySchema = z.strictObject({
  label: labelSchema,
  ...givenFields(generalSchema),
  template: idSchema.optional(),
  content: contentSchema,
  sender: senderSchema.prefault({}),
  audience: audienceSchema,
  settings: settingsSchema.prefault({}),
});
export type CreateDelivery = z.infer<typeof createDeliverySchema>;

/** What is asked for: a field that is absent comes from the template, then from the defaults; null skips the template. */
export const newDeliverySchema = createDeliverySchema.extend({
  ...overrideFields(generalSchema),
  content: overrideOf(contentSchema).optional(),
  sender: overrideOf(senderSchema).optional(),
  settings: overrideOf(settingsSchema).optional(),
});
export type NewDelivery = z.infer<typeof newDeliverySchema>;

export const updateDeliverySchema = z.strictObject({
  label: labelSchema.optional(),
  ...givenFields(generalSchema),
  folder: idSchema.nullish().describe("null: in no folder"),
  content: contentSchema.optional(),
  sender: senderSchema.optional(),
  audience: audienceSchema.optional(),
  settings: settingsSchema.optional(),
});
export type UpdateDelivery = z.infer<typeof updateDeliverySchema>;

export type Delivery = General & {
  id: string;
  label: string;
  state: DeliveryState;
  /** Why the delivery does not go on by itself, for instance the reply of a relay that refuses us. */
  holdReason: string | null;
  /** What it was made from; that may be gone. */
  templateId: string | null;
  content: Content;
  sender: Sender;
  audience: Audience;
  settings: Settings;
  /** ETag of the editable part. */
  version: number;
  /** True while the last analysis still describes this version. */
  analysed: boolean;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  analysedAt: Timestamp | null;
  startedAt: Timestamp | null;
  finishedAt: Timestamp | null;
  /** How long attempts go on in fact: `validity` or, if that is less, what the platform allows; fixed at the start. */
  effectiveValidity: string;
  validUntil: Timestamp | null;
  /** In the states `scheduled` and `start-pending`. */
  schedule?: {
    /** When it begins by itself. */
    at: Timestamp;
    /** In which the date was said; null: nobody said a date, it can be called back until then. */
    zone: string | null;
    /** `at` by the clocks of the zone. */
    local: string | null;
    /** After this it does not begin by itself any more. */
    notLaterThan: Timestamp;
    by: string;
  };
  /** What is asked of people before it starts; absent: nothing. */
  approvals?: Approval[];
  /** Absent: it leaves at once. */
  waves?: DeliveryWave[];
  /** Of a proof: which delivery it is a proof of, and the how many-eth. */
  proof?: { of: string; number: number };
  /** Only on answers to saving and reading one delivery. */
  contentProblems?: ContentProblem[];
  /** On the answer to pause and stop: messages on the wire that will still finish. */
  onWire?: number;
};

/** A row of the list of deliveries. */
export type DeliverySummary = Pick<
  Delivery,
  "id" | "label" | "folder" | "code" | "category" | "state" | "holdReason" | "createdAt" | "startedAt" | "finishedAt"
> &
  Indicators;

/**
 * targeted = excluded + toDeliver; toDeliver = sent + failed + cancelled + pending + inDoubt.
 * `takenIntoAccount` is the part of `pending` that the MTA holds for a retry.
 */
export type Indicators = {
  targeted: number;
  excluded: number;
  toDeliver: number;
  takenIntoAccount: number;
  sent: number;
  failed: number;
  pending: number;
  cancelled: number;
  inDoubt: number;
  /** sent / toDeliver, 0 to 1; 0 before the first message. */
  successRate: number;
  /** Copies for the archive of messages to recipients: no recipients, in no other figure. */
  copies: CopyFigures;
  /** Those of messages to seed addresses; absent where there are none. The ledger of the archive has both. */
  seedCopies?: CopyFigures | undefined;
};

export type LiveIndicators = Indicators & {
  state: DeliveryState;
  holdReason: string | null;
  /** Messages on the wire now. */
  onWire: number;
  /** Why messages are held back although the delivery is in progress: an archive that does not take copies. */
  waitingFor: string | null;
  /** Final outcomes per second over the last 10 seconds; null when not known yet. */
  rate: number | null;
  /** Seconds until pending is empty at that rate; null when not known. */
  etaSeconds: number | null;
  at: Timestamp;
};

export type ChecklistItem = {
  id: string;
  level: "info" | "warning" | "error";
  title: string;
  detail: string;
  /** Which rule of the typology said it: the name of one that comes with Envoi, the id of an operator's own. */
  rule?: string;
  /** When in the analysis. */
  at?: Timestamp;
};

export type Checklist = {
  ready: boolean;
  analysed: boolean;
  targeted: number;
  excluded: Partial<Record<ExclusionReason, number>>;
  toDeliver: number;
  items: ChecklistItem[];
};

export type Destination = {
  domain: string;
  toDeliver: number;
  sent: number;
  failed: number;
  retrying: number;
  pending: number;
  lastReply: string | null;
  lastReplyAt: Timestamp | null;
};

export type DeliveryEvent = {
  id: string;
  at: Timestamp;
  /** created, edited, analysis.started, analysis.finished, confirmed, paused, resumed, stopped, held, finished … */
  kind: string;
  actor: string;
  detail: Record<string, unknown>;
};
