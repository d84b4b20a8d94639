import fc from "fast-check";
import { expect, test } from "vitest";

import type { MessageStatus } from "../delivery/status.ts";
import type { CopyState } from "./archive.ts";
import type { CopyProgress } from "./copy-name.ts";
import { progressOf, type CopyFacts } from "./copy-progress.ts";

const facts = (changes: Partial<CopyFacts>): CopyFacts => ({
  status: "pending",
  timing: "before",
  named: "made",
  others: [],
  ...changes,
});

test.each<[string, Partial<CopyFacts>, CopyProgress, boolean]>([
  ["on its way", {}, "made", false],
  ["with a provider that has not decided", { status: "taken-into-account" }, "made", false],
  ["sent, nobody else takes copies", { status: "sent" }, "sent", true],
  ["sent, owed elsewhere", { status: "sent", others: ["owed"] }, "sent", false],
  ["sent, not yet due elsewhere", { status: "sent", others: [null] }, "sent", false],
  ["sent, archived elsewhere", { status: "sent", others: ["archived"] }, "sent-archived", true],
  ["sent, archived in one of two others", { status: "sent", others: ["archived", "owed"] }, "sent", false],
  ["sent, given up elsewhere", { status: "sent", others: ["archived", "given-up"] }, "sent", true],
  ["failed: its copy remains", { status: "failed", others: ["archived"] }, "made", true],
  ["failed, owed elsewhere", { status: "failed", others: ["owed"] }, "made", false],
  ["failed before others were asked", { status: "failed", others: [null] }, "made", true],
  ["cancelled", { status: "cancelled", others: [null] }, "made", true],
  ["in doubt: somebody decides", { status: "in-doubt", others: ["archived"] }, "made", false],
  ["bounced after it was sent", { status: "failed", named: "sent", others: ["archived"] }, "sent-archived", true],
  ["bounced after it was sent, with copies of sent ones only", { status: "failed", timing: "after" }, "sent", true],
  [
    "given up later: the name stays",
    { status: "sent", named: "sent-archived", others: ["given-up"] },
    "sent-archived",
    true,
  ],
])("%s", (_, changes, progress, final) => {
  expect(progressOf(facts(changes))).toEqual({ progress, final });
});

const STEPS: readonly CopyProgress[] = ["made", "sent", "sent-archived"];

test("a name never goes back, and asking again changes nothing", () => {
  const anyFacts = fc.record({
    status: fc.constantFrom<MessageStatus>("pending", "taken-into-account", "sent", "failed", "cancelled", "in-doubt"),
    timing: fc.constantFrom("before" as const, "after" as const),
    named: fc.constantFrom(...STEPS),
    others: fc.array(fc.constantFrom<CopyState | null>("owed", "archived", "given-up", null), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(anyFacts, (some) => {
      const first = progressOf(some);
      expect(STEPS.indexOf(first.progress)).toBeGreaterThanOrEqual(STEPS.indexOf(some.named));
      expect(progressOf({ ...some, named: first.progress }).progress).toBe(first.progress);
    }),
  );
});
