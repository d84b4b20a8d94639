/**
 * What happens to a delivery, as the operator reads it in the event strip and in the audit: one list of the kinds, one
 * way to record one. Not the process log and not what happens to single messages (that is the delivery log).
 */
import type { Instant } from "../core/time.ts";
import { typeOfDeliveryEvent } from "../core/webhook/event-types.ts";
import { timestamp, type Queryable } from "./db.ts";
import { putOutbox } from "./outbox.ts";

/** The one list of kinds; the screens have words for each. */
type DeliveryEventKind =
  | "delivery.created"
  | "delivery.edited"
  | "analysis.started"
  | "analysis.finished"
  | "analysis.failed"
  | "analysis.cancelled"
  | "analysis.gave-way"
  | "analysis.went-first"
  | "delivery.confirmed"
  | "delivery.called-back"
  | "delivery.scheduled"
  | "delivery.unscheduled"
  | "delivery.missed"
  | "delivery.started"
  | "delivery.proofed"
  | "delivery.retried-failed"
  | "delivery.continued"
  | "delivery.not-continued"
  | "delivery.paused"
  | "delivery.resumed"
  | "delivery.stopped"
  | "delivery.held"
  | "delivery.paced"
  | "delivery.finished"
  | "delivery.deleted"
  | "delivery.waits"
  | "delivery.wave-started"
  | "approval.asked"
  | "approval.given"
  | "approval.rejected"
  | "approval.lapsed"
  | "approval.reminded";

/** NOTIFY channel; the payload is a delivery id. Says that its counters, state or events changed. */
export const PROGRESS_CHANNEL = "envoi_progress";

/** NOTIFY channel: sources, pools, MX rules, pins, restrictions or warm-ups changed; senders read them anew. */
export const SHAPING_CHANNEL = "envoi_shaping";

/** NOTIFY channel: the installation is held, or it is not any more. */
export const INSTALLATION_CHANNEL = "envoi_installation";

/** NOTIFY channel: mail came in and waits to be processed. */
export const INBOUND_CHANNEL = "envoi_inbound";

/** NOTIFY channel: past messages are to be judged again, or to become what they were. */
export const REQUALIFY_CHANNEL = "envoi_requalify";

/** NOTIFY channel: an attribute is to be indexed, or an import to be taken back. */
export const AUDIENCE_CHANNEL = "envoi_audience";

/** NOTIFY channel: a mailbox is to be looked into, or was changed. */
export const MAILBOX_CHANNEL = "envoi_mailboxes";

/** NOTIFY channel: a mail to people who run Envoi is owed. */
export const NOTICE_CHANNEL = "envoi_notices";

/** NOTIFY channel: single messages are due; the payload is the id of their carrier. */
export const SINGLES_CHANNEL = "envoi_singles";

/** NOTIFY channel: somebody called a message spam; the payload is a `ComplaintNote` as JSON. Senders weigh it against what was accepted. */
export const COMPLAINT_CHANNEL = "envoi_complaint";

/** From where the message had left, and where it had gone. */
export type ComplaintNote = {
  readonly partId: number;
  /** Null: no registered source. */
  readonly sourceId: number | null;
  readonly source: string;
  readonly site: string;
  readonly provider: string;
  readonly domain: string;
};

type NewEvent = {
  readonly deliveryId: number;
  readonly kind: DeliveryEventKind;
  /** Label of the token that acted, `cli`, or the part of the system that did. */
  readonly actor: string;
  readonly at: Instant;
  readonly detail?: Readonly<Record<string, unknown>>;
};

/** Belongs into the transaction of the change itself: either both are there or neither. Live pages hear of it at commit, webhooks after. */
export async function recordEvent(tx: Queryable, event: NewEvent): Promise<void> {
  await tx.query(
    `with recorded as (
       insert into delivery_events (delivery_id, at, kind, actor, detail) values ($1, $2, $3, $4, $5) returning delivery_id)
     select pg_notify($6, delivery_id::text) from recorded`,
    [
      event.deliveryId,
      timestamp(event.at),
      event.kind,
      event.actor,
      JSON.stringify(event.detail ?? {}),
      PROGRESS_CHANNEL,
    ],
  );
  const type = typeOfDeliveryEvent(event.kind);
  const { deliveryId, kind, actor, detail = {} } = event;
  if (type !== null) await putOutbox(tx, "delivery", [type], () => ({ deliveryId, kind, actor, detail }), event.at);
}
