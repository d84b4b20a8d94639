/**
 * Delivery status notifications on request (RFC 3461): what MAIL and RCPT say about them. Only where somebody asked and the
 * server offers DSN; whatever cannot be written as the RFC wants it is left out, never the message.
 */

export type DsnRequest = {
  /** How much of the message a failure report brings back. */
  readonly ret: "HDRS" | "FULL" | null;
  /** Comes back in the report: printable ASCII. */
  readonly envid: string | null;
  readonly notify: "NEVER" | readonly ("SUCCESS" | "FAILURE" | "DELAY")[] | null;
  /** The recipient's address as it was first given; comes back in the report. */
  readonly orcpt: string | null;
};

/** RFC 3461 §4.4 and §4.2, counted as they are written. */
const MAX_ENVID = 100;
const MAX_ORCPT = 500;

const PRINTABLE = /^[\x20-\x7e]+$/;

/** With the blank in front. */
export function dsnOfMail({ ret, envid }: DsnRequest): string {
  const id = envid === null ? null : xtext(envid, MAX_ENVID);
  return (ret === null ? "" : ` RET=${ret}`) + (id === null ? "" : ` ENVID=${id}`);
}

/** With the blank in front. An address beyond ASCII would need the `utf-8` type of RFC 6533, which few servers know. */
export function dsnOfRcpt({ notify, orcpt }: DsnRequest): string {
  const when = notify === null || notify === "NEVER" ? notify : [...new Set(notify)].join(",");
  const address = orcpt === null ? null : xtext(orcpt, MAX_ORCPT - "rfc822;".length);
  return (when ? ` NOTIFY=${when}` : "") + (address === null ? "" : ` ORCPT=rfc822;${address}`);
}

/** RFC 3461 §4: `+`, `=` and the blank as `+` and two hexadecimal digits. Null when it cannot be written, or not so short. */
function xtext(text: string, longest: number): string | null {
  if (!PRINTABLE.test(text)) return null;
  const written = text.replace(/[ +=]/g, (char) => `+${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return written.length <= longest ? written : null;
}
