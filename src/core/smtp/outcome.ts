/**
 * What became of one attempt, as facts and without judgement: `core/bounce` turns an outcome into a verdict.
 * Every fact needed later is kept raw (stage, code, all lines); nothing is formatted away here.
 */

/**
 * Where in the dialogue something happened. `starttls` and `auth` count as `ehlo` for rules: trouble about us. The reply to the
 * last chunk (RFC 3030) counts as `dot`.
 */
export type Stage = "connect" | "ehlo" | "mail" | "rcpt" | "data" | "dot";

/** One complete SMTP reply (RFC 5321 §4.2). */
export type Reply = {
  /** Basic code 200..599. */
  readonly code: number;
  /** Enhanced status code such as `5.1.1` (RFC 3463), taken from the start of the text of the last line that has one. */
  readonly enhanced: string | null;
  /** The text of each line without code and separator; at least one, possibly empty. */
  readonly lines: readonly string[];
};

/** Why there was no usable reply. */
export type Trouble =
  | "dns" // no answer from DNS; try later
  | "no-such-domain" // NXDOMAIN or null MX (RFC 7505): final
  | "unreachable" // no connection could be made
  | "timeout" // a phase took longer than its time-out
  | "closed" // the connection ended without a reply
  | "garbage" // bytes that are no SMTP reply
  | "tls" // STARTTLS or the handshake failed
  | "smtputf8" // the address needs SMTPUTF8 and the server does not offer it (RFC 6531 §3.2)
  | "too-large"; // larger than the server's SIZE (RFC 1870 §6)

export type Outcome =
  /** `stage` only when the message was to go no further than RCPT: then the reply is about the recipient, and nothing was sent. */
  | { readonly kind: "accepted"; readonly reply: Reply; readonly stage?: "rcpt" }
  /** A reply that is not success; whether it is final is for the verdict to say. */
  | { readonly kind: "refused"; readonly stage: Stage; readonly reply: Reply }
  /** No reply. `inDoubt` when the final dot or the last chunk was out: the server may have taken the message. */
  | {
      readonly kind: "lost";
      readonly stage: Stage;
      readonly trouble: Trouble;
      readonly detail: string;
      readonly inDoubt: boolean;
    };

/** `550 5.1.1 No such user`: the reply on one line, as the log shows it; line ends become blanks. */
export function replyText(reply: Reply): string {
  return `${reply.code} ${reply.lines.join(" ")}`.trimEnd();
}
