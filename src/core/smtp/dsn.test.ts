import { expect, test } from "vitest";

import { dsnOfMail, dsnOfRcpt, type DsnRequest } from "./dsn.ts";

const NOTHING: DsnRequest = { ret: null, envid: null, notify: null, orcpt: null };

test.each<[Partial<DsnRequest>, string]>([
  [{}, ""],
  [{ ret: "HDRS" }, " RET=HDRS"],
  [{ ret: "FULL", envid: "12-7" }, " RET=FULL ENVID=12-7"],
  [{ envid: "a b+c=d" }, " ENVID=a+20b+2Bc+3Dd"],
  // What xtext cannot say is left out: a command must never end early.
  [{ envid: "a\r\nRCPT TO:<b@example.com>" }, ""],
  [{ envid: "ä" }, ""],
  [{ envid: "" }, ""],
  [{ envid: "x".repeat(100) }, ` ENVID=${"x".repeat(100)}`],
  [{ envid: `${"x".repeat(98)}+` }, ""],
])("MAIL says of %j: %j", (asked, text) => {
  expect(dsnOfMail({ ...NOTHING, ...asked })).toBe(text);
});

test.each<[Partial<DsnRequest>, string]>([
  [{}, ""],
  [{ notify: "NEVER" }, " NOTIFY=NEVER"],
  [{ notify: ["SUCCESS", "FAILURE", "DELAY"] }, " NOTIFY=SUCCESS,FAILURE,DELAY"],
  [{ notify: ["FAILURE", "FAILURE"] }, " NOTIFY=FAILURE"],
  [{ notify: [] }, ""],
  [{ orcpt: "A+b@example.com" }, " ORCPT=rfc822;A+2Bb@example.com"],
  [{ orcpt: '"a b"@example.com' }, ' ORCPT=rfc822;"a+20b"@example.com'],
  [{ orcpt: "ä@example.com" }, ""],
  [{ orcpt: `${"x".repeat(500)}@example.com` }, ""],
])("RCPT says of %j: %j", (asked, text) => {
  expect(dsnOfRcpt({ ...NOTHING, ...asked })).toBe(text);
});
