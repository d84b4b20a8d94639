import { describe, expect, test } from "vitest";

import { readDeliveryStatus } from "./delivery-status.ts";

const HEAD = "Reporting-MTA: dns; relay.example\nArrival-Date: Sat, 21 Nov 2026 09:00:00 +0000\n\n";
const first = (fields: string) => readDeliveryStatus(`${HEAD}${fields}`).reports[0];
const brief = (text: string) =>
  readDeliveryStatus(text).reports.map(({ address, original, action, answer }) => [
    address,
    original,
    action,
    answer.text,
  ]);

describe("what a report says of a recipient", () => {
  test("every field, folded, in any case", () => {
    const fields = [
      "original-recipient: rfc822;ada+2Bshop@one.example",
      "Final-Recipient: RFC822; ada@two.example",
      "ACTION: Failed (after 5 days)",
      "Status: 5.1.1 (bad mailbox)",
      "Remote-MTA: dns; MX.Two.example. (192.0.2.1)",
      "Diagnostic-Code: smtp; 550-5.1.1 No such",
      "\t550 5.1.1 user (in reply to RCPT TO command)",
    ].join("\n");
    expect(first(fields)).toEqual({
      address: "ada@two.example",
      original: "ada+shop@one.example",
      action: "failed",
      answer: {
        stage: "async",
        code: 550,
        enhanced: "5.1.1",
        text: "550-5.1.1 No such 550 5.1.1 user (in reply to RCPT TO command)",
        mx: "mx.two.example",
      },
    });
  });

  test.each([
    ["failed", "failed"],
    ["Failed (after 5 days)", "failed"],
    ["failure", "failed"],
    ["permanent-failure", "failed"],
    ["Undeliverable", "failed"],
    ["delayed", "delayed"],
    ["deferred", "delayed"],
    ["delivered", "delivered"],
    ["Relayed (to mx.one.example)", "relayed"],
    ["expanded", "expanded"],
  ])("action %j", (action, expected) => {
    expect(first(`Final-Recipient: rfc822; a@b.example\nAction: ${action}`)?.action).toBe(expected);
  });

  test.each([
    ["Status: 5.1.1", "failed"],
    ["Status: 4.4.7", "failed"],
    ["Status: 4.4.1\nWill-Retry-Until: Sat, 21 Nov 2026 09:00:00 +0000", "delayed"],
    ["Status: 2.0.0", "delivered"],
    ["Diagnostic-Code: smtp; 550 no such user", "failed"],
    ["Diagnostic-Code: smtp; 250 ok", "delivered"],
    ["Action: vanished\nStatus: 5.0.0", "failed"],
  ])("without an action that anybody knows, %j", (fields, expected) => {
    expect(first(`Final-Recipient: rfc822; a@b.example\n${fields}`)?.action).toBe(expected);
  });

  test.each(["", "Action: vanished", "Status: unknown", "Action: constructor"])("%j says nothing", (fields) => {
    expect(first(`Final-Recipient: rfc822; a@b.example\n${fields}`)).toBeUndefined();
  });

  test.each<[string, string | null, number | null, string]>([
    ["Status: 4.4.7", "4.4.7", null, "4.4.7"],
    [
      "Status: 4.0.0 (one.example: host name lookup failure)",
      "4.0.0",
      null,
      "4.0.0 (one.example: host name lookup failure)",
    ],
    ["Status: 600", null, null, "600"],
    ["Diagnostic-Code: x-unix; over quota", null, null, "over quota"],
    ["Diagnostic-Code: 550 no", null, 550, "550 no"],
    ["Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 no", "5.1.1", 550, "550 5.1.1 no"],
    ["Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.7.1 blocked", "5.7.1", 550, "550 5.7.1 blocked"],
    ["Status: 5.2.2\nDiagnostic-Code: smtp; 554 5.0.0 failed", "5.2.2", 554, "554 5.0.0 failed"],
    ["Status: 5.1.1\nDiagnostic-Code: smtp; 550 unknown", "5.1.1", 550, "550 unknown"],
    ["Diagnostic-Code: smtp; 550 a\nDiagnostic-Code: smtp; 550 b", null, 550, "550 a smtp; 550 b"],
    [
      "Diagnostic-Code:\nX-Supplementary-Info: <mx.one.example #5.1.1 smtp;550 5.1.1 no>",
      "5.1.1",
      550,
      "<mx.one.example #5.1.1 smtp;550 5.1.1 no>",
    ],
    [
      "Diagnostic-Code: smtp; 550 see\nhttp://one.example/why for more",
      null,
      550,
      "550 see http://one.example/why for more",
    ],
    ["Diagnostic-Code: smtp; 550 see\nwhy it failed", null, 550, "550 see why it failed"],
  ])("%j", (fields, enhanced, code, text) => {
    const report = first(`Final-Recipient: rfc822; a@b.example\nAction: failed\n${fields}`);
    expect(report?.answer).toEqual({ stage: "async", code, enhanced, text, mx: null });
  });

  test.each([
    ["dns; mx.one.example", "mx.one.example"],
    ["dns;MX.one.example|192.0.2.1|25", "mx.one.example"],
    ["dns; [192.0.2.1]", null],
    ["dns; 192.0.2.1", null],
    ["dns; localhost", null],
    ["mx.one.example", "mx.one.example"],
  ])("Remote-MTA: %s", (value, mx) => {
    expect(first(`Final-Recipient: rfc822; a@b.example\nAction: failed\nRemote-MTA: ${value}`)?.answer.mx).toBe(mx);
  });
});

