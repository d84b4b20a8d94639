/** Which attempts and messages a new verdict changes, and what that does to addresses: tables. */
import { describe, expect, test } from "vitest";

import { type AddressFacts, effectOn } from "./address-effect.ts";
import { judgeAgain, type PastAttempt, type PastMessage } from "./judge-again.ts";

const MESSAGE: PastMessage = {
  deliveryId: 1,
  mode: "live",
  address: "kim@example.org",
  recipientId: 1,
  status: "failed",
  type: "hard",
  reason: "user-unknown",
};
function attempt(number: number, changes: Partial<PastAttempt> = {}): PastAttempt {
  const said = { type: "hard", reason: "user-unknown", rule: "gone", reply: "550 gone", kind: "refused" } as const;
  const where = { partId: 1, seq: 0, at: number, stage: "rcpt", code: 550, enhanced: null, mx: null } as const;
  return { ...where, ...said, attempt: number, message: MESSAGE, ...changes };
}
const SOFT = { type: "soft", reason: "refused", rule: "new" } as const;
const ECHO = { rule: null, kind: "expired", reply: "over" };

test.each<[string, PastAttempt[], (readonly [number, boolean])[]]>([
  [
    "every answer, and the message by the last",
    [attempt(1), attempt(2)],
    [
      [1, false],
      [2, true],
    ],
  ],
  [
    "what repeats the last answer",
    [attempt(1), attempt(2, ECHO)],
    [
      [1, true],
      [2, false],
    ],
  ],
  ["not what repeats something else", [attempt(1), attempt(2, { ...ECHO, reason: "refused" })], [[1, true]]],
  ["no lost connection, and then not the message", [attempt(1), attempt(2, { kind: "lost" })], [[1, false]]],
  ["a bounce", [attempt(1, { kind: "bounce", stage: null })], [[1, true]]],
  ["nothing that is as it should be", [attempt(1, { type: "soft", reason: "refused" })], []],
  ["not what a reaction decided", [attempt(1, { rule: "reaction" })], []],
  ["not the message that says something else", [attempt(1, { message: { ...MESSAGE, type: "soft" } })], [[1, false]]],
])("changes %s", (_, attempts, expected) => {
  const changed = judgeAgain(attempts, () => SOFT, new Set(["reaction"]));
  expect(changed.map((one) => [one.attempt.attempt, one.decides])).toEqual(expected);
});

describe("an address", () => {
  const held = (before: "hard" | "soft", now: "hard" | "soft" | "ignored") =>
    ({ before, now, reason: "refused" }) as const;
  const FACTS: AddressFacts = {
    status: "quarantined",
    reason: "user-unknown",
    byAnswer: true,
    heldBy: held("hard", "soft"),
    hardElsewhere: false,
    newlyHard: false,
    acquitted: false,
    isAllowed: false,
  };
  const NEW = { status: null, heldBy: null, newlyHard: true } as const;
  test.each<[string, Partial<AddressFacts>, ReturnType<typeof effectOn>]>([
    ["that was hard and is soft", {}, "release"],
    ["that waits for a person", { status: "held" }, "release"],
    ["that another message holds", { hardElsewhere: true }, null],
    ["that became hard by another message at once", { newlyHard: true }, null],
    ["that a person holds", { byAnswer: false }, null],
    ["whose own message is as it was", { heldBy: null }, null],
    ["that soft errors hold still", { heldBy: held("soft", "soft") }, null],
    ["whose soft errors are none", { heldBy: held("soft", "ignored") }, "release"],
    ["that is hard for another reason", { heldBy: held("hard", "hard") }, "reason"],
    ["that is hard for the same", { heldBy: held("hard", "hard"), reason: "refused" }, null],
    ["that is newly hard", NEW, "quarantine"],
    ["with soft errors that is newly hard", { ...NEW, status: "with-errors" }, "quarantine"],
    ["that is allowed", { ...NEW, isAllowed: true }, null],
    ["that got mail since", { ...NEW, acquitted: true }, null],
    ["that nothing is held against", { status: null }, null],
  ])("%s", (_, changes, expected) => {
    expect(effectOn({ ...FACTS, ...changes })).toBe(expected);
  });
});
