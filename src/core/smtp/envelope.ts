/** The envelope of a message as one server can get it: what it offers decides which parameters there are (RFC 5321 §3.3). */
import type { Capabilities } from "./capabilities.ts";
import { dsnOfMail, dsnOfRcpt } from "./dsn.ts";
import type { Outcome } from "./outcome.ts";
import { formatPath } from "./path.ts";
import { lost, type SmtpMessage } from "./session-state.ts";

type Envelope =
  | { readonly kind: "envelope"; readonly mail: string; readonly rcpt: string }
  | { readonly kind: "unsendable"; readonly outcome: Outcome };

/** The MAIL and RCPT lines, or why this server cannot get the message at all. */
export function writeEnvelope(offered: Capabilities, message: SmtpMessage): Envelope {
  const { size, eightBitMime, smtpUtf8, dsn } = offered;
  const from = formatPath(message.mailFrom);
  const to = message.rcptTo === "" ? null : formatPath(message.rcptTo);
  if (from === null) return unsendable(lost("mail", "smtputf8", "the return path cannot be written in SMTP"));
  if (to === null) return unsendable(lost("rcpt", "smtputf8", "the address cannot be written in SMTP"));
  if (size !== null && size > 0 && message.sizeBytes > size) {
    return unsendable(lost("mail", "too-large", `${message.sizeBytes} bytes; the server takes ${size}`));
  }
  const needsUtf8 = message.needsSmtpUtf8 || BEYOND_ASCII.test(from) || BEYOND_ASCII.test(to);
  if (needsUtf8 && !smtpUtf8) return unsendable(lost("mail", "smtputf8", "the server does not offer SMTPUTF8"));
  if (message.is8bit && !eightBitMime) {
    return unsendable(lost("mail", "smtputf8", "the content is 8-bit and the server does not offer 8BITMIME"));
  }
  let params = size === null ? "" : ` SIZE=${message.sizeBytes}`;
  if (message.is8bit) params += " BODY=8BITMIME";
  if (needsUtf8) params += " SMTPUTF8";
  let rcptParams = "";
  if (dsn && message.dsn) {
    params += dsnOfMail(message.dsn);
    rcptParams = dsnOfRcpt(message.dsn);
  }
  return { kind: "envelope", mail: `MAIL FROM:${from}${params}\r\n`, rcpt: `RCPT TO:${to}${rcptParams}\r\n` };
}

const BEYOND_ASCII = /[\x80-\xff]/;

function unsendable(outcome: Outcome): Envelope {
  return { kind: "unsendable", outcome };
}
