/** The status words of a message and of a delivery, one union each; the contract, the log and the screens use the same. */

export type MessageStatus = "pending" | "taken-into-account" | "sent" | "failed" | "cancelled" | "in-doubt";

export const DELIVERY_STATES = [
  "editing",
  "analysing",
  "ready",
  "scheduled",
  "start-pending",
  "in-progress",
  "pausing",
  "paused",
  "stopping",
  "stopped",
  "finished",
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Why a targeted row gets no message. */
export type ExclusionReason =
  | "address-not-specified"
  | "invalid-address"
  | "duplicate"
  | "denylisted"
  | "quarantined"
  /** On the list of global suppression: counted, never listed. */
  | "suppressed"
  | "bad-quality"
  | "excluded-by-rule"
  /** By a pressure or a capacity rule. */
  | "excluded-by-arbitration"
  | "size-limited"
  | "control-address";

/** Key of a message: its delivery part and its number within the part. Written `PART-SEQ` outside. */
export type MessageKey = { readonly partId: number; readonly seq: number };

export function formatKey(key: MessageKey): string {
  return `${key.partId}-${key.seq}`;
}

/** Reads `PART-SEQ`; null for anything else. */
export function parseKey(text: string): MessageKey | null {
  const match = /^([1-9]\d{0,14})-(\d{1,9})$/.exec(text);
  return match ? { partId: Number(match[1]), seq: Number(match[2]) } : null;
}
