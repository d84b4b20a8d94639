/** What recipients and their programs send back: away notes and challenges (RFC 3834), complaints of a form of their own, wishes. */
import { formatMailDate } from "../time.ts";
import { letter, multipart, type Reported } from "./reports.ts";

export function vacationNote(message: Reported): string {
  return letter(
    message,
    [
      ["From", `<${message.recipient}>`],
      ["Subject", `Out of office: ${fieldOf(message.head, "subject")}`],
      ["Auto-Submitted", "auto-replied (vacation)"],
      ["Precedence", "bulk"],
      ["In-Reply-To", fieldOf(message.head, "message-id")],
    ],
    "text/plain; charset=us-ascii",
    [
      "Thank you for your message. I am out of the office until Monday and read no mail.",
      "",
      "This mailbox is not full, and nothing was returned: this is an automatic reply.",
    ],
  );
}

/** Of a filter that lets in only those whom somebody has confirmed. */
export function challenge(message: Reported): string {
  return letter(
    message,
    [
      ["From", `<${message.recipient}>`],
      ["Subject", "Please confirm your message"],
      ["Auto-Submitted", "auto-replied"],
      ["In-Reply-To", fieldOf(message.head, "message-id")],
    ],
    "text/plain; charset=us-ascii",
    [
      `Your message to ${message.recipient} is waiting, because I do not know your address yet.`,
      "To prove that you are a person, please reply to this message or click on the link below to confirm.",
      "",
      "https://filter.example/confirm/4711",
    ],
  );
}

/** To the mailbox that List-Unsubscribe names, with the subject that it asks for (RFC 2369 §3.2, RFC 6068 §2). */
export function wish(message: Reported, subject: string): string {
  const lines = [
    `Date: ${formatMailDate(message.at)}`,
    `From: <${message.recipient}>`,
    `To: <${message.returnPath}>`,
    `Subject: ${subject}`,
    `Message-ID: <${message.id}@client.example>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    "",
  ];
  return lines.join("\r\n");
}

/** As Microsoft's JMRP has it: no part for machines, the message attached with a field for whom it went to. */
export function jmrpComplaint(message: Reported): string {
  const [, sent = "192.0.2.1"] = /\[(\d{1,3}(?:\.\d{1,3}){3})\]/.exec(message.head) ?? [];
  return multipart(
    message,
    "",
    [
      ["From", "<staff@sandbox.test>"],
      ["Subject", `complaint about message from ${sent}`],
    ],
    [
      [
        "message/rfc822",
        [`X-HmXmrOriginalRecipient: ${message.recipient}`, message.head, "", "The body was left out."],
      ],
    ],
  );
}

/** Unfolded (RFC 5322 §2.2.3), encoded words as they are; empty when there is none. */
export function fieldOf(head: string, name: string): string {
  const lines = head.replace(/\r\n[ \t]/g, " ").split("\r\n");
  const found = lines.find((line) => line.slice(0, name.length + 1).toLowerCase() === `${name}:`);
  return found?.slice(name.length + 1).trim() ?? "";
}
