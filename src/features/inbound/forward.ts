/** Who gets a copy of a mail that came in, and as what: the mail as it came, behind a header that says why (RFC 5322 §3.6.6). */
import type { PlatformSettings } from "../../contract/index.ts";
import type { InboundMail } from "../../core/inbound/reading.ts";
import { formatMailDate, type Instant } from "../../core/time.ts";

const MARK = "X-Envoi-Forwarded";

/** `isUnreadable`: the address for what nobody could read gets it too, the delivery's own if it has one. What was forwarded once is not forwarded again. */
export function copiesFor(
  mail: Pick<InboundMail, "headers">,
  { forwardAddress, unqualifiedAddress }: Pick<PlatformSettings, "forwardAddress" | "unqualifiedAddress">,
  isUnreadable: boolean,
  ofDelivery: string | null = null,
): string[] {
  if (mail.headers.some(({ name }) => name === MARK.toLowerCase())) return [];
  const wanted = [forwardAddress, ...(isUnreadable ? [ofDelivery ?? unqualifiedAddress] : [])];
  return [...new Set(wanted)].filter((address) => address !== "");
}

/** `from`: in whose name; each character is a byte, line ends are CRLF. */
export function composeForward(raw: Uint8Array, id: number, from: string, to: string, now: Instant): string {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("latin1");
  const head = [
    `Resent-Date: ${formatMailDate(now)}`,
    `Resent-From: ${from}`,
    `Resent-To: ${to}`,
    `Resent-Message-ID: <inbound.${id}.${now.toString(36)}@${from.slice(from.lastIndexOf("@") + 1)}>`,
    `${MARK}: ${id}`,
  ];
  const mail = text.replace(/\r\n|\r|\n/g, "\r\n");
  return `${head.join("\r\n")}\r\n${mail}${mail.endsWith("\r\n") ? "" : "\r\n"}`;
}
