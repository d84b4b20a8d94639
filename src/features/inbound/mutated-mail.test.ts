/** Mails as they arrive after everything that can happen to them on the way: whatever it is, nobody is touched whom they do not name. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { FIXTURE_MAILS, mutations, REAL_MAILS, slips } from "../../../test/mail-mutations.ts";
import { readMail } from "../../core/inbound/read-mail.ts";
import type { InboundMail, InboundReading } from "../../core/inbound/reading.ts";
import { parseMail } from "./parse-mail.ts";

const HARMLESS = ["discussion.eml", "newsletter.eml", "vacation.eml"];
/** Kinds that end in somebody getting no more mail. */
const TOUCHING = ["bounce", "complaint", "unsubscribe"];

async function read(text: string): Promise<{ mail: InboundMail; reading: InboundReading }> {
  const mail = await parseMail(Buffer.from(text, "latin1"));
  return { mail, reading: readMail(mail, { recipient: null, returnPath: null }) };
}

const brief = ({ kind, recipients }: InboundReading) => [
  kind,
  recipients.map(({ address, action }) => [address, action]),
];

test.each([
  ["report-plain.eml", ["bounce", [["ada@one.example", "failed"]]]],
  [
    "report-html.eml",
    [
      "bounce",
      [
        ["bob@two.example", "failed"],
        ["eve@two.example", "delayed"],
      ],
    ],
  ],
  ["notice.eml", ["bounce", [["ada@one.example", "failed"]]]],
  ["complaint.eml", ["complaint", [["ada@one.example", "failed"]]]],
  ["vacation.eml", ["auto-reply", [["juergen@one.example", "delayed"]]]],
  ["discussion.eml", ["other", []]],
  ["newsletter.eml", ["other", []]],
])("%s as it is", async (name, expected) => {
  expect(brief((await read(FIXTURE_MAILS.get(name) ?? "")).reading)).toEqual(expected);
});

describe.each([...FIXTURE_MAILS])("%s", (_, text) => {
  test.each([
    ["CRLF", "\r\n"],
    ["CR alone", "\r"],
    ["CR CR LF", "\r\r\n"],
  ])("with lines that end with %s says the same", async (_name, end) => {
    expect((await read(text.replaceAll("\n", end))).reading).toEqual((await read(text)).reading);
  });

  test("behind an mbox line says the same", async () => {
    const { reading } = await read(`From MAILER-DAEMON Sat Nov 21 09:00:00 2026\n${text}`);
    expect(reading).toEqual((await read(text)).reading);
  });
});

/** What fails is found again by its seed and path; made smaller, steps that are functions would say no more. */
const RUNS = { numRuns: 1000, endOnFailure: true };

test("mutated, no mail breaks the reader or names whom it does not name", async () => {
  const property = fc.asyncProperty(fc.constantFrom(...REAL_MAILS), mutations, async (text, mutate) => {
    const mutated = mutate(text);
    const { mail, reading } = await read(mutated);
    // What is made of a mail is no more than the mail: three letters for one byte at most.
    const letters = mail.parts.reduce((sum, part) => sum + part.text.length, 0);
    expect(letters).toBeLessThanOrEqual(3 * mutated.length + 1000);
    expect(reading.recipients.length).toBeLessThanOrEqual(mutated.length / 3);
    const all = [...mail.headers.map(({ value }) => value), ...mail.parts.map((part) => part.text)]
      .join("\n")
      .toLowerCase();
    for (const { address, original } of reading.recipients) {
      for (const named of [address, original]) expect(all).toContain((named ?? "").toLowerCase());
    }
  });
  await fc.assert(property, RUNS);
});

test("mutated, what touches nobody still touches nobody", async () => {
  const harmless = HARMLESS.map((name) => FIXTURE_MAILS.get(name) ?? "");
  const property = fc.asyncProperty(fc.constantFrom(...harmless), slips, async (text, mutate) => {
    const { kind } = (await read(mutate(text))).reading;
    expect(TOUCHING).not.toContain(kind);
  });
  await fc.assert(property, RUNS);
});
