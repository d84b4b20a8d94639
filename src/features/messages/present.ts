/** Single messages as the contract shows them. */
import type { SingleMessage } from "../../contract/index.ts";
import { singleStatus } from "../../core/delivery/single.ts";
import { type DeliveryState, formatKey, type MessageStatus } from "../../core/delivery/status.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Placed } from "./accept-store.ts";

const textOrNull = (at: Instant | null) => (at === null ? null : formatInstant(at));

/** As it is in the moment in which it was accepted. */
export function presentAccepted({ message, partId, seq, known }: Placed, now: Instant): SingleMessage {
  const state = {
    status: known.against === null ? "pending" : "cancelled",
    ignored: known.against,
    attempts: 0,
    nextAttemptAt: message.sendAt,
    expired: false,
    carrier: "in-progress",
  } as const;
  return {
    id: formatKey({ partId, seq }),
    externalId: message.externalId,
    to: message.address.address,
    status: singleStatus(state, now),
    ignored: known.against,
    type: null,
    reason: null,
    reply: null,
    attempts: 0,
    template: message.template === null ? null : String(message.template.id),
    subject: message.subject,
    acceptedAt: formatInstant(now),
    sendAt: textOrNull(message.sendAt),
    expiresAt: formatInstant(message.until),
    nextAttemptAt: known.against === null ? textOrNull(message.sendAt) : null,
    finalAt: known.against === null ? null : formatInstant(now),
    tags: [...message.tags],
    metadata: { ...message.metadata },
  };
}

export type SingleRow = Pick<
  SingleMessage,
  "ignored" | "type" | "reason" | "reply" | "attempts" | "subject" | "tags" | "metadata"
> & {
  part_id: number;
  seq: number;
  external_id: string | null;
  address: string;
  status: MessageStatus;
  state: DeliveryState;
  expired: boolean | null;
  template_id: number | null;
  accepted_at: Instant;
  send_at: Instant | null;
  expires_at: Instant;
  next_attempt_at: Instant | null;
  final_at: Instant | null;
};

export function presentSingle(row: SingleRow, now: Instant): SingleMessage {
  const { status, ignored, attempts, next_attempt_at: nextAttemptAt, state: carrier } = row;
  return {
    id: formatKey({ partId: row.part_id, seq: row.seq }),
    externalId: row.external_id,
    to: row.address,
    status: singleStatus({ status, ignored, attempts, nextAttemptAt, expired: row.expired === true, carrier }, now),
    ignored,
    type: row.type,
    reason: row.reason,
    reply: row.reply,
    attempts,
    template: row.template_id === null ? null : String(row.template_id),
    subject: row.subject,
    acceptedAt: formatInstant(row.accepted_at),
    sendAt: textOrNull(row.send_at),
    expiresAt: formatInstant(row.expires_at),
    nextAttemptAt: textOrNull(nextAttemptAt),
    finalAt: textOrNull(row.final_at),
    tags: row.tags,
    metadata: row.metadata,
  };
}
