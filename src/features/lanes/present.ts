/** Lanes and events of shaping as the API shows them. */
import type { LaneAnswer, LaneFigures, ShapingEventAnswer } from "../../contract/shaping.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { EventRow } from "./events-store.ts";
import type { KnownLane } from "./store.ts";

/** Figures of all senders that share the lane are summed; what binds is said by the one with most messages. */
export function presentLane(lane: KnownLane): LaneAnswer {
  const { id, source, site, parts, pin } = lane;
  const [leading] = parts;
  if (!leading) throw new Error(`lane ${id} has no row`);
  return {
    id,
    source,
    site,
    provider: leading.provider,
    rule: leading.rule,
    sender: parts.map(({ sender }) => sender).join(", "),
    figures: { ...leading.figures, ...sums(parts.map(({ figures }) => figures)), ...lastReply(parts) },
    pin: pin && {
      connections: pin.connections,
      messagesPerHour: pin.messages_per_hour,
      actor: pin.actor,
      at: formatInstant(Date.parse(pin.at)),
    },
    updatedAt: formatInstant(Math.max(...parts.map(({ updatedAt }) => Date.parse(updatedAt)))),
  };
}

function sums(figures: readonly LaneFigures[]) {
  const sum = (of: (figures: LaneFigures) => number) => figures.reduce((total, one) => total + of(one), 0);
  return {
    waiting: sum((one) => one.waiting),
    connections: sum((one) => one.connections),
    allowedConnections: sum((one) => one.allowedConnections),
    messagesPerHour: figures.some((one) => one.messagesPerHour === null)
      ? null
      : sum((one) => one.messagesPerHour ?? 0),
    acceptedLastMinute: sum((one) => one.acceptedLastMinute),
    deferredLastMinute: sum((one) => one.deferredLastMinute),
    refusedLastMinute: sum((one) => one.refusedLastMinute),
  };
}

function lastReply(parts: KnownLane["parts"]): Pick<LaneFigures, "lastReply" | "lastReplyAt"> {
  const timeOf = ({ lastReplyAt }: LaneFigures) => (lastReplyAt === null ? 0 : Date.parse(lastReplyAt));
  const latest = parts.map(({ figures }) => figures).reduce((a, b) => (timeOf(b) > timeOf(a) ? b : a));
  return { lastReply: latest.lastReply, lastReplyAt: latest.lastReplyAt };
}

/** A restriction whose time is over ended by itself then. */
export function presentShapingEvent(row: EventRow, now: Instant): ShapingEventAnswer {
  const lapsed = row.kind === "restricted" && row.ended_at === null && row.until !== null && row.until <= now;
  const endedAt = lapsed ? row.until : row.ended_at;
  return {
    id: row.id,
    at: formatInstant(row.at),
    kind: row.kind,
    scope: row.scope,
    provider: row.provider,
    cause: { kind: row.cause, rule: row.rule },
    evidence: row.evidence,
    effect: row.effect,
    until: row.until === null ? null : formatInstant(row.until),
    endedAt: endedAt === null ? null : formatInstant(endedAt),
    endedBy: lapsed ? "time" : row.ended_by,
    deliveryId: row.delivery_id === null ? null : String(row.delivery_id),
    messageKey: row.message_key,
    sender: row.sender,
  };
}
