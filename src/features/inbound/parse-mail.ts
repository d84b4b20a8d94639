/** Bytes of a received mail to what it says. Its reader is our own: bounces break the rules that others rely on. */
import { readMime } from "../../core/inbound/mime/read-mime.ts";
import type { InboundMail } from "../../core/inbound/reading.ts";
import { decodeCharset } from "./decode-charset.ts";

/** `raw`: as it came (RFC 5322); its size is the caller's to bound. Never throws: what is no mail is one text. */
export function parseMail(raw: Uint8Array): Promise<InboundMail> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("latin1");
  return Promise.resolve(readMime(bytes, decodeCharset));
}
