import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Verdict } from "../bounce/verdict.ts";
import type { Outcome } from "../smtp/outcome.ts";
import { DAY, HOUR, MINUTE } from "../time.ts";
import { next, type Attempted } from "./next.ts";
import type { Retries } from "./retry-plan.ts";

const at: Attempted = {
  attempt: 1,
  now: 1000,
  validUntil: 5 * DAY,
  inDoubtPolicy: "retry",
  random: 0.5,
  retries: { mode: "adaptive" },
  firstAttemptAt: 1000,
  mode: "live",
  wait: null,
  relay: null,
};
const verdict = (part: Partial<Verdict>): Verdict => ({
  type: "soft",
  reason: "mailbox-full",
  action: "retry",
  scope: "address",
  rule: "test",
  ...part,
});
const reply = (text: string): Outcome => ({
  kind: "refused",
  stage: "rcpt",
  reply: { code: Number(text.slice(0, 3)), enhanced: null, lines: [text.slice(4)] },
});
const accepted: Outcome = { kind: "accepted", reply: { code: 250, enhanced: null, lines: ["ok"] } };
const lostAtDot: Outcome = { kind: "lost", stage: "dot", trouble: "timeout", detail: "", inDoubt: true };

describe("next", () => {
  test.each<[string, Outcome, Verdict | null, Partial<Attempted>, object]>([
    ["accepted", accepted, null, {}, { status: "sent", isFinal: true, relayed: false, attemptKind: "accepted" }],
    ["accepted by a classic relay", accepted, null, { relay: "classic" }, { status: "sent", relayed: false }],
    [
      "accepted by a relay that reports",
      accepted,
      null,
      { relay: "confirmed" },
      {
        status: "taken-into-account",
        type: null,
        reason: null,
        nextAt: at.validUntil,
        isFinal: false,
        relayed: true,
        attemptKind: "accepted",
      },
    ],
    [
      "refused by a relay that reports",
      reply("452 full"),
      verdict({}),
      { relay: "confirmed" },
      { status: "taken-into-account", relayed: false, attemptKind: "refused" },
    ],
    [
      "as far as RCPT, over a relay too",
      accepted,
      null,
      { mode: "test-smtp", relay: "confirmed" },
      { status: "sent", isFinal: true, relayed: false, attemptKind: "tested" },
    ],
    [
      "refused as far as RCPT: the address is known to be bad",
      reply("550 unknown"),
      verdict({ type: "hard", reason: "user-unknown", action: "fail" }),
      { mode: "test-smtp" },
      { status: "failed", quarantine: true, attemptKind: "refused" },
    ],
    ["made, and no more", accepted, null, { mode: "verify" }, { status: "sent", attemptKind: "verified" }],
    [
      "what no network saw quarantines nobody",
      reply("550 unknown"),
      verdict({ type: "hard", reason: "user-unknown", action: "fail" }),
      { mode: "verify" },
      { status: "failed", quarantine: false },
    ],
    [
      "a fixed schedule",
      reply("450 greylisted, try again in 300 seconds"),
      verdict({}),
      { retries: { mode: "fixed", count: 5, period: HOUR } },
      { status: "taken-into-account", nextAt: at.now + 66 * MINUTE },
    ],
    [
      "soft refusal",
      reply("452 full"),
      verdict({}),
      {},
      { status: "taken-into-account", reason: "mailbox-full", isFinal: false, quarantine: false },
    ],
    [
      "hard refusal",
      reply("550 unknown"),
      verdict({ type: "hard", reason: "user-unknown", action: "fail" }),
      {},
      { status: "failed", quarantine: true },
    ],
    [
      "content refusal",
      reply("554 spam"),
      verdict({ type: "ignored", reason: "refused", action: "fail" }),
      {},
      { status: "failed", quarantine: false },
    ],
    [
      "4xx user unknown while retried",
      reply("450 unknown"),
      verdict({ type: "hard", reason: "user-unknown" }),
      {},
      { status: "taken-into-account", quarantine: false },
    ],
    [
      "validity over",
      reply("452 full"),
      verdict({}),
      { validUntil: 1000 },
      { status: "failed", isFinal: true, reason: "mailbox-full" },
    ],
    [
      "lost after the dot, policy retry",
      lostAtDot,
      verdict({ reason: "unreachable" }),
      {},
      { status: "taken-into-account", inDoubt: true },
    ],
    [
      "lost after the dot, policy hold",
      lostAtDot,
      verdict({ reason: "unreachable" }),
      { inDoubtPolicy: "hold" },
      { status: "in-doubt", inDoubt: true, isFinal: false },
    ],
    ["relay refuses the login", reply("535 no"), verdict({ action: "pause", scope: "sender" }), {}, { kind: "hold" }],
  ])("%s", (_, outcome, v, attempted, expected) =>
    expect(next({ ...at, ...attempted }, outcome, v)).toMatchObject(expected),
  );

  test("a hint in the reply is obeyed", () => {
    const decision = next(at, reply("450 greylisted, try again in 300 seconds"), verdict({ reason: "unreachable" }));
    expect(decision).toMatchObject({ nextAt: at.now + 6.25 * MINUTE });
  });

  test("what shaping knows of a reply counts as if the reply said it; the longer wait of both is obeyed", () => {
    const greylisted = reply("450 greylisted, try again in 300 seconds");
    const nextAt = (outcome: Outcome, wait: number) => next({ ...at, wait, random: 0 }, outcome, verdict({}));
    expect(nextAt(reply("450 greylisted"), 20 * MINUTE)).toMatchObject({ nextAt: at.now + 20 * MINUTE });
    expect(nextAt(greylisted, 20 * MINUTE)).toMatchObject({ nextAt: at.now + 20 * MINUTE });
    expect(nextAt(greylisted, MINUTE)).toMatchObject({ nextAt: at.now + 5 * MINUTE });
  });

  test("a message is final, or has a next attempt before the end, or is in doubt", () => {
    const verdicts = fc.record({
      type: fc.constantFrom("hard" as const, "soft" as const, "ignored" as const, "not-defined" as const),
      reason: fc.constantFrom("refused" as const, "unreachable" as const),
      action: fc.constantFrom("fail" as const, "retry" as const, "slow" as const, "retry-elsewhere" as const),
      scope: fc.constant("address" as const),
      rule: fc.constant("r"),
    });
    fc.assert(
      fc.property(
        verdicts,
        fc.constantFrom(reply("450 x"), lostAtDot),
        fc.nat(20 * DAY),
        fc.nat(50),
        fc.constantFrom<Retries>({ mode: "adaptive" }, { mode: "fixed", count: 3, period: MINUTE }),
        (v, outcome, now, attempt, retries) => {
          const decision = next({ ...at, now, attempt: attempt + 1, retries }, outcome, v);
          if (decision.kind === "hold") return false;
          if (decision.isFinal || decision.status === "in-doubt") return decision.nextAt === null;
          return decision.nextAt !== null && decision.nextAt > now && decision.nextAt < at.validUntil;
        },
      ),
    );
  });
});
