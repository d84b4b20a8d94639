import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readReply } from "../bounce/read-reply.ts";
import { isWithinBlock, netblockOf, parseBlock } from "./address-block.ts";
import { type NamedObject, namedObject } from "./named-object.ts";

function named(text: string, own: string | null = null): NamedObject | null {
  return namedObject({ ...readReply(text), text }, own);
}

const RATE = "Gmail has detected an unusual rate of unsolicited mail";
const GUIDE = "To protect our users from spam, mail has been temporarily rate limited. - gsmtp";

describe("replies of providers", () => {
  it.each<[string, NamedObject | null]>([
    [`421 4.7.28 ${RATE} originating from your IP address. ${GUIDE}`, { kind: "source", address: null }],
    [
      `421 4.7.28 [192.0.2.7      19] ${RATE} originating from your IP address. ${GUIDE}`,
      { kind: "source", address: null },
    ],
    [
      `421 4.7.28 ${RATE} originating from your IP address [192.0.2.7      19]. ${GUIDE}`,
      { kind: "source", address: "192.0.2.7" },
    ],
    [`421 4.7.28 ${RATE} originating from your IP Netblock. ${GUIDE}`, { kind: "netblock", block: null }],
    [
      `421 4.7.28 ${RATE} originating from your IP Netblock [192.0.2.0/24      18]. ${GUIDE}`,
      { kind: "netblock", block: "192.0.2.0/24" },
    ],
    [
      `421 4.7.28 ${RATE} originating from your IP Netblock [2001:db8:1:2::/64 18]. ${GUIDE}`,
      { kind: "netblock", block: "2001:db8:1:2::/64" },
    ],
    [
      `421 4.7.28 ${RATE} originating 4.7.28 from your DKIM 4.7.28 domain [example.com      36]. ${GUIDE}`,
      { kind: "dkim-domain", domain: "example.com" },
    ],
    [`421 4.7.28 ${RATE} originating from your DKIM domain [ 15]. ${GUIDE}`, { kind: "dkim-domain", domain: null }],
    [
      `421 4.7.28 ${RATE} originating from your SPF domain [mail.example.com 35]. ${GUIDE}`,
      { kind: "spf-domain", domain: "mail.example.com" },
    ],
    [`421 4.7.28 ${RATE} containing one of your URL domains. ${GUIDE}`, { kind: "url-domain", domain: null }],
    [
      "421 4.7.28 Gmail has detected this sender exceeded the quota for sending messages that have the same Message-ID: gsmtp",
      { kind: "delivery" },
    ],
    [
      "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time. gsmtp",
      { kind: "recipient" },
    ],
    [
      "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered. gsmtp",
      { kind: "recipient" },
    ],
    ["450 4.2.1 Peak SMTP relay limit exceeded for customer. This is a temporary error. gsmtp", { kind: "recipient" }],
    ["452 4.2.2 The email account that you tried to reach is over quota. gsmtp", { kind: "recipient" }],
    ["554 5.2.121 Recipient's per hour message receive limit from specific sender exceeded", { kind: "recipient" }],
    [
      "550 5.7.1 Gmail has detected that this message is likely suspicious due to the very low reputation of the sending domain. gsmtp",
      { kind: "dkim-domain", domain: null },
    ],
    [
      "550 5.7.1 Gmail has detected that this message is likely suspicious due to the very low reputation of the sending IP address. gsmtp",
      { kind: "source", address: null },
    ],
    [
      "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
      { kind: "source", address: "192.0.2.7" },
    ],
    [
      "421 4.7.0 [TS01] Messages temporarily deferred - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
      null,
    ],
    [
      "451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation. For e-mail delivery information see https://postmaster.live.com (S775)",
      { kind: "source", address: "192.0.2.7" },
    ],
    [
      "550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
      { kind: "source", address: "192.0.2.7" },
    ],
    [
      "554 5.7.1 Service unavailable; Client host [2001:db8::7] blocked using zen.spamhaus.org",
      { kind: "source", address: "2001:db8::7" },
    ],
    [
      "554 IP=192.0.2.7 - None/bad reputation. Ask your postmaster for help. (NOWL)",
      { kind: "source", address: "192.0.2.7" },
    ],
    ["550 Ip frequency limited. http://service.mail.qq.com/", { kind: "source", address: null }],
    ["421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. OFR_104 [104]", null],
    ["450 4.2.0 <kim@example.com>: Recipient address rejected: Greylisted", null],
    ["421 Too many connections", null],
    ["", null],
  ])("%s", (text, expected) => {
    expect(named(text)).toEqual(expected);
  });

  it("an address that stands anywhere counts when it is ours", () => {
    const text = "554 mx.example.net example 192.0.2.7 block for spam";
    expect(named(text)).toBeNull();
    expect(named(text, "192.0.2.7")).toEqual({ kind: "source", address: "192.0.2.7" });
  });

  it("whatever a reply says, reading it ends, and what is read is well-formed", () => {
    const piece = fc.constantFrom(
      "[",
      "]",
      "1.2.3.4",
      "::",
      "/",
      "/24",
      "dkim domain [",
      "ip netblock ",
      "a.",
      "from ",
      "\0",
      " ",
      "999.1.1.1",
      "f",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 400 }), (pieces) => {
        const object = named(pieces.join(""));
        if (object?.kind === "netblock" && object.block !== null) expect(parseBlock(object.block)).not.toBeNull();
        if (object?.kind === "source" && object.address !== null) expect(parseBlock(object.address)).not.toBeNull();
      }),
    );
  });

  it.each([
    "dkim domain [".repeat(2000),
    `dkim domain [${"a.".repeat(10_000)}`,
    "1.".repeat(10_000),
    ":".repeat(10_000),
    `from ${" ".repeat(10_000)}192.0.2.7`,
    `ip netblock ${"1/".repeat(10_000)}`,
    "\0".repeat(10_000),
  ])("10 kB of %.13s are bounded", (text) => {
    expect(["netblock", "dkim-domain", undefined]).toContain(named(`421 ${text}`)?.kind);
  });
});

