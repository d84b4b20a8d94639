/** SMTP AUTH for relays (RFC 4954): PLAIN (RFC 4616), else LOGIN, which relays still ask for. */
import { toByteString } from "../message/utf8.ts";

export type Credentials = { readonly user: string; readonly password: string };

/** The first line, then one answer for each 334. */
export type AuthExchange = { readonly first: string; readonly answers: readonly string[] };

/** Null when there is no mechanism in common. */
export function authExchange(offered: readonly string[], credentials: Credentials): AuthExchange | null {
  const user = toByteString(credentials.user);
  const password = toByteString(credentials.password);
  if (offered.includes("PLAIN")) {
    const response = base64(`\0${user}\0${password}`);
    // A server that ignores the initial response asks for it with 334.
    return { first: `AUTH PLAIN ${response}\r\n`, answers: [`${response}\r\n`] };
  }
  if (offered.includes("LOGIN")) {
    return { first: "AUTH LOGIN\r\n", answers: [`${base64(user)}\r\n`, `${base64(password)}\r\n`] };
  }
  return null;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** RFC 4648 §4 over a text whose characters are bytes. */
function base64(bytes: string): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const three =
      (bytes.charCodeAt(i) << 16) |
      ((left > 1 ? bytes.charCodeAt(i + 1) : 0) << 8) |
      (left > 2 ? bytes.charCodeAt(i + 2) : 0);
    text += ALPHABET[three >> 18];
    text += ALPHABET[(three >> 12) & 63];
    text += left > 1 ? ALPHABET[(three >> 6) & 63] : "=";
    text += left > 2 ? ALPHABET[three & 63] : "=";
  }
  return text;
}
