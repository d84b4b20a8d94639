/** Acceptance statements 10 and 11: what is believed of a relay, by its profile. */
import { expect, test } from "vitest";

import type { Verdict } from "../../src/core/bounce/verdict.ts";
import { afterWord } from "../../src/core/delivery/final-word.ts";
import { next, type Attempted, type RelayProfile } from "../../src/core/delivery/next.ts";
import { afterLateAnswer } from "../../src/core/inbound/late-answer.ts";
import type { Outcome } from "../../src/core/smtp/outcome.ts";
import { HOUR, MINUTE } from "../../src/core/time.ts";
import { presentIndicators } from "../../src/features/deliveries/index.ts";

const START = Date.parse("2026-11-21T09:00:00Z");
const END = START + 84 * HOUR;
const TAKEN: Outcome = { kind: "accepted", reply: { code: 250, enhanced: "2.0.0", lines: ["ok"] } };
const LATER: Outcome = {
  kind: "refused",
  stage: "rcpt",
  reply: { code: 452, enhanced: "4.2.2", lines: ["mailbox full"] },
};
const SOFT: Verdict = { type: "soft", reason: "mailbox-full", action: "retry", scope: "address", rule: "full" };
const HARD: Verdict = { type: "hard", reason: "user-unknown", action: "fail", scope: "address", rule: "unknown" };

const attempted = (relay: RelayProfile | null, now = START + MINUTE): Attempted => ({
  attempt: 1,
  now,
  validUntil: END,
  inDoubtPolicy: "retry",
  random: 0.5,
  retries: { mode: "adaptive" },
  firstAttemptAt: START,
  mode: "live",
  relay,
});

/** Of a delivery to four people. */
function figures(sums: { sent?: number; retrying?: number; failed?: number }) {
  const copies = { copies_due: 0, copies_archived: 0, copies_owed: 0, copies_given_up: 0 };
  const ofSeeds = { seed_copies_due: 0, seed_copies_archived: 0, seed_copies_owed: 0, seed_copies_given_up: 0 };
  const none = {
    parts: 1,
    waiting: 0,
    retrying: 0,
    sent: 0,
    failed: 0,
    cancelled: 0,
    in_doubt: 0,
    ...copies,
    ...ofSeeds,
  };
  return presentIndicators({ targeted: 4, excluded: 0, to_deliver: 4, ...none, ...sums });
}

test("10: confirmed profile: what a relay took is taken into account, a delay only says why, its final word counts; what cannot be delivered has failed at the end", () => {
  expect(next(attempted("confirmed"), TAKEN, null)).toMatchObject({
    status: "taken-into-account",
    relayed: true,
    isFinal: false,
    nextAt: END,
  });
  expect(afterWord("taken-into-account", "delayed", SOFT)).toEqual({
    kind: "reason",
    type: "soft",
    reason: "mailbox-full",
  });
  expect(afterWord("taken-into-account", "delivered", SOFT)).toMatchObject({ kind: "final", status: "sent" });
  expect(afterWord("taken-into-account", "failed", HARD)).toMatchObject({ kind: "final", status: "failed" });
  expect(figures({ retrying: 3, sent: 1 })).toMatchObject({ takenIntoAccount: 3, pending: 3, successRate: 0.25 });
  expect(next(attempted(null), LATER, SOFT)).toMatchObject({ status: "taken-into-account", reason: "mailbox-full" });
  expect(next(attempted(null, END - 1), LATER, SOFT)).toMatchObject({ status: "failed", reason: "mailbox-full" });
});

test("11: classic profile: what a relay took is sent at once; a hard bounce makes it failed, a delay changes nothing but the reason", () => {
  expect(next(attempted("classic"), TAKEN, null)).toMatchObject({ status: "sent", isFinal: true });
  expect(figures({ sent: 4 }).successRate).toBe(1);
  expect(figures({ sent: 3, failed: 1 }).successRate).toBe(0.75);
  const told = (word: "failed" | "delayed", verdict: Verdict) =>
    afterLateAnswer("sent", START + MINUTE, { word, verdict, receivedAt: START + HOUR });
  expect(told("failed", HARD)).toEqual({ kind: "final", status: "failed", type: "hard", reason: "user-unknown" });
  expect(told("delayed", SOFT)).toEqual({ kind: "reason", type: "soft", reason: "mailbox-full" });
});
