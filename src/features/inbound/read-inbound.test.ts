import { describe, expect, test } from "vitest";

import { readInbound, type Envelope, type InboundMail } from "./read-inbound.ts";

const MAILBOX = "Unsubscribe@news.example";
const NOBODY: Envelope = { recipient: null, returnPath: null };

function mail(fields: Record<string, string>, subject = "", text = ""): InboundMail {
  return { headers: Object.entries(fields).map(([name, value]) => ({ name, value })), subject, text };
}

const read = (given: InboundMail, envelope = NOBODY, mailbox = MAILBOX) => readInbound(given, envelope, mailbox);
const wish = (...tags: string[]) => ({ kind: "unsubscribe", tags });
const other = (why: string) => ({ kind: "other", why });

describe("where the tag is", () => {
  test.each<[string, InboundMail, Envelope?]>([
    ["in the envelope", mail({ to: "someone@else.example" }), { ...NOBODY, recipient: "unsubscribe+t1@news.example" }],
    ["in To", mail({ to: "unsubscribe+t1@news.example" })],
    ["in To with a name and others", mail({ to: 'a@b.example, "Un, sub" <UNSUBSCRIBE+T1@News.Example>' })],
    ["in Delivered-To", mail({ to: "x@y.example", "delivered-to": "unsubscribe+t1@news.example" })],
    ["in X-Original-To", mail({ "x-original-to": "unsubscribe+t1@relay.example" })],
  ])("%s", (_name, given, envelope = NOBODY) => {
    expect(read(given, envelope)).toEqual(wish("t1"));
  });

  test("the envelope comes first, each tag once", () => {
    const given = mail({ to: "unsubscribe+t2@news.example, unsubscribe+t1@news.example" });
    expect(read(given, { ...NOBODY, recipient: "unsubscribe+t1@news.example" })).toEqual(wish("t1", "t2"));
  });

  test("the mailbox may have a plus of its own", () => {
    expect(read(mail({ to: "news+un+t1@x.example" }), NOBODY, "news+un@x.example")).toEqual(wish("t1"));
  });

  test("without a tag nobody knows who it is, whatever the mail says", () => {
    for (const to of ["unsubscribe@news.example", "unsubscribe+@news.example", "", "+t@", "unsubscribe+t1"]) {
      expect(read(mail({ to }, "unsubscribe"))).toEqual(other("no-tag"));
    }
  });
});

describe("to another mailbox the mail must say so", () => {
  test.each([
    ["unsubscribe", ""],
    ["Unsubscribe", "> quoted"],
    ["STOP!", ""],
    ["Re: Our news", "Please unsubscribe me.\r\n\r\n> Our news"],
    ["", "\n\n  désinscription \n"],
    ["", "Darme de baja"],
    ["", "s’il vous plaît me désabonner"],
    ["désabonnement".normalize("NFD"), ""],
  ])("%j %j", (subject, text) => {
    expect(read(mail({ to: "bounces+t1@news.example" }, subject, text))).toEqual(wish("t1"));
  });

  test.each([
    ["Re: How to unsubscribe from our news", ""],
    ["Thanks", "I loved it\n\n> To unsubscribe follow this link"],
    ["Hello", "> unsubscribe"],
    ["", "Do not unsubscribe me"],
    ["Stop by our shop", ""],
    ["", ""],
  ])("%j %j does not", (subject, text) => {
    expect(read(mail({ to: "bounces+t1@news.example" }, subject, text))).toEqual(other("no-wish"));
  });

  test("also where no mailbox is set", () => {
    expect(read(mail({ to: "+t1@news.example" }), NOBODY, "")).toEqual(other("no-tag"));
    expect(read(mail({ to: "a+t1@news.example" }), NOBODY, "")).toEqual(other("no-wish"));
  });
});

describe("nobody unsubscribes by accident", () => {
  test.each([
    ["the null return path", "bounce", {}, { ...NOBODY, returnPath: "" }],
    ["Return-Path: <>", "bounce", { "return-path": "<>" }],
    ["a report", "bounce", { "content-type": "multipart/report; report-type=delivery-status" }],
    ["a mailer daemon", "bounce", { from: "Mail Delivery <MAILER-DAEMON@mx.example>" }],
    ["Auto-Submitted", "automatic", { "auto-submitted": "auto-replied" }],
    ["Auto-Submitted with parameters", "automatic", { "auto-submitted": "auto-generated; owner-email=a@b" }],
    ["Precedence: auto_reply", "automatic", { precedence: "auto_reply" }],
    ["Precedence: bulk", "automatic", { precedence: "Bulk" }],
    ["X-Autoreply", "automatic", { "x-autoreply": "yes" }],
    ["X-Autorespond", "automatic", { "x-autorespond": "Away" }],
  ] as const)("%s", (_name, why, fields, envelope: Envelope = NOBODY) => {
    const given = mail({ ...fields, to: "unsubscribe+t1@news.example" }, "unsubscribe", "unsubscribe");
    expect(read(given, envelope)).toEqual(other(why));
  });

  test("a person's mail that says it is none of these", () => {
    const given = mail({
      "auto-submitted": "no (by hand)",
      precedence: "first-class",
      to: "unsubscribe+t1@news.example",
    });
    expect(read(given, { ...NOBODY, returnPath: "ada@one.example" })).toEqual(wish("t1"));
  });
});

test("ten thousand recipients, and long runs without an end, are read in no time and cut short", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `unsubscribe+t${i}@news.example`).join(", ");
  const result = read(mail({ to: many }));
  expect(result.kind === "unsubscribe" && result.tags.length).toBe(20);
  for (const unit of ["a", "a+", "+", "a@", "unsubscribe+t", "please "]) {
    const long = unit.repeat(500_000);
    expect(read(mail({ to: long, from: long, "content-type": long }, long, long)).kind).toBe("other");
  }
});
