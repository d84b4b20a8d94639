/** The bytes of a notice: plain text, marked as made by a program so that no vacation program answers (RFC 3834 §5). */
import { wrapBase64 } from "../../core/message/base64.ts";
import { cleanValue, type HeaderField, mailboxField, textField } from "../../core/message/header-field.ts";
import { formatMailDate, type Instant } from "../../core/time.ts";

export type NoticeMail = {
  readonly id: number;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly at: Instant;
};

/** Each character is a byte, line ends are CRLF. */
export type ComposedNotice = { readonly headers: readonly HeaderField[]; readonly body: string };

/** The same notice has the same Message-ID at each attempt. */
export function composeNotice({ id, from, to, subject, text, at }: NoticeMail): ComposedNotice {
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  const lines = `${text.replace(/\r\n|\r|\n/g, "\r\n").trimEnd()}\r\n`;
  const field = (name: string, value: string): HeaderField => ({ name, text: `${name}: ${value}\r\n` });
  return {
    headers: [
      mailboxField("From", cleanValue(from.name), from.address),
      mailboxField("To", "", to),
      textField("Subject", cleanValue(subject)),
      field("Date", formatMailDate(at)),
      field("Message-ID", `<notice.${id}.${at.toString(36)}@${domain}>`),
      field("Auto-Submitted", "auto-generated"),
      field("MIME-Version", "1.0"),
      field("Content-Type", "text/plain; charset=utf-8"),
      field("Content-Transfer-Encoding", "base64"),
    ],
    body: wrapBase64(Buffer.from(lines, "utf8").toString("base64")),
  };
}
