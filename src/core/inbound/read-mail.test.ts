/** Whole mails, from bytes to what they say. Notices without a part for machines have tables of their own (notices/). */
import { describe, expect, test } from "vitest";

import { readMime } from "./mime/read-mime.ts";
import { readMail } from "./read-mail.ts";
import type { Envelope, MailKind } from "./reading.ts";

const NOBODY: Envelope = { recipient: null, returnPath: null };
const utf8 = (bytes: string) => Buffer.from(bytes, "latin1").toString("utf8");
const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");
const read = (lines: readonly string[], envelope = NOBODY) =>
  readMail(readMime(latin1(lines.join("\n")), utf8), envelope);

/** Of each recipient: whom, what became of them, why. */
const brief = (lines: readonly string[], envelope = NOBODY) => {
  const { kind, recipients } = read(lines, envelope);
  return [kind, ...recipients.map(({ address, action, answer }) => `${address} ${action}: ${answer.text}`)];
};

const DAEMON = ["From: Mail Delivery System <MAILER-DAEMON@relay.example>", "To: bounces@shop.example"];
const ORIGINAL = [
  "From: news@shop.example",
  "To: ada@one.example",
  "Subject: News",
  "Message-ID: <7-3.x.tag@shop.example>",
];

type Parts = {
  text?: readonly string[];
  fields: readonly string[];
  type?: string;
  top?: readonly string[];
  returned?: readonly string[];
};

function report({
  text = ["Your message could not be delivered."],
  fields,
  type,
  top = DAEMON,
  returned = ORIGINAL,
}: Parts) {
  return [
    ...top,
    "Subject: Undelivered Mail Returned to Sender",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    "",
    "--b",
    "Content-Type: text/plain; charset=utf-8",
    "",
    ...text,
    "",
    "--b",
    `Content-Type: ${type ?? "message/delivery-status"}`,
    "",
    "Reporting-MTA: dns; relay.example",
    "",
    ...fields,
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    ...returned,
    "",
    "--b--",
  ];
}

const ADA = "Final-Recipient: rfc822; ada@one.example";
const FULL = "Diagnostic-Code: smtp; 552 5.2.2 The mailbox of this user is full";

describe("delivery reports", () => {
  test("everything that a report gives", () => {
    const fields = [
      "Original-Recipient: rfc822;ada@two.example",
      ADA,
      "Action: failed",
      "Status: 5.2.2",
      FULL,
      "Remote-MTA: dns; mx.one.example",
    ];
    const lines = report({ fields });
    lines.splice(lines.indexOf("Reporting-MTA: dns; relay.example"), 0, "Original-Envelope-Id: 7-3+2B");
    expect(read(lines)).toEqual({
      kind: "bounce",
      recipients: [
        {
          address: "ada@one.example",
          original: "ada@two.example",
          action: "failed",
          answer: {
            stage: "async",
            code: 552,
            enhanced: "5.2.2",
            text: "552 5.2.2 The mailbox of this user is full",
            mx: "mx.one.example",
          },
        },
      ],
      envelopeId: "7-3+",
      returned: {
        messageId: "7-3.x.tag@shop.example",
        headers: expect.arrayContaining([{ name: "to", value: "ada@one.example" }]),
      },
      format: "rfc3464",
    });
  });

  test.each<[string[], MailKind]>([
    [["failed"], "bounce"],
    [["delayed"], "delayed"],
    [["delivered"], "success"],
    [["relayed"], "success"],
    [["expanded"], "success"],
    [["delivered", "failed"], "bounce"],
    [["delivered", "delayed"], "delayed"],
    [["delayed", "failed"], "bounce"],
  ])("%j", (actions, kind) => {
    const fields = actions.flatMap((action, i) => [
      `Final-Recipient: rfc822; r${i}@one.example`,
      `Action: ${action}`,
      "Status: 4.0.0 (no more to say of it)",
      "",
    ]);
    const reading = read(report({ fields }));
    expect(reading.kind).toBe(kind);
    expect(reading.recipients.map(({ action }) => action)).toEqual(actions);
  });

  test.each([
    ["text/plain"],
    ["application/octet-stream; name=details.txt"],
    ["message/x-delivery-status"],
    ["message/global-delivery-status"],
  ])("whose part has the type %s", (type) => {
    expect(brief(report({ fields: [ADA, "Action: failed", FULL], type }))).toEqual([
      "bounce",
      "ada@one.example failed: 552 5.2.2 The mailbox of this user is full",
    ]);
  });

  test("in two parts, and of the same recipient twice", () => {
    const lines = report({ fields: [ADA, "Action: failed", FULL] });
    const end = lines.pop() ?? "";
    lines.push(
      "--b",
      "Content-Type: message/delivery-status",
      "",
      "Final-Recipient: rfc822; bob@two.example",
      "Action: delayed",
    );
    lines.push(
      "Status: 4.2.1 (try later on)",
      "",
      "Final-Recipient: rfc822; ADA@one.example",
      "Action: failed",
      "Status: 5.0.0",
      end,
    );
    expect(brief(lines)).toEqual([
      "bounce",
      "ada@one.example failed: 552 5.2.2 The mailbox of this user is full",
      "bob@two.example delayed: 4.2.1 (try later on)",
    ]);
  });

  test("in a mail that is no multipart/report", () => {
    const lines = report({ fields: [ADA, "Action: failed", FULL] }).map((line) =>
      line.replace("multipart/report", "multipart/mixed"),
    );
    expect(read(lines)).toMatchObject({ kind: "bounce", format: "rfc3464" });
  });

  test("that somebody calls an answer of a program", () => {
    const top = [...DAEMON, "Auto-Submitted: auto-replied", "X-Autoreply: yes"];
    expect(read(report({ fields: [ADA, "Action: failed", FULL], top })).kind).toBe("bounce");
  });

  test("cut off in the middle", () => {
    const lines = report({ fields: [ADA, "Action: failed", FULL] });
    expect(brief(lines.slice(0, lines.indexOf(FULL) + 1))).toEqual([
      "bounce",
      "ada@one.example failed: 552 5.2.2 The mailbox of this user is full",
    ]);
  });

  test("that say nothing are read as the words around them", () => {
    expect(read(report({ fields: [ADA, "Action: vanished"] }))).toMatchObject({ kind: "bounce", format: "generic" });
  });
});

