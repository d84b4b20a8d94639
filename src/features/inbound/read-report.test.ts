import { describe, expect, test } from "vitest";

import { readReport } from "./read-report.ts";

const HEAD = "Reporting-MTA: dns; relay.example\r\nArrival-Date: Sat, 21 Nov 2026 09:00:00 +0000\r\n\r\n";
const first = (fields: string) => readReport(`${HEAD}${fields}`)[0];

describe("what a report says of a recipient", () => {
  test("every field, folded, in any case", () => {
    const fields = [
      "original-recipient: rfc822;ada+2Bshop@one.example",
      "Final-Recipient: RFC822; ada@two.example",
      "ACTION: Failed (after 5 days)",
      "Status: 5.1.1 (bad mailbox)",
      "Remote-MTA: dns; MX.Two.example",
      "Diagnostic-Code: smtp; 550-5.1.1 No such",
      "\t550 5.1.1 user",
    ].join("\r\n");
    expect(first(fields)).toEqual({
      word: "failed",
      recipients: ["ada+2Bshop@one.example", "ada+shop@one.example", "ada@two.example"],
      diagnostic: "550-5.1.1 No such 550 5.1.1 user",
      status: "5.1.1",
      mx: "mx.two.example",
    });
  });

  test.each([
    ["failed", "failed"],
    ["delayed", "delayed"],
    ["delivered", "delivered"],
    ["relayed", "delivered"],
    ["expanded", "delivered"],
    ["Relayed (to mx.one.example)", "delivered"],
    ["constructor", null],
    ["undelivered", null],
    ["", null],
  ])("action %j", (action, word) => expect(first(`Action: ${action}`)?.word).toBe(word));

  test.each([
    ["Status: 4.4.7", "4.4.7", "4.4.7"],
    ["Status: 4.4.7.1", null, ""],
    ["Status: 600", null, ""],
    ["Diagnostic-Code: x-unix; over quota", null, "over quota"],
    ["Diagnostic-Code: 550 no", null, "550 no"],
    ["", null, ""],
  ])("%s", (field, status, diagnostic) => {
    expect(first(`Action: failed\r\n${field}`)).toMatchObject({ status, diagnostic, mx: null, recipients: [] });
  });
});

test("one for each recipient, none for what is no report; what comes after many is not looked at", () => {
  const group = "Final-Recipient: rfc822; a@b.example\nAction: failed\n";
  expect(readReport(`${HEAD}${group}\n \n${group}`)).toHaveLength(2);
  expect(readReport("")).toEqual([]);
  expect(readReport("Reporting-MTA: dns; relay.example")).toEqual([]);
  expect(readReport(`${group}\n`.repeat(10_000)).length).toBeLessThanOrEqual(51);
  for (const unit of ["Action", ":", "\n ", "a:", "\n\n", "Diagnostic-Code: smtp; "]) readReport(unit.repeat(50_000));
});
