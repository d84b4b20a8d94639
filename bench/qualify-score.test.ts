import { describe, expect, it } from "vitest";
import {
  areRecipientsExact,
  type Judged,
  type LabelRow,
  type MailReading,
  pairMail,
  score,
  scoreMails,
} from "./qualify-score.ts";

const UNKNOWN: LabelRow = {
  id: "a",
  file: null,
  kind: "bounce",
  text: "550 no",
  recipient: "kim@example.com",
  expectedReason: "user-unknown",
  acceptTypes: ["hard"],
  acceptReasons: ["user-unknown", "account-disabled"],
  otherRecipients: [],
};
const REFUSED: LabelRow = {
  ...UNKNOWN,
  id: "b",
  expectedReason: "refused",
  acceptTypes: ["soft"],
  acceptReasons: ["refused"],
};
const OPEN: LabelRow = { ...UNKNOWN, id: "c", expectedReason: "not-defined", acceptTypes: ["soft"], acceptReasons: [] };
const HARD: Judged = { type: "hard", reason: "user-unknown" };
const SOFT: Judged = { type: "soft", reason: "refused" };

const reading = (...recipients: string[]): MailReading => ({
  kind: "bounce",
  reports: recipients.map((recipient) => ({ recipient, ...HARD })),
});

describe("score", () => {
  it("counts what is right, and the mean over reasons", () => {
    const pairs = [
      { row: UNKNOWN, judged: HARD },
      { row: UNKNOWN, judged: HARD },
      { row: UNKNOWN, judged: { type: "soft", reason: "account-disabled" } },
      { row: REFUSED, judged: HARD },
    ];
    expect(score(pairs)).toEqual({
      rows: 4,
      type: 0.5,
      reason: 0.75,
      macro: 0.5,
      falseHard: 1,
      missedHard: 0.3333,
      perReason: { "user-unknown": "3/3", refused: "0/1" },
    });
  });

  it("leaves rows without a reason out, but not out of false hard", () => {
    expect(score([{ row: OPEN, judged: HARD }])).toMatchObject({ rows: 1, type: null, reason: null, falseHard: 1 });
  });

  it("counts what was not judged as wrong", () => {
    expect(score([{ row: UNKNOWN, judged: null }])).toMatchObject({ type: 0, reason: 0, missedHard: 1 });
  });
});

describe("mails", () => {
  it("pairs by recipient, then by place", () => {
    const rows = [UNKNOWN, { ...UNKNOWN, recipient: "lee@example.com" }];
    const read: MailReading = {
      kind: "bounce",
      reports: [
        { recipient: "<LEE@example.com>", ...SOFT },
        { recipient: "", ...HARD },
      ],
    };
    expect(pairMail(rows, read).map(({ judged }) => judged?.type)).toEqual(["soft", "soft"]);
    expect(pairMail([UNKNOWN], { kind: "bounce", reports: [] })).toEqual([{ row: UNKNOWN, judged: null }]);
  });

  it.each([
    ["the same, in other case", [UNKNOWN], reading("<Kim@Example.com>"), true],
    ["one too many", [UNKNOWN], reading("kim@example.com", "lee@example.com"), false],
    ["none", [UNKNOWN], reading(), false],
    [
      "another that the label names",
      [{ ...UNKNOWN, otherRecipients: ["lee@example.com"] }],
      reading("lee@example.com"),
      true,
    ],
  ])("recipients: %s", (_, rows, read, expected) => {
    expect(areRecipientsExact(rows, read)).toBe(expected);
  });

  it("scores kinds over all mails, recipients where the label names some", () => {
    const mails = [
      { rows: [UNKNOWN], read: reading("kim@example.com") },
      { rows: [{ ...UNKNOWN, kind: "notbounce", recipient: "" }], read: reading() },
    ];
    expect(scoreMails(mails)).toMatchObject({ files: 2, kind: 0.5, recipientsExact: 1, rows: 1 });
  });
});
