/**
 * What a single message has of its own besides its recipient's values: in a campaign all messages share these. It stands in the message's
 * row beside the values, under a name that no template can write, so that its bytes stay a function of its row.
 */
import type { Instant } from "../time.ts";
import type { DeliveryState, MessageStatus } from "./status.ts";

const NAME = "envoi:single";

export type SingleFacts = {
  /** Its date: when it was to leave, the same at every attempt. */
  readonly at: Instant;
  /** Nothing of it leaves at or after this. */
  readonly until: Instant;
  /** Which content is its; null: that of its carrier. */
  readonly content: number | null;
};

type Values = Readonly<Record<string, unknown>>;

export function withSingleFacts(values: Values, facts: SingleFacts): Values {
  return { ...values, [NAME]: facts };
}

/** Only ask of messages of a carrier: elsewhere a file may have brought a value of this name. */
export function singleFactsOf(values: Values): SingleFacts | null {
  return (values[NAME] as SingleFacts | undefined) ?? null;
}

/** The values as they came. */
export function withoutSingleFacts(values: Values): Values {
  const { [NAME]: _facts, ...rest } = values;
  return rest;
}

export const SINGLE_STATUSES = [
  "scheduled",
  "queued",
  "paused",
  "retrying",
  "sent",
  "failed",
  "expired",
  "ignored",
  "cancelled",
  "in-doubt",
] as const;
export type SingleStatus = (typeof SINGLE_STATUSES)[number];

export type SingleState = {
  readonly status: MessageStatus;
  /** Why it was never to leave. */
  readonly ignored: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: Instant | null;
  /** Its time was over before a server took it. */
  readonly expired: boolean;
  readonly carrier: DeliveryState;
};

/** What whoever sent it reads. */
export function singleStatus(state: SingleState, now: Instant): SingleStatus {
  const { status, carrier, nextAttemptAt } = state;
  switch (status) {
    case "sent":
    case "in-doubt":
      return status;
    case "cancelled":
      return state.ignored === null ? "cancelled" : "ignored";
    case "failed":
      return state.expired ? "expired" : "failed";
    case "pending":
    case "taken-into-account":
      if (carrier === "paused" || carrier === "pausing") return "paused";
      if (status === "taken-into-account") return "retrying";
      return state.attempts === 0 && nextAttemptAt !== null && nextAttemptAt > now ? "scheduled" : "queued";
  }
}