describe("whom it names", () => {
  test.each<[string, string, string | null, string | null]>([
    ["the final recipient", "Final-Recipient: rfc822; a@one.example", "a@one.example", null],
    [
      "both, when they differ",
      "Original-Recipient: rfc822; A@two.example\nFinal-Recipient: rfc822; a@one.example",
      "a@one.example",
      "A@two.example",
    ],
    [
      "one, when they do not",
      "Original-Recipient: rfc822; A@one.example\nFinal-Recipient: rfc822; a@one.example",
      "a@one.example",
      null,
    ],
    [
      "the original, when the final is none",
      "Original-Recipient: rfc822; a@one.example\nFinal-Recipient: LOCAL; a",
      "a@one.example",
      null,
    ],
    [
      "whom it led to, when the final is none",
      "Final-Recipient: x400; /S=a/\nX-Actual-Recipient: rfc822; a@one.example",
      "a@one.example",
      null,
    ],
    ["nobody", "Final-Recipient: LOCAL; a", null, null],
    ["nobody, but that something failed", "Status: 5.1.1", null, null],
  ])("%s", (_, fields, address, original) => {
    expect(first(`${fields}\nAction: failed`)).toMatchObject({ address, original });
  });
});

describe("groups", () => {
  const A = "Final-Recipient: rfc822; a@one.example\nAction: failed\nStatus: 5.1.1\n";
  const B = "Final-Recipient: rfc822; b@one.example\nAction: delayed\nStatus: 4.2.2\n";
  const both = [
    ["a@one.example", null, "failed", "5.1.1"],
    ["b@one.example", null, "delayed", "4.2.2"],
  ];
  test.each([
    ["one after the other", `${HEAD}${A}\n${B}`],
    ["with many blank lines", `\n\n${HEAD}\n\n${A}\n \n\t\n${B}\n`],
    ["without a blank line", `${HEAD}${A}${B}`],
    ["in one with the fields of the message", `Reporting-MTA: dns; relay.example\n${A}\n${B}`],
    ["with a blank line inside", `${HEAD}${A.replace("\n", "\n\n")}\n${B.replace("\n", "\n\n")}`],
    ["indented", `${HEAD}\n  ${A.trim().replaceAll("\n", "\n")}\n\n  ${B}`],
    ["among unknown fields", `${HEAD}${A}X-Other: 1\nFoo: bar\n\n${B}Localized-Diagnostic: x\n`],
    ["behind a sentence", `This is a report.\n\n${HEAD}${A}\n${B}`],
  ])("%s", (_, text) => expect(brief(text)).toEqual(both));

  test("original before final, without blank lines", () => {
    const group = (name: string) =>
      `Original-Recipient: rfc822; ${name}@two.example\nFinal-Recipient: rfc822; ${name}@one.example\nAction: failed\nStatus: 5.0.0\n`;
    expect(brief(`${HEAD}${group("a")}${group("b")}`)).toEqual([
      ["a@one.example", "a@two.example", "failed", "5.0.0"],
      ["b@one.example", "b@two.example", "failed", "5.0.0"],
    ]);
  });

  test("none", () => {
    expect(brief("")).toEqual([]);
    expect(brief(HEAD)).toEqual([]);
    expect(brief("Dear Ada,\n\nAll is well: do not worry.\n")).toEqual([]);
  });

  test("of very many the first thousand", () => {
    expect(brief(`${HEAD}${`${A}\n`.repeat(3000)}`)).toHaveLength(1000);
    for (const unit of [
      "Action",
      ":",
      "\n ",
      "a:",
      "\n\n",
      "Diagnostic-Code: smtp; ",
      "Action: failed\n",
      "Status: 5.0.0\n ",
    ]) {
      for (const { answer } of readDeliveryStatus(unit.repeat(50_000)).reports) {
        expect(answer.text.length).toBeLessThanOrEqual(2000);
      }
    }
  });
});

test.each([
  ["Original-Envelope-Id: 12-3", "12-3"],
  ["original-envelope-id:  a+2Bb+3Dc", "a+b=c"],
  ["Reporting-MTA: dns; x", null],
])("envelope id: %s", (field, expected) => {
  expect(readDeliveryStatus(`${field}\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed`).envelopeId).toBe(
    expected,
  );
});
