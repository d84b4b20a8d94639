/**
 * DKIM signatures (RFC 6376) with RSA and Ed25519 (RFC 8463). The key stays in the shell: here is made what has to be signed and,
 * from the signature, the header field. Bodies made by `core/message` are their own relaxed and their own simple form (§3.4.3,
 * §3.4.4), so their hash is that of their bytes whichever is chosen.
 */
import type { HeaderField } from "../message/header-field.ts";
import { type Instant, SECOND } from "../time.ts";
import { relaxHeader } from "./relaxed-header.ts";

export type SigningAlgorithm = "rsa-sha256" | "ed25519-sha256";
/** Of the header, then of the body (§3.4). */
export type Canonicalization = "relaxed/relaxed" | "relaxed/simple" | "simple/relaxed" | "simple/simple";

export type SigningIdentity = {
  /** ASCII. */
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: SigningAlgorithm;
  readonly canonicalization: Canonicalization;
};

export type SigningInput = {
  /** What the private key signs, one character for one byte. */
  readonly data: string;
  /** The field so far; `finishSignature` completes it. */
  readonly unsigned: string;
};

/** Every field is signed but this one, which relays may rewrite (§5.4). */
const UNSIGNED = "content-transfer-encoding";
/**
 * Named once more than they occur, so that nobody can add one that readers would show or act on (§5.4.2, §8.15): sender,
 * recipients, subject, date, identity, kind of the content, and where an unsubscription goes (RFC 8058 §4).
 */
const OVERSIGNED = [
  "From",
  "To",
  "Cc",
  "Reply-To",
  "Subject",
  "Date",
  "Message-ID",
  "MIME-Version",
  "Content-Type",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
];
const FOLD_AT = 76;

/** `at` becomes `t=`; the same instant gives the same bytes again. No field may occur twice in `headers`. */
export function prepareSigning(
  { domain, selector, algorithm, canonicalization }: SigningIdentity,
  headers: readonly HeaderField[],
  bodyHash: string,
  at: Instant,
): SigningInput {
  const signed = headers.filter((field) => field.name.toLowerCase() !== UNSIGNED);
  const unsigned =
    `DKIM-Signature: v=1; a=${algorithm}; c=${canonicalization}; d=${domain};\r\n` +
    ` s=${selector}; t=${Math.floor(at / SECOND)};\r\n` +
    `${foldNames([...signed.map((field) => field.name), ...OVERSIGNED])};\r\n bh=${bodyHash};\r\n b=`;
  const relaxed = canonicalization.startsWith("relaxed/");
  let data = "";
  for (const field of signed) data += relaxed ? `${relaxHeader(field.text)}\r\n` : field.text;
  return { data: data + (relaxed ? relaxHeader(unsigned) : unsigned), unsigned };
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