describe("poor parts for machines are made up for by the words for people", () => {
  test.each<[string, Partial<Parts>, string, RegExp]>([
    [
      "no diagnostic",
      {
        text: ["<ada@one.example>: host mx.one.example said: 550 5.1.1 No such user here"],
        fields: [ADA, "Action: failed", "Status: 5.0.0"],
      },
      "ada@one.example",
      /550 5\.1\.1 No such user here/,
    ],
    [
      "a sentence around the address",
      {
        text: [
          "** Not found **",
          "",
          "Your message to ada@one.example was not delivered because the address does not exist.",
        ],
        fields: [ADA, "Action: failed", "Status: 5.0.0"],
      },
      "ada@one.example",
      /because the address does not exist/,
    ],
    [
      "the address alone, then why",
      {
        text: ["Not delivered to:", "", "ada@one.example", "", "The mailbox of the user is full."],
        fields: [ADA, "Action: failed", "Status: 5.0.0"],
      },
      "ada@one.example",
      /mailbox of the user is full/,
    ],
    [
      "only the name of a host",
      {
        text: ["<ada@one.example>: 550 5.1.1 unknown user"],
        fields: ["Final-Recipient: rfc822; @one.example", "Action: failed", "Status: 5.1.1"],
      },
      "ada@one.example",
      /unknown user/,
    ],
    [
      "no recipient anywhere but in the message that comes back",
      { text: ["Your message failed."], fields: ["Final-Recipient: LOCAL; root", "Action: failed", FULL] },
      "ada@one.example",
      /mailbox of this user is full/,
    ],
  ])("%s", (_, parts, address, text) => {
    const { recipients } = read(report({ fields: [], ...parts }));
    expect(recipients).toHaveLength(1);
    expect(recipients[0]).toMatchObject({ address, action: "failed", answer: { text: expect.stringMatching(text) } });
  });

  test("what the part says well stays as it is", () => {
    const text = ["<ada@one.example>: 550 5.1.1 No such user"];
    expect(brief(report({ text, fields: [ADA, "Action: failed", FULL] }))).toEqual([
      "bounce",
      "ada@one.example failed: 552 5.2.2 The mailbox of this user is full",
    ]);
  });
});

describe("complaints", () => {
  const arf = (type: string) => [
    "From: fbl@provider.example",
    "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
    "",
    "--b",
    "Content-Type: message/feedback-report",
    "",
    `Feedback-Type: ${type}`,
    "User-Agent: x",
    "Original-Rcpt-To: ada@one.example",
    "Original-Rcpt-To: bob@two.example",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    ...ORIGINAL,
    "",
    "--b--",
  ];
  test("of each recipient that is named", () => {
    expect(brief(arf("abuse"))).toEqual([
      "complaint",
      "ada@one.example failed: abuse",
      "bob@two.example failed: abuse",
    ]);
    expect(read(arf("opt-out")).returned?.messageId).toBe("7-3.x.tag@shop.example");
  });
  test("praise is none", () =>
    expect(read(arf("not-spam"))).toMatchObject({ kind: "other", recipients: [], format: "arf" }));
});
