/**
 * Notices in the manner of mail systems that do not write plain RFC 3464: programs that explain in words, gateways, systems of other
 * languages. The words are those that the programs are known by; characters above 127 are octets, as in `reports.ts`.
 */
import { formatMailDate, HOUR } from "../time.ts";
import { letter, multipart, providerOfAddress, type Reported } from "./reports.ts";

/** Nobody has given up: the recipient's server does not answer (RFC 3464 §2.3.3). */
export function delayedNotice(message: Reported): string {
  const { mx } = providerOfAddress(message.recipient);
  return multipart(
    message,
    "delivery-status",
    [
      ["From", `Mail Delivery System <MAILER-DAEMON@${mx}>`],
      ["Subject", "Delayed Mail (still being retried)"],
      ["Auto-Submitted", "auto-replied"],
    ],
    [
      [
        "text/plain; charset=us-ascii",
        [
          `This is the mail system at host ${mx}.`,
          "",
          "Your message could not be delivered for more than 4 hour(s).",
          "It will be retried until it is 5 day(s) old. You do not need to send it again.",
          "",
          `<${message.recipient}>: connect to store.${mx}[192.0.2.25]:25: Connection timed out`,
        ],
      ],
      [
        "message/delivery-status",
        [
          `Reporting-MTA: dns; ${mx}`,
          `Arrival-Date: ${formatMailDate(message.at)}`,
          "",
          `Final-Recipient: rfc822; ${message.recipient}`,
          "Action: delayed",
          "Status: 4.4.1",
          `Diagnostic-Code: X-Postfix; connect to store.${mx}[192.0.2.25]:25: Connection timed out`,
          `Will-Retry-Until: ${formatMailDate(message.at + 120 * HOUR)}`,
        ],
      ],
      ["text/rfc822-headers", [message.head]],
    ],
  );
}

/** https://cr.yp.to/proto/qsbmf.txt: a paragraph for each recipient, the message behind a line of dashes. */
export function qmailNotice(message: Reported): string {
  const { mx } = providerOfAddress(message.recipient);
  return letter(
    message,
    [
      ["From", `MAILER-DAEMON@${mx}`],
      ["Subject", "failure notice"],
    ],
    "text/plain; charset=us-ascii",
    [
      `Hi. This is the qmail-send program at ${mx}.`,
      "I'm afraid I wasn't able to deliver your message to the following addresses.",
      "This is a permanent error; I've given up. Sorry it didn't work out.",
      "",
      `<${message.recipient}>:`,
      "Sorry, no mailbox here by that name. (#5.1.1)",
      "",
      "--- Below this line is a copy of the message.",
      "",
      `Return-Path: <${message.returnPath}>`,
      message.head,
    ],
  );
}

export function eximNotice(message: Reported): string {
  const { mx } = providerOfAddress(message.recipient);
  return letter(
    message,
    [
      ["X-Failed-Recipients", message.recipient],
      ["Auto-Submitted", "auto-replied"],
      ["From", `Mail Delivery System <Mailer-Daemon@${mx}>`],
      ["Subject", "Mail delivery failed: returning message to sender"],
    ],
    "text/plain; charset=us-ascii",
    [
      "This message was created automatically by mail delivery software.",
      "",
      "A message that you sent could not be delivered to one or more of its",
      "recipients. This is a permanent error. The following address(es) failed:",
      "",
      `  ${message.recipient}`,
      "    mailbox is full: retry timeout exceeded",
      "",
      "------ This is a copy of the message, including all the headers. ------",
      "",
      `Return-path: <${message.returnPath}>`,
      message.head,
    ],
  );
}