describe("blocks", () => {
  it.each<[string, string | null]>([
    ["192.0.2.7", "192.0.2.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::7", "2001:db8::/64"],
    ["::1", "::/64"],
    ["::ffff:192.0.2.7", "192.0.2.0/24"],
    ["192.0.2.256", null],
    ["192.0.2.0/24", null],
    ["1:2:3", null],
    ["1::2::3", null],
    ["1:2:3:4:5:6:7:8:9", null],
    ["::1.2.3", null],
    ["fe80::1%eth0", null],
    ["mx.example.com", null],
    ["", null],
  ])("around %s: %s", (address, expected) => {
    expect(netblockOf(address)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ["192.0.2.7", "192.0.2.0/24", true],
    ["192.0.3.7", "192.0.2.0/24", false],
    ["192.0.2.7", "192.0.2.99/24", true],
    ["192.0.2.7", "0.0.0.0/0", true],
    ["2001:db8::7", "2001:db8::/32", true],
    ["2001:db9::7", "2001:db8::/32", false],
    ["192.0.2.7", "::/0", false],
    ["192.0.2.0/24", "192.0.2.0/25", false],
  ])("%s in %s: %s", (inner, outer, expected) => {
    const [a, b] = [parseBlock(inner), parseBlock(outer)];
    expect(a !== null && b !== null && isWithinBlock(a, b)).toBe(expected);
  });

  it.each(["192.0.2.0/33", "192.0.2.0/", "192.0.2.0/24/1", "2001:db8::/129", "192.0.2.0/-1"])("%s is none", (text) => {
    expect(parseBlock(text)).toBeNull();
  });

  it("every address lies in its own netblock", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const [inner, outer] = [parseBlock(address), parseBlock(netblockOf(address) ?? "")];
        expect(inner !== null && outer !== null && isWithinBlock(inner, outer)).toBe(true);
      }),
    );
  });
});
