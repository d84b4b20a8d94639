/** What large receivers really say; the words decide what rules make of them (reference: mta.md §3.5 and the pages named). */
import type { Reply } from "../../src/core/smtp/outcome.ts";

export function replyOf(text: string): Reply {
  const match = /^(\d{3}) (.*)$/s.exec(text);
  if (!match) throw new Error(`no reply: ${text}`);
  const [, code = "", rest = ""] = match;
  return { code: Number(code), enhanced: /^([245]\.\d{1,3}\.\d{1,3})\b/.exec(rest)?.[1] ?? null, lines: [rest] };
}

export const ACCEPTED = "250 2.0.0 OK queued as 4f1c2";

/** Too fast, in the words of five houses. */
export const RATE_REPLIES = [
  // support.google.com/mail/answer/3726730
  "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.",
  // learn.microsoft.com, "451 4.7.650" (S775)
  "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775)",
  // senders.yahooinc.com/smtp-error-codes
  "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
  // postmaster.comcast.net
  "421 4.1.0 192.0.2.1 Throttled - too many messages. Please see http://postmaster.comcast.net/smtp-error-codes.php#RL000001",
  // support.apple.com/en-us/102322
  "421 4.7.1 Service unavailable - try again later [BS02]",
] as const;

export const TOO_MANY_CONNECTIONS = [
  "421 4.7.0 Too many concurrent SMTP connections from this IP address; please try again later.",
  "421 Too many connections: OFR_104 [104]",
  "421 RP-003 Unfortunately, some messages from 192.0.2.1 weren't sent. Connection limit exceeded.",
] as const;

export const TOO_MANY_ON_CONNECTION = "421 4.7.0 Max message per connection reached, closing transmission channel";
export const GREYLISTED = "451 4.7.1 Greylisted, please try again in 300 seconds";
export const DEFERRING = "451 4.3.0 Temporary server error. Please try again later";
export const SHUT = "421 4.3.2 Service not available, closing transmission channel";
export const USER_UNKNOWN = "550 5.1.1 The email account that you tried to reach does not exist.";
export const REFUSED_CONTENT = "554 5.7.1 Message refused because of its content";
export const BLOCKED =
  "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1";
