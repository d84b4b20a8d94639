/**
 * Header values for reading: bytes by a charset, encoded words (RFC 2047) taken apart. A letter that was cut between two words
 * is whole again, although §5 forbids to cut it.
 */
import { decodeBase64 } from "./transfer-encoding.ts";

/** Bytes by their charset; null or a name nobody knows: whatever fits them. */
export type DecodeCharset = (bytes: string, charset: string | null) => string;

const WORD = /=\?([\w.:-]{1,40})(?:\*[\w-]{0,20})?\?([QqBb])\?([^?\r\n]{0,1000})\?=/g;

export function decodeHeaderValue(value: string, decode: DecodeCharset): string {
  if (!value.includes("=?")) return decode(value, null);
  let out = "";
  let done = 0;
  let pending: { charset: string; bytes: string } | null = null;
  for (const match of value.matchAll(WORD)) {
    const [whole, charset = "", encoding = "", text = ""] = match;
    const between = value.slice(done, match.index);
    done = match.index + whole.length;
    const bytes = encoding.toUpperCase() === "B" ? decodeBase64(text) : decodeQ(text);
    if (pending !== null && pending.charset === charset.toLowerCase() && between.trim() === "") {
      pending.bytes += bytes;
      continue;
    }
    if (pending !== null) out += decode(pending.bytes, pending.charset);
    // Blanks between two words are no part of the text (RFC 2047 §6.2).
    if (pending === null || between.trim() !== "") out += decode(between, null);
    pending = { charset: charset.toLowerCase(), bytes };
  }
  if (pending !== null) out += decode(pending.bytes, pending.charset);
  return out + decode(value.slice(done), null);
}

function decodeQ(text: string): string {
  return text
    .replaceAll("_", " ")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
