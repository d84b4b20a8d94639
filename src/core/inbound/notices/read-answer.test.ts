import { describe, expect, it } from "vitest";
import { readAnswer, worthOf } from "./read-answer.ts";

describe("readAnswer", () => {
  it.each<[string, string, string, number | null, string | null, string | null, string]>([
    [
      "a reply",
      "host mx.two.example[192.0.2.9] said: 550 5.1.1 no",
      "async",
      550,
      "5.1.1",
      "mx.two.example",
      "550 5.1.1 no",
    ],
    [
      "after a command",
      "SMTP error from remote mail server after MAIL FROM:<a@b.example>:\nhost mx.two.example [192.0.2.9]: 501 no",
      "mail",
      501,
      null,
      "mx.two.example",
      "501 no",
    ],
    [
      "in reply to",
      "<x>: host mx.two.example[192.0.2.9] said: 552 full (in reply to RCPT TO command)",
      "rcpt",
      552,
      null,
      "mx.two.example",
      "552 full (in reply to RCPT TO command)",
    ],
    [
      "qmail's words",
      "192.0.2.9 failed after I sent the message.\nRemote host said: 554 no",
      "dot",
      554,
      null,
      null,
      "554 no",
    ],
    [
      "Exchange",
      "mx.two.example #<mx.two.example #5.7.1 smtp;550 5.7.1 no> #SMTP#",
      "async",
      550,
      "5.7.1",
      "mx.two.example",
      "550 5.7.1 no",
    ],
    ["lines", "550-5.7.1 one\n\n550 5.7.1 two\n\nmore", "async", 550, "5.7.1", null, "550-5.7.1 one 550 5.7.1 two"],
    [
      "an enhanced code alone",
      "Sorry, no mailbox here. (#5.1.1)",
      "async",
      null,
      "5.1.1",
      null,
      "Sorry, no mailbox here. (#5.1.1)",
    ],
    [
      "numbers that are no codes",
      "Waited: 450 seconds on port: 587, size: 500 KB, queue id: 551 x",
      "async",
      null,
      null,
      null,
      "Waited: 450 seconds on port: 587, size: 500 KB, queue id: 551 x",
    ],
    [
      "words",
      "This message was created automatically. The mailbox is full. Please contact us.",
      "async",
      null,
      null,
      null,
      "The mailbox is full.",
    ],
  ])("%s", (_, block, stage, code, enhanced, mx, text) => {
    expect(readAnswer(block)).toEqual({ stage, code, enhanced, text, mx });
  });

  it("finds nothing in nothing", () => {
    expect(readAnswer(" \n-----\n")).toBeNull();
  });
});

describe("worthOf", () => {
  it.each([
    ["said: 550 no such user", 3],
    ["The mailbox is full.", 2],
    ["Bo Two", 1],
    ["This message was created automatically by mail delivery software.", 0],
    ["For assistance, contact postmaster@two.example.", 0],
  ])("%s", (text, worth) => {
    expect(worthOf(text)).toBe(worth);
  });
});
