/** Whole mails that must hurt nobody: answers of programs, wishes, and what people and programs write besides. */
import { describe, expect, test } from "vitest";

import { readMime } from "./mime/read-mime.ts";
import { readMail } from "./read-mail.ts";
import type { Envelope } from "./reading.ts";

const NOBODY: Envelope = { recipient: null, returnPath: null };
const utf8 = (bytes: string) => Buffer.from(bytes, "latin1").toString("utf8");
const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");
const read = (lines: readonly string[], envelope = NOBODY) =>
  readMail(readMime(latin1(lines.join("\n")), utf8), envelope);
const ADA = "Final-Recipient: rfc822; ada@one.example";

describe("answers of programs are never bounces", () => {
  const FROM_ADA = ["From: Ada <ada@one.example>", "To: news@shop.example"];
  const WORDS =
    "I no longer work here: my mailbox has been disabled and mail to ada@one.example will not be delivered.";
  test.each<[string, string[], Envelope?]>([
    ["by the header", [...FROM_ADA, "Auto-Submitted: auto-replied", "Subject: Mailbox no longer in use", "", WORDS]],
    ["by the subject", [...FROM_ADA, "Subject: Automatic reply: News", "", WORDS]],
    ["by the subject, from nobody", [...FROM_ADA, "Return-Path: <>", "Subject: Abwesenheit", "", WORDS]],
    [
      "by the envelope and the words",
      [...FROM_ADA, "Subject: News", "", "I am on vacation until 5 May."],
      { ...NOBODY, returnPath: "" },
    ],
    [
      "that quote the mail",
      [
        ...FROM_ADA,
        "Auto-Submitted: auto-replied",
        "Subject: Re: News",
        "",
        "Back on Monday.",
        "",
        "> 550 5.1.1 <ada@one.example> unknown",
      ],
    ],
    [
      "that attach it",
      [
        ...FROM_ADA,
        "Auto-Submitted: auto-replied",
        "Subject: Away",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        "Away.",
        "--b",
        "Content-Type: message/rfc822",
        "",
        "Subject: News",
        "--b--",
      ],
    ],
    [
      "receipts",
      [
        ...FROM_ADA,
        "Subject: Read: News",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
        "",
        "--b",
        "",
        "Your message was read.",
        "--b",
        "Content-Type: message/disposition-notification",
        "",
        ADA,
        "Disposition: manual-action/MDN-sent-manually; displayed",
        "--b--",
      ],
    ],
  ])("%s", (_, lines, envelope) => {
    expect(read(lines, envelope)).toMatchObject({
      kind: "auto-reply",
      recipients: [{ address: "ada@one.example", action: "delayed" }],
    });
  });
});

describe("wishes", () => {
  test.each([
    ["in the subject", ["From: ada@one.example", "Subject: Unsubscribe", "", "x"]],
    ["in the first line", ["From: ada@one.example", "Subject: Re: News", "", "Please unsubscribe me.", "> News"]],
    ["in HTML", ["From: ada@one.example", "Subject: Re: News", "Content-Type: text/html", "", "<div>STOP</div><br>"]],
    [
      "of a mail program for its user",
      [
        "From: ada@one.example",
        "Subject: unsubscribe",
        "Auto-Submitted: auto-replied",
        "X-Apple-Unsubscribe: true",
        "",
        "x",
      ],
    ],
  ])("%s", (_, lines) => {
    expect(read(lines)).toMatchObject({ kind: "unsubscribe", recipients: [{ address: "ada@one.example" }] });
  });

  test.each([
    ["of a program", ["From: ada@one.example", "Auto-Submitted: auto-generated", "Subject: Unsubscribe", "", "x"]],
    ["in what is quoted", ["From: ada@one.example", "Subject: Thanks", "", "Great!", "> unsubscribe"]],
    ["from nobody", ["From: ada@one.example", "Return-Path: <>", "Subject: unsubscribe", "", "x"]],
  ])("%s do not count", (_, lines) => expect(read(lines).kind).not.toBe("unsubscribe"));
});

