/** Takes a mail apart: what a person is to read of the notice, and the header of the message that it gives back. */
import type { InboundMail, MailPart } from "../reading.ts";
import { linesOf } from "./lines.ts";
import { MAX_CHARS } from "./notice.ts";
import { plainTextOf } from "./plain-text.ts";
import { isNoticeHeader, splitOriginal } from "./split-original.ts";

const RETURNED = /^(?:message\/(?:rfc822|global|rfc822-headers|global-headers|partial|news)|text\/rfc822-headers)$/;
const REPORT = /^message\/(?:[a-z-]{0,20}delivery-status|[a-z-]{0,20}disposition-notification|feedback-report)$/;

export type HumanText = { readonly text: string; readonly returned: string };

/** `text` is everything before the message that comes back; programs that use no MIME types quote that one in it. */
export function humanTextOf(mail: InboundMail): HumanText {
  const at = mail.parts.findIndex(({ type }) => RETURNED.test(type) || REPORT.test(type));
  const own = at < 0 ? mail.parts : mail.parts.slice(0, at);
  const attached = mail.parts.find(({ type }) => RETURNED.test(type));
  const text = readable(own) || readable(mail.parts);
  if (attached === undefined) return withoutNesting(text);
  const returned = headerOf(attached.text);
  if (!isNoticeHeader(returned)) return { text, returned };
  const inner = withoutNesting(attached.text);
  return { text: `${text}\n\n${inner.text}`, returned: inner.returned };
}

/** A notice inside a notice, as gateways and people pass them on: the inner one tells, once. */
function withoutNesting(text: string): HumanText {
  const { notice, returned, body } = splitOriginal(linesOf(text));
  if (!isNoticeHeader(returned)) return { text, returned };
  const inner = splitOriginal(body);
  return { text: [...notice, "", ...inner.notice].join("\n"), returned: inner.returned };
}

/** The plain parts; HTML where those say next to nothing. */
function readable(parts: readonly MailPart[]): string {
  const plain = join(parts.filter(({ type }) => /^(?:text\/plain\b|multipart\/|$)/.test(type)).map(({ text }) => text));
  const html = parts.filter(({ type }) => type === "text/html");
  if (html.length === 0 || (plain.includes("@") && plain.trim().length > 40)) return plain;
  const shown = join(html.map(({ text }) => plainTextOf(text.slice(0, 2 * MAX_CHARS))));
  return shown.includes("@") || shown.length > plain.trim().length ? shown : plain;
}

function join(texts: readonly string[]): string {
  return texts
    .map((text) => text.slice(0, MAX_CHARS).replace(/\r\n?/g, "\n"))
    .join("\n\n")
    .slice(0, MAX_CHARS);
}

/** Header of an attached message: everything up to the first blank line. */
function headerOf(text: string): string {
  const start = text.slice(0, MAX_CHARS).replace(/\r\n?/g, "\n").replace(/^\n+/, "");
  const end = start.indexOf("\n\n");
  return end < 0 ? start : start.slice(0, end);
}
