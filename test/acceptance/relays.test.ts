/** Acceptance statements 10, 11 and 25: what is believed of a relay, by its profile. */
import { expect, test } from "vitest";

import type { Verdict } from "../../src/core/bounce/verdict.ts";
import { afterWord } from "../../src/core/delivery/final-word.ts";
import { next, type Attempted, type RelayProfile } from "../../src/core/delivery/next.ts";
import { afterLateAnswer } from "../../src/core/inbound/late-answer.ts";
import type { Outcome } from "../../src/core/smtp/outcome.ts";
import { HOUR, MINUTE } from "../../src/core/time.ts";

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
  expect(next(attempted(null), LATER, SOFT)).toMatchObject({ status: "taken-into-account", reason: "mailbox-full" });
  expect(next(attempted(null, END - 1), LATER, SOFT)).toMatchObject({ status: "failed", reason: "mailbox-full" });
});

test("11: classic profile: what a relay took is sent at once; a hard bounce makes it failed, a delay changes nothing but the reason", () => {
  expect(next(attempted("classic"), TAKEN, null)).toMatchObject({ status: "sent", isFinal: true });
  const told = (word: "failed" | "delayed", verdict: Verdict) =>
    afterLateAnswer("sent", START + MINUTE, { word, verdict, receivedAt: START + HOUR });
  expect(told("failed", HARD)).toEqual({ kind: "final", status: "failed", type: "hard", reason: "user-unknown" });
  expect(told("delayed", SOFT)).toEqual({ kind: "reason", type: "soft", reason: "mailbox-full" });
});

test("25: through a relay all is sent in the classic profile; the confirmed one marks what was relayed until its final word", () => {
  const marks = (["classic", "confirmed"] as const).map((profile) => {
    const decision = next(attempted(profile), TAKEN, null);
    return decision.kind === "settle" ? [decision.status, decision.relayed] : [];
  });
  expect(marks).toEqual([
    ["sent", false],
    ["taken-into-account", true],
  ]);
});
