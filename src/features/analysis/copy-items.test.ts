/** What the checklist says of copies, for every state of archives and addresses. */
import { describe, expect, test } from "vitest";

import type { DeliveryArchive } from "../../core/archive/archive.ts";
import { type ArchiveFacts, type CopyFacts, copyItems } from "./copy-items.ts";

const JOURNAL: ArchiveFacts = {
  id: 1,
  name: "Journal",
  enabled: true,
  address: "Copies@Archive.example",
  ratePerMinute: null,
};
const FILES: ArchiveFacts = { id: 2, name: "Files", enabled: true, address: null, ratePerMinute: null };

const chosen = (archive: Partial<DeliveryArchive> = {}): CopyFacts["chosen"] => ({
  kind: "chosen",
  archive: { timing: "before", strict: false, copy: "exact", archives: [1], ...archive },
});

const facts = (changes: Partial<CopyFacts> = {}): CopyFacts => ({
  chosen: chosen(),
  wantsStrict: false,
  archives: [JOURNAL],
  toDeliver: 95_188,
  messageBytes: 11_600,
  recipients: new Set(),
  sender: "news@sender.example",
  replyTo: "",
  errorAddress: "bounce@b.sender.example",
  unsubscribeAddress: "",
  bounceDomain: "b.sender.example",
  owed: 0,
  debtLimit: 100_000,
  ...changes,
});

const said = (changes: Partial<CopyFacts>) => copyItems(facts(changes)).map(({ level, id }) => `${level} ${id}`);

test("strict where it cannot be kept is not kept in silence", () => {
  expect(said({ chosen: chosen({ timing: "after" }), wantsStrict: true })).toEqual([
    "info archive",
    "warning archive-strict",
  ]);
  expect(said({ chosen: chosen({ strict: true }), wantsStrict: true })).toEqual(["info archive"]);
});

test("off: nothing is said", () => {
  expect(copyItems(facts({ chosen: { kind: "off" }, owed: 100_000 }))).toEqual([]);
});

describe("how much it is", () => {
  const slow = { ...JOURNAL, ratePerMinute: 400 };
  test.each<[string, Partial<CopyFacts>, string]>([
    ["a rate", { archives: [slow] }, "BCC on: 95,188 copies, 1.1 GB, at 400/min about 4 h"],
    ["no rate, no duration", {}, "BCC on: 95,188 copies, 1.1 GB"],
    [
      "the slowest of several",
      { archives: [slow, FILES, { ...slow, ratePerMinute: 100_000 }] },
      "BCC on: 285,564 copies, 3.3 GB, at 400/min about 4 h",
    ],
    ["one", { archives: [slow], toDeliver: 1 }, "BCC on: 1 copy, 12 kB, at 400/min about 1 min"],
    [
      "days",
      { archives: [slow], toDeliver: 5_000_000, messageBytes: 100 },
      "BCC on: 5,000,000 copies, 500 MB, at 400/min about 9 days",
    ],
    [
      "minutes",
      { archives: [slow], toDeliver: 12_000, messageBytes: 10 },
      "BCC on: 12,000 copies, 120 kB, at 400/min about 30 min",
    ],
    ["hardly anything", { toDeliver: 2, messageBytes: 20 }, "BCC on: 2 copies, 0.1 kB"],
  ])("%s", (_, changes, title) => {
    expect(copyItems(facts(changes))).toMatchObject([{ id: "archive", level: "info", title }]);
  });

  test.each<[Partial<DeliveryArchive>, RegExp]>([
    [{ timing: "after" }, /^After: only what .*accept.* To "Journal"\.$/],
    [{ timing: "before" }, /^Before: .*owed/],
    [{ timing: "before", strict: true }, /^Before, strict: no message leaves/],
    [{ timing: "before", copy: "inert" }, /Inert: a copy differs from its message in its tokens.* To "Journal"\.$/],
  ])("%o", (archive, detail) => {
    expect(copyItems(facts({ chosen: chosen(archive) }))[0]?.detail).toMatch(detail);
  });

  test("nobody to deliver to, or no message that could be made: no size", () => {
    expect(said({ toDeliver: 0 })).toEqual([]);
    expect(said({ messageBytes: null })).toEqual([]);
  });
});

describe("archives that are not there", () => {
  test("no rule matches", () => {
    expect(said({ chosen: { kind: "none", unknown: [] }, archives: [] })).toEqual(["error archive-missing"]);
  });

  test("named ones, unknown and disabled", () => {
    const items = copyItems(
      facts({
        chosen: { kind: "none", unknown: ["1", "999999999999999"] },
        archives: [{ ...JOURNAL, enabled: false }],
      }),
    );
    expect(items).toMatchObject([
      { level: "error", id: "archive-disabled", title: 'The archive "Journal" is disabled' },
      { level: "error", id: "archive-unknown", title: "There is no archive 999999999999999" },
    ]);
  });
});

describe("addresses", () => {
  const ARCHIVE = "copies@archive.example";
  test.each<[string, Partial<CopyFacts>, string[]]>([
    ["a recipient", { recipients: new Set([ARCHIVE]) }, ["error archive-recipient"]],
    ["the sender", { sender: "COPIES@archive.example" }, ["warning archive-sender"]],
    ["the reply-to address", { replyTo: ARCHIVE }, ["warning archive-reply-to"]],
    ["the error address", { errorAddress: "copies@ARCHIVE.example" }, ["error archive-loop"]],
    ["the address for unsubscribing", { unsubscribeAddress: ARCHIVE }, ["error archive-loop"]],
    ["on the bounce domain", { bounceDomain: "Archive.example" }, ["error archive-loop"]],
    [
      "all at once",
      { bounceDomain: "archive.example", errorAddress: ARCHIVE, sender: ARCHIVE },
      ["error archive-loop", "warning archive-sender"],
    ],
    ["no address", { archives: [{ ...JOURNAL, address: "copies@" }] }, ["error archive-address-invalid"]],
    ["personalised ones match nothing", { sender: "{{ recipient.agent }}", errorAddress: "<%= x %>" }, []],
    ["a subdomain of the bounce domain", { bounceDomain: "example" }, []],
  ])("%s", (_, changes, expected) => {
    expect(said(changes)).toEqual(["info archive", ...expected]);
  });

  test("an archive of files has none", () => {
    expect(said({ archives: [FILES], bounceDomain: "archive.example" })).toEqual(["info archive"]);
  });
});

test.each([
  [80, []],
  [81, ["warning archive-debt"]],
  [100, ["warning archive-debt"]],
])("a debt of %i of 100", (owed, expected) => {
  expect(said({ owed, debtLimit: 100 })).toEqual(["info archive", ...expected]);
});
