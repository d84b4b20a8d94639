/** The bytes of a notice: plain text, marked as made by a program so that no vacation program answers (RFC 3834 §5). */
import { wrapBase64 } from "../../core/message/base64.ts";
import { cleanValue, mailboxField, textField } from "../../core/message/header-field.ts";
import { formatMailDate, type Instant } from "../../core/time.ts";

export type NoticeMail = {
  readonly id: number;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly at: Instant;
};

/** Each character is a byte, line ends are CRLF. The same notice has the same Message-ID at each attempt. */
export function composeNotice({ id, from, to, subject, text, at }: NoticeMail): string {
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  const lines = text.replace(/\r\n|\r|\n/g, "\r\n");
  return [
    mailboxField("From", cleanValue(from.name), from.address).text,
    mailboxField("To", "", to).text,
    textField("Subject", cleanValue(subject)).text,
    `Date: ${formatMailDate(at)}\r\n`,
    `Message-ID: <notice.${id}.${at.toString(36)}@${domain}>\r\n`,
    "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    wrapBase64(Buffer.from(lines, "utf8").toString("base64")),
  ].join("");
}
