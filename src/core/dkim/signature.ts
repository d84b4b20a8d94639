/**
 * DKIM signatures (RFC 6376): rsa-sha256, relaxed/relaxed. The key stays in the shell: here is made what has to be signed and, from
 * the signature, the header field. Bodies made by `core/message` are their own relaxed form, so their hash is that of their bytes.
 */
import type { HeaderField } from "../message/header-field.ts";
import { type Instant, SECOND } from "../time.ts";
import { relaxHeader } from "./relaxed-header.ts";

export type SigningIdentity = { readonly domain: string; readonly selector: string };

export type SigningInput = {
  /** What the private key signs, one character for one byte. */
  readonly data: string;
  /** The field so far; `finishSignature` completes it. */
  readonly unsigned: string;
};

/** Every field is signed but this one, which relays may rewrite. */
const UNSIGNED = "content-transfer-encoding";
/** From is named once more than it occurs, so that nobody can add a second one (§5.4.2). */
const OVERSIGNED = "From";
const FOLD_AT = 76;

/** `at` becomes `t=`; the same instant gives the same bytes again. */
export function prepareSigning(
  identity: SigningIdentity,
  headers: readonly HeaderField[],
  bodyHash: string,
  at: Instant,
): SigningInput {
  const signed = headers.filter((field) => field.name.toLowerCase() !== UNSIGNED);
  const unsigned =
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${identity.domain};\r\n` +
    ` s=${identity.selector}; t=${Math.floor(at / SECOND)};\r\n` +
    `${foldNames([OVERSIGNED, ...signed.map((field) => field.name)])};\r\n bh=${bodyHash};\r\n b=`;
  let data = "";
  for (const field of signed) data += `${relaxHeader(field.text)}\r\n`;
  return { data: data + relaxHeader(unsigned), unsigned };
}

/** ` h=…`, broken after colons. */
function foldNames(names: readonly string[]): string {
  let out = "";
  let line = " h=";
  for (const [index, name] of names.entries()) {
    const part = index === names.length - 1 ? name : `${name}:`;
    if (line.length + part.length >= FOLD_AT) {
      out += `${line}\r\n`;
      line = " ";
    }
    line += part;
  }
  return out + line;
}

/** The complete field, to be put before all others. */
export function finishSignature(input: SigningInput, signature: string): HeaderField {
  let text = input.unsigned;
  for (let at = 0, room = FOLD_AT - " b=".length; at < signature.length; at += room, room = FOLD_AT - 1) {
    text += (at > 0 ? "\r\n " : "") + signature.slice(at, at + room);
  }
  return { name: "DKIM-Signature", text: `${text}\r\n` };
}
