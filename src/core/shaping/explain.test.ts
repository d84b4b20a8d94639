import { describe, expect, test } from "vitest";

import { HOUR, MINUTE } from "../time.ts";
import {
  byWaiting,
  type DeliveryFacts,
  explainDelivery,
  explainMessage,
  type LaneFact,
  type MessageFacts,
} from "./explain.ts";

const NOW = Date.UTC(2026, 10, 21, 9);

const lane = (changes: Partial<LaneFact> = {}): LaneFact => ({
  laneId: "1",
  provider: "google",
  site: "mx.example.org",
  source: "a",
  waiting: 600,
  constraint: "none",
  why: "",
  until: null,
  ...changes,
});
const RATE = lane({ constraint: "rate", why: "1,000 messages an hour by MX rule google" });
const delivery = (changes: Partial<DeliveryFacts> = {}): DeliveryFacts => ({
  now: NOW,
  state: "in-progress",
  holdReason: null,
  stoppedBy: null,
  pending: 900,
  retrying: 100,
  nextRetryAt: NOW + HOUR,
  leasedParts: 2,
  senders: 1,
  sources: 1,
  pool: null,
  waitingFor: null,
  speed: null,
  acceptedLastMinute: 10,
  lanes: [],
  ...changes,
});
const stoppedBy = { actor: "admin", at: NOW - HOUR };

describe("a delivery", () => {
  test.each<[string, Partial<DeliveryFacts>, string, RegExp, number | null]>([
    ["not begun", { state: "ready", senders: 0 }, "none", /not started/, null],
    ["over", { state: "finished", pending: 0 }, "none", /is over/, null],
    ["paused", { state: "paused", stoppedBy }, "paused", /paused by admin at 2026-11-21T08:00:00.000Z/, null],
    ["held", { state: "pausing", holdReason: "535 no", stoppedBy }, "paused", /by itself: 535 no/, null],
    ["being stopped", { state: "stopping", stoppedBy }, "paused", /stopped by admin/, null],
    ["without a sender", { senders: 0, sources: 0 }, "no-source", /No sender process/, null],
    ["without a source", { sources: 0, pool: "Cold" }, "no-source", /No source of the pool "Cold"/, null],
    [
      "waiting for an archive",
      { waitingFor: "The archive rests", lanes: [RATE] },
      "archive",
      /The archive rests/,
      null,
    ],
    ["with retries only", { pending: 0 }, "retry-wait", /All 100 messages .* 2026-11-21T10:00/, NOW + HOUR],
    ["with one retry", { pending: 0, retrying: 1 }, "retry-wait", /The message that is left waits/, NOW + HOUR],
    ["with retries that are due", { pending: 0, nextRetryAt: NOW, lanes: [RATE] }, "rate", /goes to google/, null],
    ["at its speed", { speed: 600, lanes: [RATE] }, "delivery-speed", /600 messages an hour/, null],
    [
      "far below its speed",
      { speed: 6000, lanes: [RATE] },
      "rate",
      /60 % of what is left goes to google from a: 1,000/,
      null,
    ],
    [
      "to several lanes: most of its messages speak",
      {
        lanes: [
          lane({ waiting: 300, constraint: "back-off", why: "rests", until: NOW + MINUTE }),
          RATE,
          lane({ waiting: 900 }),
        ],
      },
      "rate",
      /60 %/,
      null,
    ],
    [
      "to a small lane",
      { lanes: [lane({ waiting: 3, constraint: "dns", why: "x" })] },
      "dns",
      /^3 of its messages/,
      null,
    ],
    [
      "to a suspended lane",
      { lanes: [lane({ constraint: "suspended", why: "421", until: NOW + HOUR })] },
      "suspended",
      /421/,
      NOW + HOUR,
    ],
    ["sending", { lanes: [lane()] }, "none", /it is sending/, null],
    ["not taken yet", { leasedParts: 0 }, "none", /about to take/, null],
    ["with nothing left", { pending: 0, retrying: 0 }, "none", /Nothing is left/, null],
  ])("%s", (_, facts, constraint, why, until) => {
    const answer = explainDelivery(delivery(facts));
    expect(answer).toMatchObject({ constraint, until });
    expect(answer.why).toMatch(why);
  });

  test("lanes by messages that wait for them; among equals those that are held back first", () => {
    const lanes = [lane({ waiting: 1 }), lane({ waiting: 5 }), lane({ waiting: 5, constraint: "rate" })];
    expect(byWaiting(lanes).map(({ waiting, constraint }) => [waiting, constraint])).toEqual([
      [5, "rate"],
      [5, "none"],
      [1, "none"],
    ]);
  });
});

const message = (changes: Partial<MessageFacts> = {}): MessageFacts => ({
  now: NOW,
  status: "pending",
  relayed: false,
  validUntil: NOW + 24 * HOUR,
  nextAttemptAt: null,
  lastReply: null,
  isLeased: true,
  partDueAt: null,
  delivery: { state: "in-progress", constraint: "rate", why: "the delivery", until: null },
  lane: lane(),
  ...changes,
});
const state = (changes: Partial<MessageFacts["delivery"]>): Partial<MessageFacts> => ({
  delivery: { ...message().delivery, ...changes },
});

describe("a message", () => {
  test.each<[string, Partial<MessageFacts>, string, RegExp, number | null]>([
    ["sent", { status: "sent" }, "none", /was sent/, null],
    ["failed", { status: "failed", lastReply: "550 no" }, "none", /failed: 550 no/, null],
    ["failed without a reply", { status: "failed" }, "none", /^It failed$/, null],
    ["cancelled", { status: "cancelled" }, "none", /cancelled/, null],
    ["in doubt", { status: "in-doubt" }, "paused", /somebody has to decide/, null],
    ["at a relay", { status: "taken-into-account", relayed: true }, "remote", /last word/, NOW + 24 * HOUR],
    [
      "of a paused delivery",
      { ...state({ state: "paused", constraint: "paused", why: "by admin" }), nextAttemptAt: NOW + HOUR },
      "paused",
      /by admin/,
      null,
    ],
    [
      "deferred",
      { status: "taken-into-account", nextAttemptAt: NOW + HOUR, lastReply: "451 later" },
      "retry-wait",
      /at 2026-11-21T10:00:00.000Z; the server said: 451 later/,
      NOW + HOUR,
    ],
    ["put off by its lane", { nextAttemptAt: NOW + HOUR, lane: RATE }, "rate", /10:00.*1,000/, NOW + HOUR],
    ["put off", { nextAttemptAt: NOW + HOUR }, "retry-wait", /10:00/, NOW + HOUR],
    ["without a source", state({ constraint: "no-source", why: "none" }), "no-source", /none/, null],
    ["in a lane that is held back", { lane: RATE }, "rate", /^1,000/, null],
    ["in a lane that sends", {}, "none", /A sender has it/, null],
    ["in a part that rests", { isLeased: false, partDueAt: NOW + MINUTE }, "retry-wait", /09:01/, NOW + MINUTE],
    [
      "of a slow delivery",
      { ...state({ constraint: "delivery-speed", why: "slow" }), isLeased: false },
      "delivery-speed",
      /slow/,
      null,
    ],
    ["whose turn comes", { isLeased: false, partDueAt: NOW, lane: null }, "none", /its turn comes/, null],
  ])("%s", (_, facts, constraint, why, until) => {
    const answer = explainMessage(message(facts));
    expect(answer).toMatchObject({ constraint, until });
    expect(answer.why).toMatch(why);
    expect(Object.keys(answer).sort()).toEqual(["constraint", "until", "why"]);
  });
});
