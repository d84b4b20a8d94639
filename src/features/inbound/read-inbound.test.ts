import { describe, expect, test } from "vitest";

import type { Envelope, InboundMail } from "../../core/inbound/reading.ts";
import { readInbound } from "./read-inbound.ts";

const MAILBOX = "Unsubscribe@news.example";
const NOBODY: Envelope = { recipient: null, returnPath: null };

function mail(fields: Record<string, string>, subject = "", text = "", report = "", returned = ""): InboundMail {
  const headers = Object.entries({ ...fields, subject }).map(([name, value]) => ({ name, value }));
  const parts = [
    { type: "text/plain", text },
    { type: "message/delivery-status", text: report },
    { type: "text/rfc822-headers", text: returned },
  ];
  return { headers, parts: parts.filter((part) => part.text !== "") };
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
    expect(read(given, envelope)).toMatchObject(why === "bounce" ? { kind: "bounce", tags: ["t1"] } : other(why));
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

describe("what a bounce says", () => {
  const FAILED = "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n";
  test.each([
    ["failed", `${FAILED}Action: failed\r\nDiagnostic-Code: smtp; 550 no such user\r\n`, {}, true, "550 no such user"],
    ["failed, without a diagnostic", `${FAILED}action: Failed\r\nStatus: 5.2.2\r\n`, {}, true, "5.2.2"],
    ["delayed", `${FAILED}Action: delayed\r\nStatus: 4.4.1\r\n`, {}, false, "4.4.1"],
    ["delivered", `${FAILED}Action: delivered\r\nStatus: 2.0.0\r\n`, {}, false, "2.0.0"],
    ["no report", "", {}, true, "Undelivered"],
    ["an answer from the null return path", "", { "auto-submitted": "auto-replied" }, false, "Undelivered"],
  ])("%s", (_name, report, fields, isFinal, diagnostic) => {
    const given = mail({ ...fields, to: "bounces+T1@bounce.example" }, "Undelivered", "", report);
    const envelope = { ...NOBODY, returnPath: "" };
    expect(read(given, envelope)).toMatchObject({
      kind: "bounce",
      tags: ["t1"],
      isFinal,
      diagnostic,
      returnedTags: [],
    });
  });
});

describe("the message that a report gives back", () => {
  const tagsOf = (returned: string) => {
    const reading = read(mail({ to: "bounces@bounce.example" }, "", "", "", returned), { ...NOBODY, returnPath: "" });
    return reading.kind === "bounce" ? reading.returnedTags : null;
  };
  test.each([
    ["Subject: x\r\nMessage-ID: <7-3.mi1a2b.T1@news.example>\r\n", ["t1"]],
    ["message-id:\r\n <7-3.mi1a2b.t1@news.example>\r\n", ["t1"]],
    ["Message-ID: <plain@news.example>", ["plain"]],
    ["Subject: x\r\n\r\nMessage-ID: <7-3.mi1a2b.t1@news.example>", []],
    ["X-Message-ID: <7-3.mi1a2b.t1@news.example>", []],
    ["Message-ID: none", []],
    ["", []],
  ])("%j", (returned, tags) => expect(tagsOf(returned)).toEqual(tags));
});

test("a report of a server that calls it an answer is a report", () => {
  const given = mail(
    { to: "bounces+t1@bounce.example", "auto-submitted": "auto-replied" },
    "Undelivered",
    "",
    "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n",
  );
  expect(read(given, { ...NOBODY, returnPath: "" })).toMatchObject({ isFinal: true, reports: [{ action: "failed" }] });
});
