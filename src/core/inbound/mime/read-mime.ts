/**
 * A mail taken apart for reading: its header and the texts of its parts. What nobody reads (pictures, archives) is not decoded,
 * and of long texts only the beginning.
 */
import type { InboundMail, MailPart } from "../reading.ts";
import { type DecodeCharset, decodeHeaderValue } from "./encoded-words.ts";
import { withLf } from "./lines.ts";
import { decodeTransfer } from "./transfer-encoding.ts";
import { type Leaf, walkParts } from "./walk-parts.ts";

/** Characters of one part and of all of them. */
export const MAX_TEXT = 128_000;
export const MAX_TEXTS = 1_000_000;

/** `bytes`: the mail as it came, as a string of characters 0 to 255. Never throws. */
export function readMime(bytes: string, decode: DecodeCharset): InboundMail {
  const { fields, leaves } = walkParts(bytes);
  let left = MAX_TEXTS;
  const parts = leaves.map((leaf): MailPart => {
    const text = left > 0 ? readText(bytes, leaf, Math.min(left, MAX_TEXT), decode) : "";
    left -= text.length;
    return { type: leaf.media.type, text };
  });
  return {
    // An encoded word can hold a line end; a value has none.
    headers: fields.map(({ name, value }) => ({
      name,
      value: decodeHeaderValue(value, decode)
        .replace(/[\r\n]+/g, " ")
        .trim(),
    })),
    parts,
  };
}

/** Some programs send reports as plain data. */
const READ = /^(?:text|message)\/|^application\/octet-stream$/;

function readText(bytes: string, { media, encoding, start, end }: Leaf, limit: number, decode: DecodeCharset): string {
  if (!READ.test(media.type)) return "";
  // Base64 takes four characters for three, quoted-printable up to three for one.
  const raw = bytes.slice(start, Math.min(end, start + limit * 3));
  const text = decode(decodeTransfer(raw, encoding).slice(0, limit), media.charset);
  // The line end before a delimiter belongs to the delimiter.
  return withLf(text).replace(/\n$/, "");
}
