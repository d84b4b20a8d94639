/** What is held against an address of an answer given at once. */
import { expect, test } from "vitest";

import { FACTS, refused, sendable } from "../../test/dispatch-rig.ts";
import type { Verdict, VerdictScope } from "../core/bounce/verdict.ts";
import type { DeliveryMode } from "../core/delivery/mode.ts";
import type { RelayProfile } from "../core/delivery/next.ts";
import { holdPart } from "./held-part.ts";
import { settleOutcome } from "./settle-outcome.ts";
import type { Task } from "./task.ts";

const HARD = { type: "hard", reason: "user-unknown", action: "fail", scope: "address" } as const;
const SOFT = { type: "soft", reason: "mailbox-full", action: "retry", scope: "address" } as const;
const AWAY = { type: "soft", reason: "unreachable", action: "retry", scope: "domain" } as const;

function heldAgainst(
  verdict: Omit<Verdict, "rule">,
  { mode = "live", relay = null }: { mode?: DeliveryMode; relay?: RelayProfile | null } = {},
): VerdictScope | undefined {
  const delivery = { ...sendable(), mode };
  const part = holdPart({ partId: 1, deliveryId: 1, domain: null, epoch: 1, takenOver: false }, delivery);
  const address = { address: "a@one.example", domain: "one.example", matchKey: "a@one.example" };
  const task = { part, seq: 0, ...address, status: "pending", attempts: 0, firstAttemptAt: null } as Task;
  const outcome = refused(verdict.action === "fail" ? 550 : 450, "no");
  const now = delivery.validUntil - 86_400_000;
  const settled = settleOutcome(task, outcome, { ...verdict, rule: "test" }, FACTS, now, 0.5, { relay, wait: null });
  if (settled.kind !== "record") throw new Error("it is held back");
  return settled.record.errorScope;
}

test.each<[string, Omit<Verdict, "rule">, Parameters<typeof heldAgainst>[1], VerdictScope | undefined]>([
  ["a mailbox that is not there", HARD, {}, "address"],
  ["a full mailbox, also before the last attempt", SOFT, {}, "address"],
  ["a domain that is away, while it is tried again", AWAY, {}, undefined],
  ["a domain that is away, when the message failed for it", { ...AWAY, action: "fail" }, {}, "domain"],
  ["our relay that is away", { ...AWAY, action: "fail" }, { relay: "classic" }, undefined],
  ["a mailbox that a relay knows to be none", HARD, { relay: "classic" }, "address"],
  ["what no network saw", HARD, { mode: "verify" }, undefined],
  ["our own reputation", { ...HARD, reason: "refused", scope: "source" }, {}, undefined],
  ["our message", { ...SOFT, reason: "refused", scope: "message" }, {}, undefined],
  ["an error that is ignored", { ...HARD, type: "ignored", reason: "error-ignored" }, {}, undefined],
])("%s", (_, verdict, circumstances, scope) => expect(heldAgainst(verdict, circumstances)).toBe(scope));
