/** The replies of the protocol itself, made once; what providers say is in `providers.ts`. Enhanced codes per RFC 3463. */
import type { WireReply } from "./plan.ts";

export function reply(code: number, ...lines: readonly string[]): WireReply {
  return { code, lines };
}

export const REPLIES = {
  ok: reply(250, "2.0.0 Ok"),
  senderOk: reply(250, "2.1.0 Ok"),
  rcptOk: reply(250, "2.1.5 Ok"),
  startContent: reply(354, "End data with <CR><LF>.<CR><LF>"),
  bye: reply(221, "2.0.0 Bye"),
  vrfy: reply(252, "2.5.0 Try to send something"),
  idle: reply(421, "4.4.2 Error: timeout exceeded"),
  shutdown: reply(421, "4.3.2 Service closing transmission channel"),
  tooManyConnections: reply(421, "4.3.2 Too many connections"),
  noRoom: reply(452, "4.3.1 Insufficient system storage, try again later"),
  tooManyRecipients: reply(452, "4.5.3 Too many recipients"),
  lineTooLong: reply(500, "5.5.2 Line too long"),
  unrecognized: reply(500, "5.5.2 Error: bad syntax"),
  unimplemented: reply(502, "5.5.1 Error: command not implemented"),
  helloName: reply(501, "5.5.4 Syntax: EHLO hostname"),
  mailSyntax: reply(501, "5.5.4 Syntax: MAIL FROM:<address>"),
  rcptSyntax: reply(501, "5.5.4 Syntax: RCPT TO:<address>"),
  dataSyntax: reply(501, "5.5.4 Syntax: DATA"),
  senderSyntax: reply(501, "5.1.7 Bad sender address syntax"),
  rcptAddress: reply(501, "5.1.3 Bad recipient address syntax"),
  helloFirst: reply(503, "5.5.1 Error: send EHLO first"),
  nestedMail: reply(503, "5.5.1 Error: nested MAIL command"),
  mailFirst: reply(503, "5.5.1 Error: need MAIL command"),
  noRecipients: reply(554, "5.5.1 Error: no valid recipients"),
  tooLarge: reply(552, "5.3.4 Message size exceeds fixed limit"),
  needsUtf8: reply(553, "5.6.7 Address needs SMTPUTF8"),
  parameter: reply(555, "5.5.4 Unsupported parameter"),
  tooManyErrors: reply(421, "4.7.0 Error: too many errors"),
} as const;

export const HELP = reply(214, "2.0.0 A sandbox: nothing leaves this machine");

/** In front of a line, with its blank (RFC 2034 §4). */
export const ENHANCED_CODE = /^[245]\.\d{1,3}\.\d{1,3} /;
const wires = new WeakMap<WireReply, string>();

/** The reply as it goes on the wire: `250-…` for all lines but the last (RFC 5321 §4.2.1). */
export function wireOf(text: WireReply): string {
  const known = wires.get(text);
  if (known !== undefined) return known;
  const last = text.lines.length - 1;
  const wire = text.lines.map((line, i) => `${text.code}${i < last ? "-" : " "}${line}\r\n`).join("");
  wires.set(text, wire);
  return wire;
}

/** The same reply for a provider that knows no enhanced codes. */
export function withoutEnhanced(text: WireReply): WireReply {
  return { code: text.code, lines: text.lines.map((line) => line.replace(ENHANCED_CODE, "")) };
}
