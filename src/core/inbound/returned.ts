/** The message that a mail gives back: attached whole (RFC 2046 §5.2.1) or as its header (RFC 6522 §3). */
import { fieldOf, readHeaderBlock } from "./mime/header-block.ts";
import type { InboundMail, Returned } from "./reading.ts";

const RETURNED = /^(?:message\/(?:rfc822|global|rfc822-headers|global-headers|partial|news)|text\/rfc822-headers)$/;

export function hasReturned(mail: InboundMail): boolean {
  return mail.parts.some(({ type }) => RETURNED.test(type));
}

/** Null where nothing is attached or what is has no header. */
export function readReturned(mail: InboundMail): Returned | null {
  const attached = mail.parts.find(({ type, text }) => RETURNED.test(type) && text.trim() !== "");
  return attached === undefined ? null : returnedFrom(attached.text);
}

/** `text`: a header, with or without the body behind it. */
export function returnedFrom(text: string): Returned | null {
  const start = text.trimStart();
  const { fields } = readHeaderBlock(start, 0, start.length);
  if (fields.length === 0) return null;
  return { messageId: readMessageId(fieldOf(fields, "message-id")), headers: fields };
}

/** Without `<>`; its letters keep their case. */
function readMessageId(value: string | null): string | null {
  const id = /<([^<>\s]{1,500})>/.exec(value ?? "")?.[1] ?? /^[^\s<>]{1,500}@[^\s<>]{1,255}$/.exec(value ?? "")?.[0];
  return id ?? null;
}
