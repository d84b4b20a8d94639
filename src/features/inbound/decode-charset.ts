/**
 * Bytes of received mail by their charset, as the WHATWG Encoding Standard names them. A label is only a claim: what is UTF-8
 * is read as that whatever it says, and what no label explains is read as Windows-1252, which has a letter for every byte.
 */
import { TextDecoder } from "node:util";

/** Shifted by escape sequences, all of them ASCII bytes. */
const SHIFTED = /^(?:iso-2022|csiso2022|utf-?16|utf-?7|hz-gb)/;
/** ISO-2022-JP: to JIS X 0208 of 1983 and of 1978. */
const JAPANESE = ["\u001b$B", "\u001b$@"];

const decoders = new Map<string, TextDecoder | null>();
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** `bytes`: characters 0 to 255. Never throws. */
export function decodeCharset(bytes: string, charset: string | null): string {
  const label = charset?.toLowerCase() ?? "";
  const isPlain = isAscii(bytes);
  const isJapanese = isPlain && JAPANESE.some((escape) => bytes.includes(escape));
  if (isPlain && !isJapanese && !SHIFTED.test(label)) return bytes;
  const buffer = Buffer.from(bytes, "latin1");
  if (isJapanese) return decoderOf("iso-2022-jp")?.decode(buffer) ?? bytes;
  if (!SHIFTED.test(label)) {
    const text = asUtf8(buffer);
    if (text !== null) return text;
  }
  const decoder = label === "utf-8" || label === "utf8" ? null : decoderOf(label);
  return (decoder ?? decoderOf("windows-1252"))?.decode(buffer) ?? bytes;
}

function isAscii(bytes: string): boolean {
  // oxlint-disable-next-line no-control-regex -- the range of ASCII
  return !/[^\x00-\x7f]/.test(bytes);
}

/** A letter that was cut off at the end is left out, where letters before it show that it was one. */
function asUtf8(buffer: Buffer): string | null {
  for (const cut of [0, 1, 2, 3]) {
    const kept = buffer.subarray(0, buffer.length - cut);
    if (cut > 0 && ((buffer[kept.length] ?? 0) < 0x80 || isAscii(kept.toString("latin1")))) return null;
    try {
      return utf8.decode(kept);
    } catch {
      // Not with these bytes.
    }
  }
  return null;
}

function decoderOf(label: string): TextDecoder | null {
  const known = decoders.get(label);
  if (known !== undefined) return known;
  // Labels come from mail: only names that can be one are asked and kept.
  if (!/^[a-z0-9_.:-]{1,40}$/.test(label) || decoders.size > 200) return null;
  let decoder: TextDecoder | null = null;
  try {
    decoder = new TextDecoder(label);
  } catch {
    // Unknown: the caller falls back.
  }
  decoders.set(label, decoder);
  return decoder;
}
