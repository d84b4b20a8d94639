/**
 * Who has to agree before a delivery starts, and who may start it. The first decision of anybody who is named counts and stays;
 * what it was about changes, and it lapses. Whoever has all rights may decide everything, and is not asked.
 */
import { DAY, type Duration, type Instant } from "../time.ts";

export const APPROVAL_KINDS = ["target", "content", "start"] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];
export type ApprovalState = "pending" | "approved" | "rejected";

type ApprovalMode = "manual" | "semi-automatic" | "automatic";

/** Ids of operators and groups. */
export type Named = { readonly operators: readonly string[]; readonly groups: readonly string[] };

export type Person = {
  /** Null: a token that belongs to nobody. */
  readonly operatorId: number | null;
  readonly groupIds: readonly number[];
  /** Null: all. */
  readonly rights: readonly string[] | null;
};

export function isNamed({ operatorId, groupIds, rights }: Person, { operators, groups }: Named): boolean {
  if (rights === null) return true;
  return (
    (operatorId !== null && operators.includes(String(operatorId))) ||
    groupIds.some((group) => groups.includes(String(group)))
  );
}

/**
 * Whether a delivery whose analysis found no errors begins by itself. `why`: what it waits for instead; null: nobody expects it to.
 */
type ByItself =
  | { readonly starts: true }
  | { readonly starts: false; readonly why: "warnings" | "approvals" | "starter" | null };

export type AutoFacts = {
  readonly mode: ApprovalMode;
  readonly hasWarnings: boolean;
  readonly allApproved: boolean;
  /** Whoever asked for the analysis may start it. */
  readonly hasStarter: boolean;
};

export function startsByItself({ mode, hasWarnings, allApproved, hasStarter }: AutoFacts): ByItself {
  if (mode === "manual") return { starts: false, why: null };
  if (mode === "semi-automatic" && hasWarnings) return { starts: false, why: "warnings" };
  if (!allApproved) return { starts: false, why: "approvals" };
  return hasStarter ? { starts: true } : { starts: false, why: "starter" };
}

/** Before the deadline, so that there is time left. */
const REMIND_BEFORE: Duration = DAY;

/**
 * How many reminders are due by now: one a day before the deadline (or half-way, when there is less), one when it is over. After it
 * the decision can still be made; the delivery waits for it.
 */
export function remindersDue(askedAt: Instant, deadline: Instant, now: Instant): 0 | 1 | 2 {
  if (now >= deadline) return 2;
  return now >= deadline - Math.min(REMIND_BEFORE, (deadline - askedAt) / 2) ? 1 : 0;
}
