/**
 * A leased part in memory. Its messages are loaded in slices; it is given back when every loaded message is settled or
 * put off, every outcome is committed and nothing more is to be loaded.
 */
import type { Instant } from "../core/time.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import type { Lease } from "./store.ts";

export type HeldPart = {
  readonly lease: Lease;
  readonly delivery: SendableDelivery;
  /** Loaded messages that are not settled and not put off. */
  outstanding: number;
  /** Outcomes on their way into the database. */
  uncommitted: number;
  /** Copies of messages that are settled already, on their way to the archive with the bytes in hand. */
  copies: number;
  /** Number of the last message loaded. */
  cursor: number;
  /** No more is to be loaded: the end was reached, or the part is to be given back early. */
  exhausted: boolean;
  loading: boolean;
  /** The lease went to somebody else: nothing of this part may be sent any more. */
  lost: boolean;
  /** Messages were put off until then: the part is not due before. */
  notBefore: Instant;
};

export function holdPart(lease: Lease, delivery: SendableDelivery): HeldPart {
  return {
    lease,
    delivery,
    outstanding: 0,
    uncommitted: 0,
    copies: 0,
    cursor: -1,
    exhausted: false,
    loading: false,
    lost: false,
    notBefore: 0,
  };
}

/** A message goes back to its part unattempted and is not to be tried before `until`. */
export function putOff(part: HeldPart, until: Instant): void {
  part.outstanding--;
  part.notBefore = part.notBefore === 0 ? until : Math.min(part.notBefore, until);
}

export function isDone(part: HeldPart): boolean {
  return part.exhausted && !part.loading && part.outstanding === 0 && part.uncommitted === 0 && part.copies === 0;
}
