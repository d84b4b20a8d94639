import { describe, expect, test } from "vitest";

import { isComplaintOfPerson, readFeedback } from "./feedback.ts";
import type { InboundMail, MailPart } from "./reading.ts";

const ARF = "multipart/report; report-type=feedback-report; boundary=b";
const part = (type: string, text: string): MailPart => ({ type, text });
const original = (fields = "To: ada@one.example\n") =>
  part("message/rfc822", `From: news@shop.example\n${fields}Message-ID: <7-3.x.tag@shop.example>\n\nHello`);

function mail(fields: Record<string, string>, ...parts: MailPart[]): InboundMail {
  return { headers: Object.entries(fields).map(([name, value]) => ({ name, value })), parts };
}

const arf = (fields: string, ...more: MailPart[]) =>
  readFeedback(
    mail(
      { "content-type": ARF },
      part("text/plain", "An abuse report."),
      part("message/feedback-report", fields),
      ...more,
    ),
  );

describe("RFC 5965", () => {
  test("every field that says whose message it was", () => {
    const fields = [
      "Feedback-Type: Abuse",
      "User-Agent: SomeLoop/1.0",
      "Version: 1",
      "Original-Mail-From: <bounces+tag@shop.example>",
      "Original-Rcpt-To: <ada@one.example>",
      "Original-Envelope-Id: 7-3",
    ].join("\n");
    expect(arf(fields, original())).toMatchObject({
      format: "arf",
      type: "abuse",
      recipients: ["ada@one.example"],
      envelopeId: "7-3",
      returned: { messageId: "7-3.x.tag@shop.example" },
    });
  });

  test.each<[string, string, string, string[]]>([
    [
      "several recipients",
      "Original-Rcpt-To: ada@one.example\nOriginal-Rcpt-To: <bob@two.example>",
      "",
      ["ada@one.example", "bob@two.example"],
    ],
    [
      "several in one field",
      "Original-Rcpt-To: <ada@one.example>, <bob@two.example>",
      "",
      ["ada@one.example", "bob@two.example"],
    ],
    [
      "the same twice",
      "Original-Rcpt-To: ada@one.example\nRemoval-Recipient: Ada@one.example",
      "",
      ["Ada@one.example"],
    ],
    ["as in delivery reports", "Original-Rcpt-To: rfc822; ada@one.example", "", ["ada@one.example"]],
    ["whom to remove", "Removal-Recipient: ada@one.example", "", ["ada@one.example"]],
    ["nobody: To of the original", "", "To: Ada <ada@one.example>\n", ["ada@one.example"]],
    [
      "blacked out: To of the original",
      "Original-Rcpt-To: redacted@one.example",
      "To: ada@one.example\n",
      ["ada@one.example"],
    ],
    [
      "nobody, and several in To: where it came to",
      "",
      "To: ada@one.example, bob@two.example\nDelivered-To: bob@two.example\n",
      ["bob@two.example"],
    ],
    ["nobody, nowhere", "", "To: undisclosed-recipients:;\n", []],
    ["blacked out everywhere", "Original-Rcpt-To: xxxxx@one.example", "To: ***@one.example\n", []],
  ])("%s", (_, fields, originals, recipients) => {
    expect(arf(`Feedback-Type: abuse\nUser-Agent: x\n${fields}`, original(originals))?.recipients).toEqual(recipients);
  });

  test.each([
    ["abuse", "abuse", true],
    ["opt-out", "opt-out", true],
    ["Fraud", "fraud", true],
    ["virus", "virus", true],
    ["other", "other", true],
    ["not-spam", "not-spam", false],
    ["auth-failure", "auth-failure", false],
    ["dmarc", "dmarc", false],
  ])("type %s", (given, type, counts) => {
    expect(arf(`Feedback-Type: ${given}`)?.type).toBe(type);
    expect(isComplaintOfPerson(type)).toBe(counts);
  });

  test("without a type it is abuse", () => expect(arf("User-Agent: x")?.type).toBe("abuse"));

  test.each([
    [
      "text/plain",
      mail(
        { "content-type": ARF },
        part("text/plain", "Feedback-Type: abuse\nUser-Agent: x\nRemoval-Recipient: ada@one.example"),
      ),
    ],
    [
      "plain data",
      mail(
        {},
        part("application/octet-stream", "\nFeedback-Type: abuse\nUser-Agent: x\nRemoval-Recipient: ada@one.example"),
        original(),
      ),
    ],
    [
      "blank lines inside",
      mail({}, part("message/feedback-report", "\nFeedback-Type: abuse\n\nRemoval-Recipient: ada@one.example\n")),
    ],
  ])("a part for machines as %s", (_, given) => {
    expect(readFeedback(given)).toMatchObject({ format: "arf", recipients: ["ada@one.example"] });
  });
});

