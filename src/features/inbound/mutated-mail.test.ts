/** Mails as they arrive after everything that can happen to them on the way: whatever it is, nobody is touched whom they do not name. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readMail } from "../../core/inbound/read-mail.ts";
import type { InboundMail, InboundReading } from "../../core/inbound/reading.ts";
import { parseMail } from "./parse-mail.ts";

const DIRECTORY = new URL("fixtures/", import.meta.url);
const MAILS = new Map(readdirSync(DIRECTORY).map((name) => [name, readFileSync(new URL(name, DIRECTORY), "latin1")]));
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
  expect(brief((await read(MAILS.get(name) ?? "")).reading)).toEqual(expected);
});

describe.each([...MAILS])("%s", (_, text) => {
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

type Mutation = (text: string) => string;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (text: string, where: number) => Math.floor(where * text.length);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  place.map(
    (where): Mutation =>
      (text) =>
        text.slice(0, at(text, where)),
  ),
  fc.tuple(place, fc.nat(255)).map(
    ([where, byte]): Mutation =>
      (text) =>
        text.slice(0, at(text, where)) + String.fromCharCode(byte) + text.slice(at(text, where) + 1),
  ),
  fc.constantFrom("\r\n", "\r", "\r\r\n", "\n\n", " \n").map(
    (end): Mutation =>
      (text) =>
        text.replaceAll("\n", end),
  ),
  place.map(
    (where): Mutation =>
      (text) => {
        const lines = text.split("\n");
        const i = Math.floor(where * Math.min(20, lines.length - 1));
        return lines.toSpliced(i, 0, lines[i] ?? "").join("\n");
      },
  ),
  place.map(
    (where): Mutation =>
      (text) =>
        text.slice(0, at(text, where)) + text.slice(at(text, where) / 2),
  ),
  fc.constantFrom("\0", "\xff", "=", "--", "<>", "@").map(
    (piece): Mutation =>
      (text) =>
        text.replaceAll("e", piece),
  ),
);
const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 });
const mutate = (text: string, steps: readonly Mutation[]) => steps.reduce((before, step) => step(before), text);

test("mutated, no mail breaks the reader or names whom it does not name", async () => {
  const property = fc.asyncProperty(fc.constantFrom(...MAILS.values()), mutations, async (text, steps) => {
    const { mail, reading } = await read(mutate(text, steps));
    const all = [...mail.headers.map(({ value }) => value), ...mail.parts.map((part) => part.text)]
      .join("\n")
      .toLowerCase();
    for (const { address, original } of reading.recipients) {
      for (const named of [address, original]) expect(all).toContain((named ?? "").toLowerCase());
    }
  });
  await fc.assert(property, { numRuns: 1500 });
});

test("mutated, what touches nobody still touches nobody", async () => {
  const harmless = HARMLESS.map((name) => MAILS.get(name) ?? "");
  const property = fc.asyncProperty(fc.constantFrom(...harmless), mutations, async (text, steps) => {
    const { kind } = (await read(mutate(text, steps))).reading;
    expect(TOUCHING).not.toContain(kind);
  });
  await fc.assert(property, { numRuns: 1000 });
});
