/** The excluded rows: which reason the address asks for. */
import type { ExclusionReason } from "../../../src/contract/index.ts";
import { oneOf } from "../../search.ts";

export const EXCLUSION_REASONS = [
  "address-not-specified",
  "invalid-address",
  "duplicate",
  "denylisted",
  "quarantined",
  "suppressed",
  "bad-quality",
  "excluded-by-rule",
  "excluded-by-arbitration",
  "size-limited",
  "control-address",
] as const satisfies readonly ExclusionReason[];

export type ExclusionSearch = { reason?: ExclusionReason | undefined };

export const exclusionSearch = (search: Record<string, unknown>): ExclusionSearch => ({
  reason: oneOf(EXCLUSION_REASONS, search["reason"]),
});

/** Reasons with a count, largest first: what to look at comes first. */
export const byCount = (
  excluded: Partial<Record<ExclusionReason, number>>,
): { reason: ExclusionReason; count: number }[] =>
  EXCLUSION_REASONS.map((reason) => ({ reason, count: excluded[reason] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((left, right) => right.count - left.count);
