/** The settings of the quarantine as a form: numbers may be empty, reasons are lines. */
import type { PlatformSettings } from "../../../src/contract/index.ts";

type Quarantine = PlatformSettings["quarantine"];
export type QuarantineReason = keyof Quarantine["reasons"];
/** Empty: none. */
type Count = number | "";

export const QUARANTINE_REASONS = [
  "user-unknown",
  "invalid-domain",
  "unreachable",
  "account-disabled",
  "mailbox-full",
  "refused",
] as const satisfies readonly QuarantineReason[];

/** `limit` empty: as for all; durations empty: likewise, or none. `unlimited`: this reason never quarantines by counting. */
export type ReasonDraft = {
  reason: QuarantineReason;
  limit: Count;
  unlimited: boolean;
  resetAfter: string;
  longest: string;
};

export type QuarantineDraft = {
  foldLocalPart: boolean;
  /** Empty: nothing is quarantined by counting. */
  softLimit: Count;
  gap: string;
  resetAfter: string;
  reasons: readonly ReasonDraft[];
  guardEnabled: boolean;
  guardFactor: Count;
  guardLeast: Count;
};

const GUARD = { factor: 4, least: 50 };

export const quarantineDraft = ({ limit, guard, reasons, ...rest }: Quarantine): QuarantineDraft => ({
  ...rest,
  softLimit: limit ?? "",
  reasons: QUARANTINE_REASONS.flatMap((reason) => {
    const own = reasons[reason];
    if (own === undefined) return [];
    const { limit: ownLimit, resetAfter = "", longest = "" } = own;
    return [{ reason, limit: ownLimit ?? "", unlimited: ownLimit === null, resetAfter, longest }];
  }),
  guardEnabled: guard.enabled,
  guardFactor: guard.factor,
  guardLeast: guard.least,
});

export const quarantineRequest = (draft: QuarantineDraft): Quarantine => ({
  foldLocalPart: draft.foldLocalPart,
  limit: draft.softLimit === "" ? null : draft.softLimit,
  gap: draft.gap.trim(),
  resetAfter: draft.resetAfter.trim(),
  reasons: Object.fromEntries(draft.reasons.map((line) => [line.reason, reasonRequest(line)])),
  guard: {
    enabled: draft.guardEnabled,
    factor: draft.guardFactor === "" ? GUARD.factor : draft.guardFactor,
    least: draft.guardLeast === "" ? GUARD.least : draft.guardLeast,
  },
});

function reasonRequest({
  limit,
  unlimited,
  resetAfter,
  longest,
}: ReasonDraft): Quarantine["reasons"][QuarantineReason] {
  return {
    ...(unlimited ? { limit: null } : limit === "" ? {} : { limit }),
    ...(resetAfter.trim() === "" ? {} : { resetAfter: resetAfter.trim() }),
    ...(longest.trim() === "" ? {} : { longest: longest.trim() }),
  };
}

/** The first reason that has no line yet; null: all have one. */
export const freeReason = (lines: readonly ReasonDraft[]): QuarantineReason | null =>
  QUARANTINE_REASONS.find((reason) => lines.every((line) => line.reason !== reason)) ?? null;
