/**
 * What webhooks are told: one list of names, each with what happened. A name stands for one shape of `data` for good; what an
 * event has besides may grow.
 */
export const EVENT_MEANINGS = {
  "message.queued": "a delivery began, and this recipient's message waits to be sent",
  "message.excluded": "a delivery began, and this person of its target gets no message, with the reason",
  "message.deferred": "a server or the network made the message wait; it is tried again",
  "message.delivered": "the receiving server took the message",
  "message.bounced": "a server refused the message for good, at once or by a mail later",
  "message.failed": "the message could not be made, or its time ran out",
  "message.complained": "the recipient called the message spam",
  "message.opened": "the message was opened, by a person or a program",
  "message.clicked": "a link of the message was followed, by a person or a program",
  "contact.unsubscribed": "a recipient wants no more mail",
  "contact.resubscribed": "a recipient took their unsubscription back",
  "address.quarantined": "an address receives nothing any more because it failed",
  "address.released": "an address is out of quarantine, or off the denylist",
  "address.denylisted": "an address is on the denylist",
  "delivery.created": "a delivery was created",
  "delivery.analyzed": "the analysis of a delivery ended",
  "delivery.approved": "an approval of a delivery was given",
  "delivery.rejected": "an approval of a delivery was refused",
  "delivery.confirmed": "somebody confirmed that a delivery may go",
  "delivery.scheduled": "a delivery will begin at a date",
  "delivery.unscheduled": "a delivery will not begin at its date",
  "delivery.started": "a delivery began",
  "delivery.paused": "a delivery was paused",
  "delivery.held": "a delivery paused by itself, with the reason",
  "delivery.resumed": "a delivery goes on",
  "delivery.completed": "every message of a delivery is final",
  "delivery.cancelled": "a delivery was stopped; what had not left is cancelled",
  "delivery.failed": "an analysis failed, or a delivery missed its date",
  "delivery.deleted": "a delivery was deleted",
  "series.missed": "a date of a series passed without a delivery, because nothing ran or a later date had come too",
  "series.failed": "the delivery of a date of a series could not be made, with the reason",
  "domain.dns_error": "the DNS of a sending domain has an error",
  "alert.raised": "there is something that somebody must look at",
  "alert.resolved": "what an alert was about is over",
  "retention.failed": "the nightly job ended, and steps of it failed",
  "webhook.disabled": "a webhook was switched off because it failed for too long, or said that it is gone",
  "webhook.test": "somebody wants to see whether the webhook works",
} as const;

export type EventType = keyof typeof EVENT_MEANINGS;
export const EVENT_TYPES = Object.keys(EVENT_MEANINGS) as [EventType, ...EventType[]];

/** Of all events there are and will be. */
export const ALL_EVENTS = "*";

/** Kinds of the delivery's own log that have another name outside. */
const DELIVERY_EVENTS: ReadonlyMap<string, EventType> = new Map([
  ["analysis.finished", "delivery.analyzed"],
  ["analysis.failed", "delivery.failed"],
  ["delivery.missed", "delivery.failed"],
  ["delivery.finished", "delivery.completed"],
  ["delivery.stopped", "delivery.cancelled"],
  ["delivery.called-back", "delivery.unscheduled"],
  ["approval.given", "delivery.approved"],
  ["approval.rejected", "delivery.rejected"],
]);

/** Null: nobody outside is told. */
export function typeOfDeliveryEvent(kind: string): EventType | null {
  return DELIVERY_EVENTS.get(kind) ?? EVENT_TYPES.find((type) => type === kind) ?? null;
}

/** What an outcome is called; null: nobody is told (test runs, messages in doubt). */
export function typeOfOutcome({ kind, status }: { readonly kind: string; readonly status: string }): EventType | null {
  switch (status) {
    case "sent":
      return kind === "tested" || kind === "verified" ? null : "message.delivered";
    case "taken-into-account":
      return "message.deferred";
    case "failed":
      return kind === "refused" || kind === "bounce" || kind === "final-word" ? "message.bounced" : "message.failed";
    default:
      return null;
  }
}
