import { describe, expect, test } from "vitest";

import { afterType, fromXtext, readReportAddress } from "./report-address.ts";

describe("addresses as reports write them", () => {
  test.each([
    ["rfc822; ada@one.example", "ada@one.example"],
    ["RFC822;ada@one.example", "ada@one.example"],
    ["rfc822 ; <Ada@One.example>", "Ada@One.example"],
    ["ada@one.example", "ada@one.example"],
    ["<ada@one.example>", "ada@one.example"],
    ["rfc822; Ada Byron <ada@one.example>", "ada@one.example"],
    ["rfc822; ada@one.example (Ada Byron)", "ada@one.example"],
    ["rfc822; 'ada@one.example'", "ada@one.example"],
    ['rfc822; "ada byron"@one.example', '"ada byron"@one.example'],
    ["rfc822; ada@one.example, bob@two.example", "ada@one.example"],
    ["rfc822;mailto:ada@one.example", "ada@one.example"],
    ["utf-8; ad\\x{E9}le@one.example", "adéle@one.example"],
    ["utf-8; adéle@bücher.example", "adéle@bücher.example"],
    ["utf-8; a\\x{D800}@one.example", "a\\x{D800}@one.example"],
    ["x-local; ada+tag=x@one.example", "ada+tag=x@one.example"],
    ["rfc822; SRS0=ab=cd=one.example=ada@two.example", "SRS0=ab=cd=one.example=ada@two.example"],
    ["rfc822;IMCEASMTP-ada+2Eb+40one+2Eexample@two.example", "ada.b@one.example"],
    ["rfc822; ada@[192.0.2.1]", "ada@[192.0.2.1]"],
    ["rfc822; ada@localhost", "ada@localhost"],
  ])("%s", (given, expected) => expect(readReportAddress(given)).toBe(expected));

  test.each([
    ["LOCAL; root"],
    ["rfc822;IMCEAEX-_O=ORG_OU=x_CN=ADA@two.example"],
    ["rfc822;IMCEASMTP-ada@two.example"],
    ["rfc822; ada"],
    ["rfc822; @one.example"],
    ["rfc822; ada@"],
    ["x400; /G=Ada/S=Byron/O=One/ADMD= /C=GB/"],
    ["rfc822; |/usr/bin/procmail"],
    ["rfc822;"],
    [""],
    [null],
  ])("%j names no mailbox", (given) => expect(readReportAddress(given)).toBeNull());

  test("long runs cost nothing", () => {
    for (const unit of ["a", "@", "a@", "<", "\\x{", "(", '"', " ("]) {
      const found = readReportAddress(`rfc822; ${unit.repeat(200_000)}`);
      expect(found === null || found.length <= 512).toBe(true);
    }
  });
});

test.each([
  ["ada+2Bshop@one.example", "ada+shop@one.example"],
  ["ada+3Dx+2By@one.example", "ada=x+y@one.example"],
  ["ada+4217@one.example", "ada+4217@one.example"],
  ["ada+FF+2B@one.example", "ada+FF+@one.example"],
])("xtext %s", (given, expected) => expect(fromXtext(given)).toBe(expected));

test.each([
  ["smtp; 550 no", "550 no"],
  ["X-Postfix;  connect to x", "connect to x"],
  ["550 5.1.1 a; b", "550 5.1.1 a; b"],
  [undefined, ""],
])("the value of %j", (given, expected) => expect(afterType(given)).toBe(expected));
