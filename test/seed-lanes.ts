/** Lanes and events of shaping for database tests, as senders tell them. */
import type { LaneFigures } from "../src/contract/shaping.ts";
import type { ShapingEvent } from "../src/core/shaping/restriction.ts";
import { HOUR, MINUTE } from "../src/core/time.ts";
import type { LaneRow } from "../src/features/lanes/index.ts";

export const laneFigures = (changes: Partial<LaneFigures> = {}): LaneFigures => ({
  waiting: 10,
  connections: 2,
  allowedConnections: 5,
  messagesPerHour: 1000,
  acceptedLastMinute: 12,
  deferredLastMinute: 3,
  refusedLastMinute: 1,
  constraint: "rate",
  why: "1,000 messages an hour by MX rule google since 09:00",
  suspendedUntil: null,
  lastReply: "250 ok",
  lastReplyAt: "2026-11-21T09:00:00.000Z",
  ...changes,
});

export const laneRow = (changes: Partial<LaneRow> = {}): LaneRow => ({
  source: "a",
  site: "mx.example.org",
  provider: "google",
  rule: "google",
  state: { connections: 5, messagesPerHour: 1000 },
  figures: laneFigures(),
  ...changes,
});

/** A lane suspended for an hour, a minute ago. */
export const shapingEvent = (changes: Partial<ShapingEvent> = {}): ShapingEvent => ({
  id: "e1",
  at: Date.now() - MINUTE,
  kind: "restricted",
  scope: { kind: "lane", source: "a", site: "mx.example.org" },
  provider: "google",
  cause: { kind: "reaction", rule: "google-4.7.28" },
  evidence: "421 4.7.28 unusual rate",
  effect: { kind: "suspend" },
  until: Date.now() + HOUR,
  deliveryId: 7,
  messageKey: "3-5",
  ...changes,
});