/** The words for people in HTML, the diagnostic with a name of the system's own. */
export function exchangeNotice(message: Reported): string {
  const { mx } = providerOfAddress(message.recipient);
  const said = "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup";
  return multipart(
    message,
    "delivery-status",
    [
      ["From", `<postmaster@${mx}>`],
      ["Subject", "Undeliverable: your message"],
      ["Auto-Submitted", "auto-replied"],
      ["X-MS-Exchange-Message-Is-Ndr", ""],
      ["In-Reply-To", `<${message.id}@${mx}>`],
    ],
    [
      [
        "text/html; charset=utf-8",
        [
          "<html><body>",
          `<p><b>Your message to ${message.recipient} couldn't be delivered.</b></p>`,
          "<p>The address wasn't found at the recipient's domain. It might be misspelled, or it might not exist.</p>",
          "<p><b>Diagnostic information for administrators:</b></p>",
          `<p>Generating server: ${mx}</p>`,
          `<p>${message.recipient}<br>Remote Server returned '${said}'</p>`,
          "</body></html>",
        ],
      ],
      [
        "message/delivery-status",
        [
          `Reporting-MTA: dns;${mx}`,
          "",
          `Final-Recipient: rfc822;${message.recipient}`,
          "Action: failed",
          "Status: 5.1.10",
          `Diagnostic-Code: smtp;${said}`,
        ],
      ],
      ["message/rfc822", [message.head, "", "The body was left out."]],
    ],
  );
}

/** A gateway (RFC 2156 §5.2.7): the address is one of X.400, ours stands beside it. */
export function x400Notice(message: Reported): string {
  const { mx } = providerOfAddress(message.recipient);
  const [local = ""] = message.recipient.split("@");
  return multipart(
    message,
    "delivery-status",
    [
      ["From", `Gateway <postmaster@${mx}>`],
      ["Subject", "Delivery Report (failure)"],
    ],
    [
      [
        "text/plain; charset=us-ascii",
        [
          "This report relates to a message you sent.",
          "",
          `Your message was not delivered to: ${message.recipient}`,
          "for the following reason: Unrecognised OR Name (no such user)",
        ],
      ],
      [
        "message/delivery-status",
        [
          `Reporting-MTA: x400; mta gateway in /PRMD=example/ADMD= /C=fr/`,
          "",
          `Original-Recipient: rfc822; ${message.recipient}`,
          `Final-Recipient: x400; /S=${local}/O=store/PRMD=example/ADMD= /C=fr/`,
          "Action: failed",
          "Status: 5.1.1",
          "Diagnostic-Code: x400; Unrecognised-OR-Name (no such user): transfer failure",
        ],
      ],
      ["text/rfc822-headers", [message.head]],
    ],
  );
}

/** Words of another language in a charset of their own, UTF-8 in fields where ASCII is asked for. */
export function frenchNotice(message: Reported): string {
  const { mx } = providerOfAddress(message.recipient);
  return multipart(
    message,
    "delivery-status",
    [
      ["From", `=?iso-8859-1?Q?Syst=E8me_de_messagerie?= <MAILER-DAEMON@${mx}>`],
      ["Subject", "=?iso-8859-1?Q?Votre_message_n=27a_pas_=E9t=E9_remis?="],
      ["Auto-Submitted", "auto-replied"],
    ],
    [
      [
        "text/plain; charset=windows-1252",
        [
          `Votre message n\x92a pas pu \xeatre remis au destinataire <${message.recipient}>\xa0:`,
          "la bo\xeete aux lettres est pleine.",
        ],
      ],
      [
        "message/delivery-status",
        [
          `Reporting-MTA: dns; ${mx}`,
          "",
          `Final-Recipient: rfc822; ${message.recipient}`,
          "Action: failed",
          "Status: 5.2.2",
          "Diagnostic-Code: smtp; 552 5.2.2 Bo\xc3\xaete aux lettres pleine, quota d\xc3\xa9pass\xc3\xa9",
        ],
      ],
      ["text/rfc822-headers", [message.head]],
    ],
  );
}

/** A bounce for certain, for a reason that no rule knows. */
export function unclearNotice(message: Reported): string {
  const { mx } = providerOfAddress(message.recipient);
  const said = "554 the pigeon came back with the letter";
  return multipart(
    message,
    "delivery-status",
    [
      ["From", `MAILER-DAEMON@${mx}`],
      ["Subject", "Returned mail"],
    ],
    [
      ["text/plain; charset=us-ascii", [`${message.recipient}: ${said}`]],
      [
        "message/delivery-status",
        [
          `Reporting-MTA: dns; ${mx}`,
          "",
          `Final-Recipient: rfc822; ${message.recipient}`,
          "Action: failed",
          "Status: 5.0.0",
          `Diagnostic-Code: smtp; ${said}`,
        ],
      ],
      ["text/rfc822-headers", [message.head]],
    ],
  );
}