describe("other forms", () => {
  test.each<[string, InboundMail, object]>([
    [
      "Microsoft's: the original attached, marked",
      mail(
        { from: "staff@hotmail.com", subject: "complaint about message from 192.0.2.1" },
        original("X-HmXmrOriginalRecipient: ada@one.example\nTo: x@two.example\n"),
      ),
      { format: "jmrp", type: "abuse", recipients: ["ada@one.example"] },
    ],
    [
      "the same without the mark",
      mail({ from: "Staff <staff@hotmail.com>" }, original()),
      { format: "jmrp", recipients: ["ada@one.example"] },
    ],
    [
      "a report of a provider's own",
      mail(
        { from: "fbl@provider.example", subject: "Email Feedback Report for IP 192.0.2.1" },
        part("text/plain", "See attached."),
        original(),
      ),
      { format: "abuse-mail", recipients: ["ada@one.example"] },
    ],
    [
      "an abuse desk's",
      mail(
        { from: "abuse@isp.example", subject: "Spam complaint 42" },
        part("text/plain", "x"),
        part("text/rfc822-headers", "To: ada@one.example\n"),
      ),
      { format: "abuse-mail", recipients: ["ada@one.example"] },
    ],
    [
      "Amazon SES by SNS",
      mail(
        { from: "no-reply@sns.amazonaws.com" },
        part(
          "text/plain",
          `${JSON.stringify({
            notificationType: "Complaint",
            complaint: { complainedRecipients: [{ emailAddress: "ada@one.example" }], complaintFeedbackType: "Abuse" },
            mail: { messageId: "0102-x" },
          })}\n\n--\nIf you wish to stop receiving notifications from this topic`,
        ),
      ),
      { format: "ses", type: "abuse", recipients: ["ada@one.example"], returned: { messageId: "0102-x" } },
    ],
    [
      "the same, wrapped",
      mail(
        {},
        part(
          "text/plain",
          JSON.stringify({
            Type: "Notification",
            Message: JSON.stringify({ complaint: { complainedRecipients: [{ emailAddress: "ada@one.example" }] } }),
          }),
        ),
      ),
      { format: "ses", type: "abuse", recipients: ["ada@one.example"] },
    ],
  ])("%s", (_, given, expected) => expect(readFeedback(given)).toMatchObject(expected));
});

test.each<[string, InboundMail]>([
  ["a person who forwards a newsletter", mail({ from: "ada@one.example", subject: "Fwd: spam report" }, original())],
  ["an abuse desk that asks", mail({ from: "abuse@isp.example", subject: "Re: spam complaint" }, original())],
  [
    "an abuse desk without an original",
    mail({ from: "abuse@isp.example", subject: "Spam complaint" }, part("text/plain", "x")),
  ],
  [
    "a discussion of the format",
    mail({ from: "ada@one.example" }, part("text/plain", "Feedback-Type: abuse\nUser-Agent: x")),
  ],
  ["JSON that is none", mail({}, part("text/plain", '{"complainedRecipients": ['))],
  ["JSON without a complaint", mail({}, part("text/plain", '{"complaint": "complainedRecipients"}'))],
  ["nothing", mail({})],
])("%s is no complaint", (_, given) => expect(readFeedback(given)).toBeNull());
