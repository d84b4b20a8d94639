/**
 * The parts of a message put together (RFC 2046): mixed(alternative(text, related(html, images)), files), each level only where
 * there is more than one part for it.
 */
import type { HeaderField } from "./header-field.ts";
import { dispositionField } from "./file-name.ts";

/** One part with what its header says; fields end in CRLF. */
export type MimePart = {
  readonly type: string;
  /** Null for a multipart: what is inside is 7bit. */
  readonly encoding: string | null;
  /** Further fields of the part. */
  readonly fields: string;
  readonly body: string;
};

export function textPart(kind: "html" | "text", charset: string, encoding: string, body: string): MimePart {
  return {
    type: `Content-Type: text/${kind === "html" ? "html" : "plain"}; charset=${charset}\r\n`,
    encoding: `Content-Transfer-Encoding: ${encoding}\r\n`,
    fields: "",
    body,
  };
}

export type FilePart = {
  readonly name: string;
  readonly contentType: string;
  readonly contentId: string | null;
  readonly base64: string;
};

export function filePart({ name, contentType, contentId, base64 }: FilePart): MimePart {
  const id = contentId === null ? "" : `Content-ID: <${contentId}>\r\n`;
  return {
    type: `Content-Type: ${contentType}\r\n`,
    encoding: "Content-Transfer-Encoding: base64\r\n",
    fields: id + dispositionField(contentId === null ? "attachment" : "inline", name),
    body: base64,
  };
}

export type MessageParts = {
  readonly text: MimePart | null;
  readonly html: MimePart | null;
  readonly images: readonly MimePart[];
  readonly files: readonly MimePart[];
};

/** `seed` makes the boundaries of this message its own; letters, digits, dots and dashes, 50 at most. */
export function assemble({ text, html, images, files }: MessageParts, seed: string): MimePart {
  const shown = html === null ? null : joined("related", 'type="text/html"', [html, ...images], seed);
  const both = [text, shown].filter((part) => part !== null);
  return joined("mixed", null, [joined("alternative", null, both, seed), ...files], seed);
}

/** A single part stays as it is. */
function joined(subtype: string, parameter: string | null, parts: readonly MimePart[], seed: string): MimePart {
  const [first, ...more] = parts;
  if (first === undefined) throw new Error("a message without parts");
  if (more.length === 0) return first;
  const boundary = boundaryOf(subtype, seed);
  let body = "";
  for (const part of parts)
    body += `--${boundary}\r\n${part.type}${part.encoding ?? ""}${part.fields}\r\n${part.body}\r\n`;
  const type = `Content-Type: multipart/${subtype};${parameter === null ? "" : ` ${parameter};`}\r\n`;
  return { type: `${type} boundary="${boundary}"\r\n`, encoding: null, fields: "", body: `${body}--${boundary}--\r\n` };
}

/**
 * Quoted-printable and base64 never have `=_`, and no line of a 7bit part starts with two dashes, so a boundary that starts with
 * it cannot occur in a part (RFC 2045 §6.7). None is the beginning of another.
 */
function boundaryOf(subtype: string, seed: string): string {
  return `=_${subtype.charAt(0)}.${seed}`;
}

/** The fields of the message itself that say what its body is. */
export function headOf({ type, encoding }: MimePart): HeaderField[] {
  const head = [{ name: "Content-Type", text: type }];
  if (encoding !== null) head.push({ name: "Content-Transfer-Encoding", text: encoding });
  return head;
}
