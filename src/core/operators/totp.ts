/** Codes of an authenticator app (TOTP, RFC 6238 over HOTP, RFC 4226): 6 digits, SHA-1, steps of 30 s, as all apps know them. */
import { SECOND, type Instant } from "../time.ts";

const STEP = 30 * SECOND;
const DIGITS = 6;

/** Clocks of phones may be one step off either way (RFC 6238 §5.2). */
const DRIFT = 1;

/** What is hashed for one step: its number in 8 bytes, big-endian (RFC 4226 §5.2). */
export function counterBytes(step: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(step / 2 ** 32));
  view.setUint32(4, step >>> 0);
  return bytes;
}

/** Dynamic truncation (RFC 4226 §5.3) of the 20 bytes of HMAC-SHA-1. */
export function truncate(mac: Uint8Array): string {
  const view = new DataView(mac.buffer, mac.byteOffset, mac.byteLength);
  const offset = view.getUint8(mac.byteLength - 1) & 0xf;
  const number = (view.getUint32(offset) & 0x7fffffff) % 10 ** DIGITS;
  return String(number).padStart(DIGITS, "0");
}

/** Steps whose code may be shown at this moment, except those up to the last one that was used. */
export function stepsToTry(now: Instant, lastUsed: number): readonly number[] {
  const current = Math.floor(now / STEP);
  return [current, current - DRIFT, current + DRIFT].filter((step) => step > lastUsed);
}

/** As people type them: blanks between the digits. Null: no code. */
export function readCode(text: string): string | null {
  const digits = text.replaceAll(/\s/g, "");
  return /^\d{6}$/.test(digits) ? digits : null;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 §6, without padding: authenticator apps want none. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text;
}

/** What the app reads from the QR code (key URI format of Google Authenticator). */
export function keyUri(issuer: string, account: string, secret: string): string {
  const name = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${name}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}
