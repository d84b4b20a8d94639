/** What requalifying does to the quarantine of an address whose messages it judged otherwise. Pure. */
import type { FailureReason, FailureType } from "../../core/bounce/verdict.ts";

export type AddressFacts = {
  /** Null: nothing is held against it. */
  readonly status: "with-errors" | "held" | "quarantined" | null;
  readonly reason: FailureReason | null;
  /** An answer put it there, no person. */
  readonly byAnswer: boolean;
  /** What the message that put it there was, where requalifying changed it; null: it did not. */
  readonly heldBy: { readonly before: FailureType; readonly now: FailureType; readonly reason: FailureReason } | null;
  /** Another message failed for good since the address was valid last. */
  readonly hardElsewhere: boolean;
  /** A message is hard now that was not. */
  readonly newlyHard: boolean;
  /** After that message: one was accepted, or a person let the address go. */
  readonly acquitted: boolean;
  readonly isAllowed: boolean;
};

export type AddressEffect = "quarantine" | "release" | "reason" | null;

/** Soft errors that were counted, or would have been, are not counted again: they lapse by themselves. */
export function effectOn(facts: AddressFacts): AddressEffect {
  const { status, heldBy, newlyHard } = facts;
  if (status === "quarantined" || status === "held") {
    if (!facts.byAnswer || heldBy === null) return null;
    if (!stopped(heldBy.before, heldBy.now)) {
      return heldBy.now === "hard" && heldBy.reason !== facts.reason ? "reason" : null;
    }
    return facts.hardElsewhere || newlyHard ? null : "release";
  }
  return newlyHard && !facts.acquitted && !facts.isAllowed ? "quarantine" : null;
}

/** Whether what put it there would not any more. */
function stopped(before: FailureType, now: FailureType): boolean {
  if (before === "hard") return now !== "hard";
  return before === "soft" && now !== "soft" && now !== "hard";
}
