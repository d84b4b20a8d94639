import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Verdict } from "../bounce/verdict.ts";
import type { Outcome } from "../smtp/outcome.ts";
import { DAY, MINUTE } from "../time.ts";
import { next, type Attempted } from "./next.ts";

const at: Attempted = { attempt: 1, now: 1000, validUntil: 5 * DAY, inDoubtPolicy: "retry", random: 0.5 };
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
    ["accepted", accepted, null, {}, { status: "sent", isFinal: true }],
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
    expect(decision).toMatchObject({ nextAt: expect.closeTo(at.now + 5 * MINUTE, -5) });
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
        (v, outcome, now, attempt) => {
          const decision = next({ ...at, now, attempt: attempt + 1 }, outcome, v);
          if (decision.kind === "hold") return false;
          if (decision.isFinal || decision.status === "in-doubt") return decision.nextAt === null;
          return decision.nextAt !== null && decision.nextAt > now && decision.nextAt < at.validUntil;
        },
      ),
    );
  });
});
