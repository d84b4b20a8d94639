import { expect, test } from "vitest";

import type { Verdict } from "../bounce/verdict.ts";
import { afterWord, type Change, type Word } from "./final-word.ts";
import type { MessageStatus } from "./status.ts";

const SOFT: Verdict = { type: "soft", reason: "mailbox-full", action: "retry", scope: "address", rule: "test" };
const HARD: Verdict = { type: "hard", reason: "user-unknown", action: "fail", scope: "address", rule: "test" };
const sent = { kind: "final", status: "sent", type: null, reason: null } as const;
const failed = { kind: "final", status: "failed", type: "soft", reason: "mailbox-full" } as const;

test.each<[MessageStatus, Word, Verdict, Change | null]>([
  ["taken-into-account", "delivered", SOFT, sent],
  ["taken-into-account", "failed", SOFT, failed],
  ["taken-into-account", "failed", HARD, { ...failed, type: "hard", reason: "user-unknown" }],
  ["taken-into-account", "delayed", SOFT, { kind: "reason", type: "soft", reason: "mailbox-full" }],
  ["sent", "delivered", SOFT, null],
  ["sent", "failed", SOFT, failed],
  ["sent", "delayed", SOFT, null],
  ["failed", "delivered", SOFT, null],
  ["failed", "failed", HARD, null],
  ["failed", "delayed", SOFT, null],
  ["cancelled", "failed", HARD, null],
  ["cancelled", "delivered", SOFT, null],
  ["pending", "failed", HARD, null],
  ["in-doubt", "failed", HARD, null],
])("%s, reported %s", (status, word, verdict, expected) => {
  expect(afterWord(status, word, verdict)).toEqual(expected);
});

test("a word said twice changes nothing the second time, except that a delay is said again", () => {
  for (const word of ["delivered", "failed"] as const) {
    const first = afterWord("taken-into-account", word, SOFT);
    expect(first?.kind === "final" && afterWord(first.status, word, SOFT)).toBeNull();
  }
});
