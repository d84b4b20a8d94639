/**
 * What the name of a copy in a folder or object store says: what became of its message, and whether every other archive has its copy
 * too. A name only ever goes forward: what a receiving server took was sent, even if it bounces later.
 */
import type { MessageStatus } from "../delivery/status.ts";
import type { CopyState, CopyTiming } from "./archive.ts";
import type { CopyProgress } from "./copy-name.ts";

export type CopyFacts = {
  readonly status: MessageStatus;
  readonly timing: CopyTiming;
  /** What its name says now. */
  readonly named: CopyProgress;
  /** The copies of the message in each other archive of its delivery; null: none is due there. */
  readonly others: readonly (CopyState | null)[];
};

export type ReachedProgress = {
  readonly progress: CopyProgress;
  /** Nothing here changes any more, unless somebody reopens a copy that was given up. */
  readonly final: boolean;
};

export function progressOf({ status, timing, named, others }: CopyFacts): ReachedProgress {
  const sent = status === "sent" || timing === "after" || named !== "made";
  const everywhere = others.length > 0 && others.every((state) => state === "archived");
  const progress = named === "sent-archived" || (sent && everywhere) ? "sent-archived" : sent ? "sent" : "made";
  // A message that never left owes nothing to the archives that were not asked yet; one that was sent owes a copy to each.
  const pending = others.some((state) => state === "owed" || (state === null && sent));
  return { progress, final: progress === "sent-archived" || (isOver(status) && !pending) };
}

/** Held in doubt is not over: somebody may still decide. */
export function isOver(status: MessageStatus): boolean {
  return status === "sent" || status === "failed" || status === "cancelled";
}
