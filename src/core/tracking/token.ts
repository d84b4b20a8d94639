/**
 * What public URLs and addresses carry: which message, which link, and a checksum that only the platform can make. A token
 * says all that its page needs to know, so that no page needs the database to tell a true one from a made-up one.
 *
 *   token = base64url( head key-id delivery part seq [link [url]] checksum )      head = version · mark · kind
 *   tag   = base32( key-id part seq [archive] checksum )
 *
 * Numbers are written seven bits a byte, low bits first; the checksum is SipHash-2-4 over everything before it, for a tag
 * with a byte ahead that no token begins with, and another one for that of a copy: none can be taken for another.
 */
import type { MessageKey } from "../delivery/status.ts";
import { toByteString } from "../message/utf8.ts";
import { fromBase32, fromBase64Url, toBase32, toBase64Url } from "./letters.ts";
import { sipHash, type SipKey } from "./siphash.ts";

/** `id` is 0 … 255 and stands in every token, so that older keys can go on reading theirs. */
export type TokenKey = { readonly id: number; readonly words: SipKey };

export type TokenKeys = {
  /** Signs new tokens. */
  readonly current: TokenKey;
  /** All that ever signed, the current one included. */
  readonly byId: ReadonlyMap<number, TokenKey>;
};

export type TokenKind = "click" | "open" | "mirror" | "unsubscribe";

/**
 * In what a token stands: a recipient's message, something that is shown or sent for a look (preview, proof), an inert copy of
 * the archive. The latter two are inert: they lead where they should and count as nobody's reaction.
 */
export type TokenMark = "live" | "preview" | "copy";

export type Token = {
  readonly kind: TokenKind;
  readonly deliveryId: number;
  readonly partId: number;
  readonly seq: number;
  /** Of a click, from 1; else 0. */
  readonly link: number;
  /** Of a personalised link: where it leads. Null: the delivery's table of links knows. */
  readonly url: string | null;
  readonly mark: TokenMark;
};

/** Of a message, by its tag. */
export type Tagged = MessageKey & {
  /** The tag is that of a copy: the archive that got it, 0 in the text of a copy. Null: of the message itself. */
  readonly archive: number | null;
};

/** In the upper half of the head, all bits but `copy`'s. */
const VERSION = 0x10;
const VERSION_BITS = 0xd0;
const MARKS = { live: 0, preview: 0x08, copy: 0x28 } as const satisfies Record<TokenMark, number>;
const MARK_BITS = 0x28;
const MARK_OF = new Map<number, TokenMark>([
  [MARKS.live, "live"],
  [MARKS.preview, "preview"],
  [MARKS.copy, "copy"],
]);
/** Codes of kinds, for good: tokens live for years. */
const KINDS = ["click", "open", "mirror", "unsubscribe"] as const satisfies readonly TokenKind[];
const PERSONALISED_CLICK = 4;
/** Ahead of a tag's bytes for its checksum; as heads of tokens they would be of a version that never is. */
const TAG = 0xf0;
const COPY_TAG = 0xf1;
const CHECKSUM_BYTES = 8;
/** Tags are 32 letters at most: 20 bytes; those of copies 37: 23 bytes. */
const TAG_PART_LIMIT = 2 ** 42;
const TAG_SEQ_LIMIT = 2 ** 32;
const TAG_ARCHIVE_LIMIT = 2 ** 15;
const TAG_LETTERS = 37;
/** Longest token that is looked at; longer ones are never made (`MAX_URL_BYTES`). */
const TOKEN_LETTERS = 2000;

/** UTF-8 bytes of a URL inside a token: with all around it the public URL stays near 2,000 characters, which pass everywhere. */
export const MAX_URL_BYTES = 1400;

/** Throws RangeError for numbers that are none of ours (not whole, negative) and for a URL beyond `MAX_URL_BYTES`. */
export function mintToken(key: TokenKey, token: Token): string {
  const code = token.url === null ? KINDS.indexOf(token.kind) : PERSONALISED_CLICK;
  const bytes = [VERSION | MARKS[token.mark] | code, key.id];
  writeNumber(bytes, token.deliveryId);
  writeNumber(bytes, token.partId);
  writeNumber(bytes, token.seq);
  if (token.kind === "click") writeNumber(bytes, token.link);
  if (token.url !== null) {
    const url = toByteString(token.url);
    if (url.length > MAX_URL_BYTES) throw new RangeError("the URL is too long for a token");
    for (let i = 0; i < url.length; i++) bytes.push(url.charCodeAt(i));
  }
  writeChecksum(bytes, key, bytes);
  return toBase64Url(bytes);
}

