/**
 * The charset of a message. UTF-8 is made here; any other comes from a codec that the shell hands in. Every charset has ASCII as
 * its first half, so what is ASCII stays as it is.
 */
import { isAscii, toByteString } from "./utf8.ts";

/** Charsets besides UTF-8. Every result starts and ends in the state in which ASCII is ASCII. */
export type Codec = {
  /** IANA names in lower case. */
  readonly supports: (charset: string) => boolean;
  /** One character for each byte, `?` for what the charset cannot express; `lost` is what that was, each character once. */
  readonly encode: (text: string, charset: string) => { readonly bytes: string; readonly lost: string };
};

export type Charset = {
  /** IANA name in lower case. */
  readonly name: string;
  /** The text's bytes, one character each; `?` for what cannot be expressed. */
  readonly encode: (text: string) => string;
  /** Characters of the text that cannot be expressed, each once. */
  readonly lost: (text: string) => string;
};

export const UTF_8: Charset = { name: "utf-8", encode: toByteString, lost: () => "" };

/** Null when nobody can encode it. */
export function charsetOf(name: string, codec: Codec | undefined): Charset | null {
  if (name === UTF_8.name) return UTF_8;
  if (!codec?.supports(name)) return null;
  return {
    name,
    encode: (text) => (isPlainAscii(text) ? text : codec.encode(text, name).bytes),
    lost: (text) => (isPlainAscii(text) ? "" : codec.encode(text, name).lost),
  };
}

/** Without ESC, SI and SO, which switch charsets in ISO 2022. */
function isPlainAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return isAscii(text) && !/[\u000e\u000f\u001b]/.test(text);
}

/** HTML says what its charset cannot as a character reference (HTML §13.5): nothing is lost. */
export function encodeHtml(charset: Charset, html: string): string {
  const lost = charset.lost(html);
  if (lost === "") return charset.encode(html);
  const cannot = new Set(lost);
  let out = "";
  for (const character of html) out += cannot.has(character) ? `&#${character.codePointAt(0)};` : character;
  return charset.encode(out);
}
