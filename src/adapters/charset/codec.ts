/**
 * Charsets of messages besides UTF-8, by iconv-lite; ISO-2022-JP, which it lacks, from its EUC-JP. Only charsets that begin with
 * ASCII: the rest of Envoi relies on it.
 */
import iconv from "iconv-lite";

import type { Codec } from "../../core/message/charset.ts";

/** IANA names in lower case, as they stand in messages. */
export const CHARSETS: readonly string[] = [
  "utf-8",
  "us-ascii",
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16].map((part) => `iso-8859-${part}`),
  ...[874, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].map((page) => `windows-${page}`),
  "koi8-r",
  "koi8-u",
  "tis-620",
  "shift_jis",
  "euc-jp",
  "iso-2022-jp",
  "euc-kr",
  "gb2312",
  "gbk",
  "gb18030",
  "big5",
];
const SUPPORTED = new Set(CHARSETS);

/** Where iconv-lite has another name, or another set of characters under the name than readers of mail have (HKSCS for Big5). */
const ENGINE_NAMES: Readonly<Record<string, string>> = { "us-ascii": "ascii", "iso-2022-jp": "euc-jp", big5: "cp950" };

/** Added to KS X 1001 in 1998 and 2002; decoders of browsers and mail programs do not have them (WHATWG Encoding, index EUC-KR). */
const NOT_READ: Readonly<Record<string, string>> = { "euc-kr": "\u20ac\u00ae\u327e" };

/** Bytes of a character by charset; null where there are none. Filled as characters come by. */
const tables = new Map<string, Map<string, string | null>>();
/** Characters remembered of one charset: more than any charset but gb18030 has. */
const MOST_REMEMBERED = 30_000;

export const codec: Codec = {
  supports: (charset) => SUPPORTED.has(charset),
  encode(text, charset) {
    const wellFormed = charset === "iso-2022-jp" ? withWideKatakana(text.toWellFormed()) : text.toWellFormed();
    if (charset === "utf-8") return { bytes: Buffer.from(wellFormed, "utf8").toString("latin1"), lost: "" };
    const lost = new Set<string>();
    const bytes: string[] = [];
    for (const character of wellFormed) {
      const found = bytesOf(character, charset);
      if (found === null) lost.add(character);
      bytes.push(found ?? "?");
    }
    return { bytes: charset === "iso-2022-jp" ? toIso2022Jp(bytes) : bytes.join(""), lost: [...lost].join("") };
  },
};

function bytesOf(character: string, charset: string): string | null {
  let table = tables.get(charset);
  if (table === undefined) {
    table = new Map();
    tables.set(charset, table);
  }
  let bytes = table.get(character);
  if (bytes === undefined) {
    bytes = lookUp(character, charset);
    if (table.size > MOST_REMEMBERED) table.clear();
    table.set(character, bytes);
  }
  return bytes;
}

/** ESC, SO and SI switch the charset in ISO 2022 (RFC 1468): no text may do that. */
const SWITCHES = /[\u000e\u000f\u001b]/; // oxlint-disable-line no-control-regex -- control characters are what it looks for

function lookUp(character: string, charset: string): string | null {
  if (character <= "\u007f") return charset === "iso-2022-jp" && SWITCHES.test(character) ? null : character;
  // iconv-lite's tables have the replacement character where a charset has nothing
  if (character === "\ufffd" || NOT_READ[charset]?.includes(character)) return null;
  const name = ENGINE_NAMES[charset] ?? charset;
  const encoded = iconv.encode(character, name);
  // what cannot be expressed comes back as something else, "?" for one
  if (iconv.decode(encoded, name) !== character) return null;
  const bytes = encoded.toString("latin1");
  return charset === "iso-2022-jp" && !/^[\u00a1-\u00fe]{2}$/.test(bytes) ? null : bytes;
}

/** Half-width katakana have no place in ISO-2022-JP; their usual forms do (WHATWG Encoding §12.2.2). */
function withWideKatakana(text: string): string {
  return text.replace(/[\uff61-\uff9f]+/g, (narrow) =>
    // a sound mark that nothing before it takes stands alone
    narrow.normalize("NFKC").replaceAll("\u3099", "\u309b").replaceAll("\u309a", "\u309c"),
  );
}

const TO_JIS_X_0208 = "\u001b$B";
const TO_ASCII = "\u001b(B";

/** From EUC-JP: the same two bytes without their high bits, between escape sequences; ASCII at the end (RFC 1468). */
function toIso2022Jp(characters: readonly string[]): string {
  let out = "";
  let wide = false;
  for (const bytes of characters) {
    const isWide = bytes.length === 2;
    if (isWide !== wide) out += isWide ? TO_JIS_X_0208 : TO_ASCII;
    wide = isWide;
    out += isWide ? String.fromCharCode(bytes.charCodeAt(0) & 127, bytes.charCodeAt(1) & 127) : bytes;
  }
  return wide ? out + TO_ASCII : out;
}
