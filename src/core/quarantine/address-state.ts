/**
 * What becomes of an address that fails: the transition table of its life.
 *
 *   valid ─ a soft error that counts ─▶ with errors ─ the limit reached, or the same reason for too long ─▶ quarantined
 *   valid, with errors ─ a hard error ─▶ quarantined, or held while the provider calls far more people unknown than usual
 *   with errors ─ a delivery that succeeds; long enough without errors ─▶ valid        held ─ success ─▶ valid
 *   held ─ a person confirms ─▶ quarantined, drops ─▶ valid
 *   quarantined ─ a person ─▶ valid; nothing else, not even mail that arrives
 *
 * This is what servers say. That the owner wants no mail (the denylist) stands above it and is kept with the recipient.
 */
import { countsAgainstAddress } from "../bounce/blame.ts";
import type { FailureReason, Verdict } from "../bounce/verdict.ts";
import type { Duration, Instant } from "../time.ts";

export type AddressState = {
  readonly status: "valid" | "with-errors" | "held" | "quarantined";
  /** Of the last error that counted; null: none. */
  readonly reason: FailureReason | null;
  /** Errors that counted. */
  readonly errors: number;
  /** Of the last error that counted. */
  readonly countedAt: Instant | null;
  /** Since when all that counted have had this reason. */
  readonly reasonSince: Instant | null;
};

export const VALID: AddressState = { status: "valid", reason: null, errors: 0, countedAt: null, reasonSince: null };

export type ReasonPolicy = {
  /** The soft error of this number quarantines; null: none ever does. */
  readonly limit: number | null;
  /** So long without an error that counts, and the address is valid again. */
  readonly resetAfter: Duration;
  /** The same reason for so long quarantines below the limit too; null: never. */
  readonly longest: Duration | null;
};

export type QuarantinePolicy = ReasonPolicy & {
  /** From one soft error that counts to the next: a mailbox that is tried ten times a day failed once. */
  readonly gap: Duration;
  readonly reasons: Readonly<Partial<Record<FailureReason, ReasonPolicy>>>;
};

export type AddressEvent =
  | {
      readonly kind: "error";
      readonly at: Instant;
      readonly verdict: Pick<Verdict, "type" | "reason" | "scope">;
      /** The provider calls far more people unknown than usual (outage-guard.ts). */
      readonly isDoubtful: boolean;
    }
  | { readonly kind: "success"; readonly at: Instant }
  /** By a person: let go, put in, and the answers to `held`. */
  | { readonly kind: "released" | "confirmed" | "dropped" }
  | { readonly kind: "put-in"; readonly at: Instant; readonly reason: FailureReason };

/** The state after an event; the same object when nothing changed. Errors that do not count change nothing. */
export function afterEvent(state: AddressState, event: AddressEvent, policy: QuarantinePolicy): AddressState {
  switch (event.kind) {
    case "error":
      return afterError(lapsed(state, event.at, policy), event, policy, state);
    case "success":
      // News that is older than what counted says nothing.
      return isOpen(state) && event.at >= (state.countedAt ?? 0) ? VALID : state;
    case "released":
      return state.status === "valid" ? state : VALID;
    case "dropped":
      return state.status === "held" ? VALID : state;
    case "confirmed":
      return state.status === "held" ? { ...state, status: "quarantined" } : state;
    case "put-in":
      if (state.status === "quarantined") return state;
      return { ...state, status: "quarantined", reason: event.reason, countedAt: event.at, reasonSince: event.at };
  }
}

/** What is left at a time of errors that were long ago. */
export function lapsed(state: AddressState, now: Instant, policy: QuarantinePolicy): AddressState {
  if (state.status !== "with-errors" || state.countedAt === null) return state;
  return now - state.countedAt > policyOf(state.reason, policy).resetAfter ? VALID : state;
}

type ErrorEvent = Extract<AddressEvent, { kind: "error" }>;

/** `before`: as it is written down, to be given back when nothing changes. */
function afterError(
  state: AddressState,
  { at, verdict, isDoubtful }: ErrorEvent,
  policy: QuarantinePolicy,
  before: AddressState,
): AddressState {
  const { type, reason } = verdict;
  if (!countsAgainstAddress({ ...verdict, action: "fail", rule: "" })) return before;
  if (state.status === "quarantined" || state.status === "held") return before;
  if (type === "soft" && state.countedAt !== null && at - state.countedAt < policy.gap) return before;
  const reasonSince = reason === state.reason && state.reasonSince !== null ? state.reasonSince : at;
  const counted = { reason, errors: state.errors + 1, countedAt: at, reasonSince };
  if (type === "hard") return { ...counted, status: isDoubtful && reason === "user-unknown" ? "held" : "quarantined" };
  const { limit, longest } = policyOf(reason, policy);
  const isOver =
    (limit !== null && counted.errors >= limit) || (longest !== null && at - counted.reasonSince >= longest);
  return { ...counted, status: isOver ? "quarantined" : "with-errors" };
}

function isOpen({ status }: AddressState): boolean {
  return status === "with-errors" || status === "held";
}

function policyOf(reason: FailureReason | null, policy: QuarantinePolicy): ReasonPolicy {
  return (reason === null ? undefined : policy.reasons[reason]) ?? policy;
}
