import { describe, expect, it } from "vitest";
import { readReply } from "./read-reply.ts";

describe("readReply", () => {
  it.each([
    ["550 5.1.1 User unknown", 550, "5.1.1", null],
    ["550-5.1.1 User 550 5.1.1 unknown", 550, "5.1.1", null],
    ["421 busy", 421, null, null],
    ["250 2.0.0 ok", 250, "2.0.0", null],
    ["553 sorry (#5.7.1)", 553, "5.7.1", null],
    ["host mx.example.com[192.0.2.1] said: 550 5.7.1 no (in reply to RCPT TO command)", 550, "5.7.1", "rcpt"],
    ["host mx.example.com [192.0.2.1]: 452 later", 452, null, null],
    ["SMTP error from remote mail server after end of data: 554 no", 554, null, "dot"],
    ["SMTP error from remote mail server after pipelined MAIL FROM:<a@b.example> SIZE=9: 550 no", 550, null, "mail"],
    ["host mx.example.com refused to talk to me: 554 go", 554, null, "connect"],
    ["lost connection while performing the EHLO handshake", null, null, "ehlo"],
    ["smtp;550 Requested action not taken", 550, null, null],
    ["#5.1.1 smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", 550, "5.1.1", null],
    ["192.0.2.7_does_not_like_recipient./Remote_host_said:_550_5.1.1_unknown/", 550, "5.1.1", "rcpt"],
    ["Connected to 192.0.2.7 but sender was rejected. Remote host said: 553 no", 553, null, "mail"],
    ["Connected to 192.0.2.7 but greeting failed. Remote host said: 554 no", 554, null, "connect"],
    ["while talking to mx.example.com.: >>> RCPT To:<a@example.com> <<< 550 no such user", 550, null, "rcpt"],
    ["while talking to mx.example.com.: >>> DATA <<< 554 no", 554, null, "data"],
    ["from 192.5.1.1 in 500 days", null, null, null],
    ["no such user", null, null, null],
    ["", null, null, null],
  ])("%s", (text, code, enhanced, stage) => {
    expect(readReply(text)).toEqual({ code, enhanced, stage });
  });
});
