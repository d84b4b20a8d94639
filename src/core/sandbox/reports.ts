/**
 * Reports that come after acceptance: a bounce (RFC 3464 in RFC 6522) and a complaint (ARF, RFC 5965), as raw messages. Text in,
 * text out; characters above 127 are octets (latin1), as in the head of the message that is quoted.
 */
import { formatMailDate, type Instant } from "../time.ts";
import { hashOf } from "./hash.ts";
import type { WireReply } from "./plan.ts";
import { fillReply, type Provider } from "./provider.ts";
import { providerOf } from "./providers.ts";

export type Reported = {
  /** Unique among reports. */
  readonly id: string;
  readonly at: Instant;
  /** Return path of the message: where the report goes. */
  readonly returnPath: string;
  readonly recipient: string;
  /** Header block of the message, without the empty line. */
  readonly head: string;
};

const CAUSES = ["unknown", "full", "disabled"] as const;

/** The reply a provider would have given at once, had it looked at once. */
function causeOf(provider: Provider, recipient: string): WireReply {
  const cause = CAUSES[hashOf(`later:${recipient.toLowerCase()}`) % CAUSES.length] ?? "unknown";
  return fillReply(provider.texts[cause], provider, recipient);
}

/** Final, in the words of the recipient's provider. */
export function bounceReport(message: Reported): string {
  const provider = providerOfAddress(message.recipient);
  const reply = causeOf(provider, message.recipient);
  const diagnostic = `${reply.code} ${reply.lines.join(" ")}`;
  // the report is final, whatever class the reply had
  const enhanced =
    /\b[45](\.\d{1,3}\.\d{1,3})\b/.exec(reply.lines[0] ?? "")?.[1] ?? (reply.code === 452 ? ".2.2" : ".1.1");
  const status = [
    `Reporting-MTA: dns; ${provider.mx}`,
    `Arrival-Date: ${formatMailDate(message.at)}`,
    "",
    `Final-Recipient: rfc822; ${message.recipient}`,
    "Action: failed",
    `Status: 5${enhanced}`,
    `Remote-MTA: dns; store.${provider.mx}`,
    `Diagnostic-Code: smtp; ${diagnostic}`,
    "",
  ];
  const text = [
    `This is the mail system at host ${provider.mx}.`,
    "",
    "Your message was taken, but it could not be delivered to the recipient below.",
    "",
    `<${message.recipient}>: ${diagnostic}`,
    "",
  ];
  return multipart(
    message,
    "delivery-status",
    [
      ["From", `Mail Delivery System <MAILER-DAEMON@${provider.mx}>`],
      ["Subject", "Undelivered Mail Returned to Sender"],
      ["Auto-Submitted", "auto-replied"],
    ],
    [
      ["text/plain; charset=utf-8", text],
      ["message/delivery-status", status],
      ["text/rfc822-headers", [message.head, ""]],
    ],
  );
}

export function complaintReport(message: Reported): string {
  const feedback = [
    "Feedback-Type: abuse",
    "User-Agent: Sandbox-FBL/1.0",
    "Version: 1",
    `Original-Mail-From: <${message.returnPath}>`,
    `Original-Rcpt-To: <${message.recipient}>`,
    `Arrival-Date: ${formatMailDate(message.at)}`,
    `Reported-Domain: ${message.returnPath.slice(message.returnPath.lastIndexOf("@") + 1)}`,
    "",
  ];
  const text = [
    `This is an abuse report for a message received on ${formatMailDate(message.at)}.`,
    "A recipient marked it as unwanted.",
    "",
  ];
  return multipart(
    message,
    "feedback-report",
    [
      ["From", `Feedback Loop <${complaintSender(message.recipient)}>`],
      ["Subject", `complaint about message from ${message.returnPath}`],
    ],
    [
      ["text/plain; charset=utf-8", text],
      ["message/feedback-report", feedback],
      ["text/rfc822-headers", [message.head, ""]],
    ],
  );
}

/** The envelope sender of a complaint about mail to this recipient; bounces have the empty one. */
export function complaintSender(recipient: string): string {
  return `fbl@${providerOfAddress(recipient).mx}`;
}

export function providerOfAddress(address: string): Provider {
  return providerOf(address.slice(address.lastIndexOf("@") + 1).toLowerCase());
}

type Part = readonly [contentType: string, lines: readonly string[]];

/** A report of several parts (RFC 6522); `headers` may have From, Subject and what the format adds. */
export function multipart(
  message: Reported,
  reportType: string,
  headers: readonly (readonly [string, string])[],
  parts: readonly Part[],
): string {
  const boundary = `=_report_${message.id}`;
  const lines = ["This is a MIME-encapsulated message.", ""];
  for (const [contentType, content] of parts)
    lines.push(`--${boundary}`, `Content-Type: ${contentType}`, "", ...content, "");
  const type = reportType === "" ? "multipart/mixed" : `multipart/report; report-type=${reportType}`;
  return letter(message, headers, `${type}; boundary="${boundary}"`, [...lines, `--${boundary}--`]);
}

/** One mail to where the message came from. */
export function letter(
  message: Reported,
  headers: readonly (readonly [string, string])[],
  contentType: string,
  lines: readonly string[],
): string {
  return [
    `Date: ${formatMailDate(message.at)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `To: <${message.returnPath}>`,
    `Message-ID: <${message.id}@${providerOfAddress(message.recipient).mx}>`,
    "MIME-Version: 1.0",
    `Content-Type: ${contentType}`,
    "",
    ...lines,
    "",
  ].join("\r\n");
}
