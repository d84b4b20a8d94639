/** Rows of the log as the contract shows them. */
import type { Attempt, Copy, Destination, LiveIndicators, LogLine } from "../../contract/index.ts";
import { formatKey, type DeliveryState, type MessageStatus } from "../../core/delivery/status.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { hideAddresses } from "../archive/index.ts";
import { presentIndicators, type PartSums } from "../deliveries/index.ts";

export type IndicatorRow = PartSums & {
  state: DeliveryState;
  hold_reason: string | null;
  targeted: number;
  excluded: number;
  to_deliver: number;
  on_wire: number;
  waiting_for: string | null;
};

/** One text goes to all who watch, so where copies go is left out of it. */
export function presentLive(row: IndicatorRow, rate: number | null, now: Instant): LiveIndicators {
  const indicators = presentIndicators(row);
  return {
    ...indicators,
    state: row.state,
    holdReason: row.hold_reason,
    onWire: row.on_wire,
    waitingFor: row.state === "in-progress" && row.waiting_for !== null ? hideAddresses(row.waiting_for) : null,
    rate,
    etaSeconds: rate === null || rate === 0 ? null : Math.ceil(indicators.pending / rate),
    at: formatInstant(now),
  };
}

export type DestinationRow = {
  domain: string;
  to_deliver: number;
  sent: number;
  failed: number;
  retrying: number;
  last_reply: string | null;
  last_reply_at: Instant | null;
};

/** `over`: the delivery has ended, so what was not sent or refused was cancelled and waits no more. */
export function presentDestination(row: DestinationRow, over: boolean): Destination {
  const pending = Math.max(0, row.to_deliver - row.sent - row.failed);
  return {
    domain: row.domain,
    toDeliver: row.to_deliver,
    sent: row.sent,
    failed: row.failed,
    retrying: over ? 0 : row.retrying,
    pending: over ? 0 : pending,
    lastReply: row.last_reply,
    lastReplyAt: instantOrNull(row.last_reply_at),
  };
}

export type MessageRow = {
  part_id: number;
  seq: number;
  address: string;
  status: MessageStatus;
  type: LogLine["type"];
  reason: LogLine["reason"];
  attempts: number;
  in_doubt: boolean;
  final_at: Instant | null;
  archived: boolean;
  seed: boolean | null;
  first_at: Instant | null;
  reply: string | null;
  mx: string | null;
};

export function presentLogLine(row: MessageRow): LogLine {
  return {
    key: formatKey({ partId: row.part_id, seq: row.seq }),
    recipient: row.address,
    status: row.status,
    type: row.type,
    reason: row.reason,
    attempts: row.attempts,
    reply: row.reply,
    mx: row.mx,
    firstAttemptAt: instantOrNull(row.first_at),
    finalAt: instantOrNull(row.final_at),
    archived: row.archived,
    inDoubt: row.in_doubt,
    ...(row.seed ? { seed: true as const } : {}),
  };
}

export type AttemptRow = Omit<Attempt, "at" | "sourceIp" | "durationMs"> & {
  at: Instant;
  source_ip: string | null;
  duration_ms: number | null;
};

export function presentAttempt({ at, source_ip, duration_ms, ...row }: AttemptRow): Attempt {
  return { ...row, at: formatInstant(at), sourceIp: source_ip, durationMs: duration_ms };
}

export type CopyRow = {
  archive: number;
  name: string;
  state: Copy["state"];
  attempts: number;
  in_doubt: boolean;
  due_since: Instant;
  next_attempt_at: Instant | null;
  archived_at: Instant | null;
  reply: string;
  digest: Buffer | null;
  inert: boolean;
  location: string | null;
  seed: boolean;
};

/** `mask` takes out of a text what the reader may not see. */
export function presentCopy(row: CopyRow, key: string, deliveryId: string, mask: (text: string) => string): Copy {
  return {
    key,
    deliveryId,
    archiveId: String(row.archive),
    archiveName: mask(row.name),
    state: row.state,
    attempts: row.attempts,
    inDoubt: row.in_doubt,
    dueSince: formatInstant(row.due_since),
    nextAttemptAt: instantOrNull(row.next_attempt_at),
    archivedAt: instantOrNull(row.archived_at),
    reply: mask(row.reply),
    digest: row.digest?.toString("hex") ?? null,
    inert: row.inert,
    location: row.location,
    seed: row.seed,
  };
}

export function instantOrNull(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}
