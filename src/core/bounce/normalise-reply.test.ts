import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseReply } from "./normalise-reply.ts";

describe("normaliseReply", () => {
  it.each([
    ["550 5.1.1 <a@example.com>: User unknown", "550 5.1.1 <*>: User unknown"],
    ["554 Client host [192.0.2.1] blocked", "554 Client host #xxx# blocked"],
    ["421 4.7.0 unusual rate d9443c01a7336-2 - gsmtp", "421 4.7.0 unusual rate #xxx# - gsmtp"],
    ["452 from 2001:db8::12:1", "452 from #xxx#"],
    ["451 4.7.1 try again in 300 seconds", "451 4.7.1 try again in #xxx# seconds"],
    ["550-5.1.1 no\r\n550 5.1.1 such user", "550-5.1.1 no 550 5.1.1 such user"],
    ["554 mx12.example.com ESMTP", "554 #xxx# ESMTP"],
    ["550 No such user", "550 No such user"],
  ])("%s", (text, expected) => {
    expect(normaliseReply(text)).toBe(expected);
  });

  it("is the same for replies that differ in address, host number and id", () => {
    const reply = (n: number) => `550 5.1.1 <u${n}@example.com> unknown on 192.0.2.${n} id a${n}x99${n}`;
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (a, b) => {
        expect(normaliseReply(reply(a))).toBe(normaliseReply(reply(b)));
      }),
    );
  });
});
