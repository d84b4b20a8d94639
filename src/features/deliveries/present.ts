/** A delivery's row as the contract shows it. */
import type { Delivery, General, Indicators } from "../../contract/index.ts";
import { formatLocal } from "../../core/delivery/schedule.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import { effectiveValidity, formatDuration, validityFrom } from "../../core/delivery/validity.ts";
import { formatInstant, DAY, parseDuration, HOUR, readInstant, type Duration, type Instant } from "../../core/time.ts";
import { findTimeZone } from "../../platform/time-zone.ts";

/** Where nothing is said (contract: `validity`, `validityCap`). */
const DEFAULT_VALIDITY = 5 * DAY;
const DEFAULT_CAP = 84 * HOUR;

export type DeliveryRow = {
  id: number;
  label: string;
  folder_id: number | null;
  code: string;
  category: string;
  description: string;
  state: DeliveryState;
  hold_reason: string | null;
  template_id: number | null;
  content: Delivery["content"];
  sender: Delivery["sender"];
  audience: Delivery["audience"];
  settings: Delivery["settings"];
  version: number;
  analysed_version: number | null;
  created_at: Instant;
  updated_at: Instant;
  analysed_at: Instant | null;
  started_at: Instant | null;
  finished_at: Instant | null;
  valid_until: Instant | null;
  /** Of the platform at present; null: nobody has saved any. */
  validity_cap: string | null;
  targeted: number;
  excluded: number;
  to_deliver: number;
  start_at: Instant | null;
  start_zone: string | null;
  start_not_after: Instant | null;
  start_by: string | null;
  proof_of: number | null;
  proof_number: number | null;
};

export function presentDelivery(row: DeliveryRow): Delivery {
  return {
    id: String(row.id),
    label: row.label,
    ...presentGeneral(row),
    state: row.state,
    holdReason: row.hold_reason,
    templateId: row.template_id === null ? null : String(row.template_id),
    content: row.content,
    sender: row.sender,
    audience: row.audience,
    settings: row.settings,
    version: row.version,
    analysed: isAnalysed(row),
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
    analysedAt: instantOrNull(row.analysed_at),
    startedAt: instantOrNull(row.started_at),
    finishedAt: instantOrNull(row.finished_at),
    effectiveValidity: formatDuration(validityOf(row)),
    validUntil: instantOrNull(row.valid_until),
    ...presentSchedule(row),
    ...(row.proof_of === null ? {} : { proof: { of: String(row.proof_of), number: row.proof_number ?? 0 } }),
  };
}

/** Of deliveries and of templates. */
export function presentGeneral(row: Pick<DeliveryRow, "folder_id" | "code" | "category" | "description">): General {
  const { folder_id, code, category, description } = row;
  return { folder: folder_id === null ? null : String(folder_id), code, category, description };
}

/** Nothing once it has begun, or when nothing was planned. */
function presentSchedule(row: DeliveryRow): Pick<Delivery, "schedule"> {
  const { start_at: at, start_not_after: notAfter, start_by: by } = row;
  if (at === null || notAfter === null || by === null) return {};
  const zone = row.start_zone === null ? null : findTimeZone(row.start_zone);
  const local = zone === null ? null : formatLocal(at, zone.offsetAt);
  return {
    schedule: { at: formatInstant(at), zone: row.start_zone, local, notLaterThan: formatInstant(notAfter), by },
  };
}

/** What was settled when it was confirmed; before that, what would be now. */
function validityOf(row: DeliveryRow): Duration {
  const { started_at: start, valid_until: end, settings, validity_cap: cap } = row;
  return start !== null && end !== null ? end - start : readValidity(settings, cap, row.start_at);
}

/**
 * Of a delivery that starts then, under this cap; null: the platform's default. 0 or less: its date is over before. A start that nobody knows
 * yet (null) leaves the date out.
 */
export function readValidity(
  { validity, validUntil }: { readonly validity?: string | null; readonly validUntil?: string | null | undefined },
  cap: string | null,
  start: Instant | null,
): Duration {
  const period = parseDuration(validity ?? "") ?? DEFAULT_VALIDITY;
  const most = parseDuration(cap ?? "") ?? DEFAULT_CAP;
  const until = readInstant(validUntil ?? "");
  return start === null ? effectiveValidity(period, most) : validityFrom({ period, until }, most, start);
}

/** While an analysis runs, the one before it no longer counts: whoever waits for `analysed` waits for this one. */
export function isAnalysed(row: Pick<DeliveryRow, "state" | "version" | "analysed_version">): boolean {
  return row.state !== "analysing" && row.analysed_version === row.version;
}

/** Sums over the parts of a delivery. */
export type PartSums = {
  parts: number;
  waiting: number;
  retrying: number;
  sent: number;
  failed: number;
  cancelled: number;
  in_doubt: number;
  copies_due: number;
  copies_archived: number;
  copies_owed: number;
  copies_given_up: number;
  seed_copies_due: number;
  seed_copies_archived: number;
  seed_copies_owed: number;
  seed_copies_given_up: number;
};

/** What the analysis counted and what became of it, read in one statement so that the sums agree. */
export function presentIndicators(
  row: Pick<DeliveryRow, "targeted" | "excluded" | "to_deliver"> & PartSums,
): Indicators {
  return {
    targeted: row.targeted,
    excluded: row.excluded,
    toDeliver: row.to_deliver,
    takenIntoAccount: row.retrying,
    sent: row.sent,
    failed: row.failed,
    // An analysis that found errors counts the target but makes no parts.
    pending: row.parts === 0 ? row.to_deliver : row.waiting + row.retrying,
    cancelled: row.cancelled,
    inDoubt: row.in_doubt,
    successRate: row.to_deliver === 0 ? 0 : row.sent / row.to_deliver,
    copies: {
      due: row.copies_due,
      archived: row.copies_archived,
      owed: row.copies_owed,
      givenUp: row.copies_given_up,
    },
    ...(row.seed_copies_due === 0
      ? {}
      : {
          seedCopies: {
            due: row.seed_copies_due,
            archived: row.seed_copies_archived,
            owed: row.seed_copies_owed,
            givenUp: row.seed_copies_given_up,
          },
        }),
  };
}

export function instantOrNull(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}
