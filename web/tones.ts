/** Which tone a state word wears (styles/tokens.css). Exhaustive by type: a new word without a tone does not compile. */
import type { DeliveryState, MessageStatus } from "../src/contract/index.ts";

export type Tone = "sent" | "retry" | "failed" | "waiting" | "doubt" | "excluded" | "paused";

export const STATE_TONE: Record<DeliveryState, Tone> = {
  editing: "waiting",
  analysing: "waiting",
  ready: "waiting",
  scheduled: "waiting",
  "start-pending": "waiting",
  "in-progress": "sent",
  pausing: "paused",
  paused: "paused",
  stopping: "excluded",
  stopped: "excluded",
  finished: "sent",
};

export const STATUS_TONE: Record<MessageStatus, Tone> = {
  pending: "waiting",
  "taken-into-account": "retry",
  sent: "sent",
  failed: "failed",
  cancelled: "excluded",
  "in-doubt": "doubt",
};