/** Null for whatever `mintToken` did not make with one of these keys. */
export function readToken(keys: TokenKeys, text: string): Token | null {
  if (text.length > TOKEN_LETTERS) return null;
  const bytes = fromBase64Url(text);
  if (bytes === null || bytes.length < CHECKSUM_BYTES + 5) return null;
  const end = bytes.length - CHECKSUM_BYTES;
  const signed = bytes.slice(0, end);
  if (!isSigned(keys.byId.get(signed[1] ?? -1), signed, bytes)) return null;
  const [head = 0] = signed;
  const code = head & 0x07;
  const kind = code === PERSONALISED_CLICK ? "click" : KINDS[code];
  const mark = MARK_OF.get(head & MARK_BITS);
  if ((head & VERSION_BITS) !== VERSION || kind === undefined || mark === undefined) return null;
  const reader = { bytes: signed, at: 2 };
  const [deliveryId, partId, seq] = [readNumber(reader), readNumber(reader), readNumber(reader)];
  const link = kind === "click" ? readNumber(reader) : 0;
  const url = code === PERSONALISED_CLICK ? readText(signed.slice(reader.at)) : null;
  return { kind, deliveryId, partId, seq, link, url, mark };
}

/**
 * Lower-case letters and digits: 32 at most, 37 for a copy. Throws RangeError for numbers beyond 2^42 parts, 2^32 messages in
 * one and 2^15 archives.
 */
export function mintTag(key: TokenKey, { partId, seq }: MessageKey, archive: Tagged["archive"] = null): string {
  if (partId >= TAG_PART_LIMIT || seq >= TAG_SEQ_LIMIT) throw new RangeError("the message key is too large for a tag");
  if (archive !== null && archive >= TAG_ARCHIVE_LIMIT) throw new RangeError(`${archive} is no archive of ours`);
  const bytes = [key.id];
  writeNumber(bytes, partId);
  writeNumber(bytes, seq);
  if (archive !== null) writeNumber(bytes, archive);
  writeChecksum(bytes, key, [archive === null ? TAG : COPY_TAG, ...bytes]);
  return toBase32(bytes);
}

/** Upper case counts as lower case: some servers change an address on its way. Null for all that is no tag of ours. */
export function readTag(keys: TokenKeys, text: string): Tagged | null {
  if (text.length > TAG_LETTERS) return null;
  const bytes = fromBase32(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  if (bytes === null || bytes.length < CHECKSUM_BYTES + 3) return null;
  const signed = bytes.slice(0, bytes.length - CHECKSUM_BYTES);
  const key = keys.byId.get(signed[0] ?? -1);
  const ofCopy = isSigned(key, [COPY_TAG, ...signed], bytes);
  if (!ofCopy && !isSigned(key, [TAG, ...signed], bytes)) return null;
  const reader = { bytes: signed, at: 1 };
  return { partId: readNumber(reader), seq: readNumber(reader), archive: ofCopy ? readNumber(reader) : null };
}

function writeChecksum(bytes: number[], key: TokenKey, signed: readonly number[]): void {
  const { high, low } = sipHash(key.words, signed);
  bytes.push(low & 255, (low >>> 8) & 255, (low >>> 16) & 255, low >>> 24);
  bytes.push(high & 255, (high >>> 8) & 255, (high >>> 16) & 255, high >>> 24);
}

/** Do the last eight bytes of `bytes` belong to `signed`? */
function isSigned(key: TokenKey | undefined, signed: readonly number[], bytes: readonly number[]): boolean {
  if (key === undefined) return false;
  const expected: number[] = [];
  writeChecksum(expected, key, signed);
  const start = bytes.length - CHECKSUM_BYTES;
  // All bytes are looked at, so that the time says nothing about how many were right.
  return expected.reduce((difference, byte, i) => difference | (byte ^ (bytes[start + i] ?? 0)), 0) === 0;
}

function writeNumber(bytes: number[], n: number): void {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`${n} is no number of ours`);
  let rest = n;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** Only after the checksum was found right: what is there was written by `writeNumber`. */
function readNumber(reader: { readonly bytes: readonly number[]; at: number }): number {
  let n = 0;
  let unit = 1;
  for (;;) {
    const byte = reader.bytes[reader.at++] ?? 0;
    n += (byte & 127) * unit;
    if (byte < 128) return n;
    unit *= 128;
  }
}

/** UTF-8, as it was written. */
function readText(bytes: readonly number[]): string {
  const escaped = bytes.map((byte) =>
    byte < 128 && byte !== 37 ? String.fromCharCode(byte) : `%${byte.toString(16)}`,
  );
  return decodeURIComponent(escaped.join(""));
}