describe("ordinary mail is `other`, whatever it speaks of", () => {
  const QUOTED = [
    "> <bob@two.example>: host mx.two.example said: 550 5.1.1 User unknown",
    "> Final-Recipient: rfc822; bob@two.example",
    "> Action: failed",
  ];
  const NOTICE = [
    "Final-Recipient: rfc822; bob@two.example",
    "Action: failed",
    "Status: 5.1.1",
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown",
  ];
  const ATTACHED = [
    "From: MAILER-DAEMON@two.example",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    "",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    ...NOTICE,
    "--b--",
  ];
  test.each<[string, string[]]>([
    [
      "a newsletter about bounces",
      [
        "From: News <news@tech.example>",
        "Subject: Undeliverable? Why mail bounces",
        "List-Unsubscribe: <mailto:u@tech.example>",
        "",
        "A 550 5.1.1 user unknown means that the mailbox bob@two.example does not exist.",
      ],
    ],
    [
      "a person who asks about a bounce",
      [
        "From: Ada <ada@one.example>",
        "Subject: Re: Undelivered Mail Returned to Sender",
        "In-Reply-To: <1@two.example>",
        "",
        "What does this mean?",
        "",
        ...QUOTED,
      ],
    ],
    [
      "a list that discusses one, unquoted",
      [
        "From: Ada <ada@one.example>",
        "Subject: [users] delivery failed",
        "List-Id: <users.list.example>",
        "",
        "My log has:",
        "",
        ...NOTICE,
      ],
    ],
    [
      "a postmaster who writes",
      [
        "From: Bob <postmaster@two.example>",
        "Subject: Your newsletter",
        "User-Agent: Mutt",
        "",
        "Could you send less often? Some of our users' mailboxes are full.",
      ],
    ],
    [
      "a forwarded bounce, attached",
      [
        "From: Ada <ada@one.example>",
        "Subject: Fwd: help",
        "Content-Type: multipart/mixed; boundary=m",
        "",
        "--m",
        "",
        "See below.",
        "--m",
        "Content-Type: message/rfc822",
        "",
        ...ATTACHED,
        "--m--",
      ],
    ],
    [
      "an alert",
      [
        "From: monitor@shop.example",
        "Auto-Submitted: auto-generated",
        "Subject: 12 deliveries failed",
        "",
        "12 messages failed in the last hour.",
      ],
    ],
    [
      "an order",
      [
        "From: shop@one.example",
        "Subject: Your order could not be delivered",
        "",
        "The parcel for Ada was returned to sender: nobody was at home.",
      ],
    ],
    ["a person", ["From: Ada <ada@one.example>", "Subject: Hello", "", "How are you? bob@two.example says hi."]],
    [
      "a report about TLS",
      [
        "From: tlsrpt@one.example",
        "Subject: Report Domain: shop.example Submitter: one.example",
        'Content-Type: multipart/report; report-type="tlsrpt"; boundary=b',
        "",
        "--b",
        "",
        "This is an aggregate TLS report; 3 sessions failed.",
        "--b",
        "Content-Type: application/tlsrpt+gzip",
        "",
        "x",
        "--b--",
      ],
    ],
    [
      "a report about DMARC",
      [
        "From: noreply-dmarc@one.example",
        "Subject: Report Domain: shop.example Submitter: one.example Report-ID: 1",
        "Content-Type: application/zip",
        "",
        "x",
      ],
    ],
    [
      "a list that holds a mail",
      [
        "From: users-bounces@list.example",
        "Subject: Your message awaits approval",
        "Auto-Submitted: auto-generated",
        "List-Id: <users.list.example>",
        "",
        "It is being held until the moderator can review it.",
      ],
    ],
    [
      "an appointment",
      ["From: ada@one.example", "Subject: Declined: lunch", "Content-Type: text/calendar", "", "BEGIN:VCALENDAR"],
    ],
    ["nothing", [""]],
  ])("%s", (_, lines) => expect(read(lines)).toMatchObject({ kind: "other", recipients: [] }));
});
