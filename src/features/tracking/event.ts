/** One reaction as it was taken: facts only. What it means is decided when it goes into the database. */
import type { Instant } from "../../core/time.ts";
import type { ArchiveSignal, ReactionKind } from "../../core/tracking/classify.ts";

export type TrackingEvent = {
  /** Given once, by the process that took the event: storing it twice changes nothing. */
  readonly id: string;
  readonly at: Instant;
  readonly kind: ReactionKind;
  readonly deliveryId: number;
  readonly partId: number;
  readonly seq: number;
  /** That was followed; 0: none, or one that the content does not number. */
  readonly link: number;
  /** The link is the one that nobody can see. */
  readonly honeypot: boolean;
  readonly posted: boolean;
  /**
   * By what it is known as a reaction to a copy, where that was settled when it was taken (a token of a copy, a page that acts);
   * null: is decided like all the rest.
   */
  readonly archive: readonly ArchiveSignal[] | null;
  readonly person: string;
  readonly ip: string;
  readonly userAgent: string;
};
