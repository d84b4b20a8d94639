/**
 * Content-Transfer-Encoding (RFC 2045 §6.7, §6.8), forgiving: what cannot be is left out or left as it is. Bytes in, bytes out,
 * both as strings of characters 0 to 255; linear.
 */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int8Array(256).fill(-1);
for (let i = 0; i < DIGITS.length; i++) VALUES[DIGITS.charCodeAt(i)] = i;

/** What cannot be base64 within its first characters was labelled wrongly, and is left as it is. */
const NO_BASE64 = /^[^\n]{0,200}[^A-Za-z0-9+/=\s]/;

export function decodeTransfer(bytes: string, encoding: string | null): string {
  const name = (encoding ?? "").trim().toLowerCase();
  if (name.startsWith("quoted-printable")) return decodeQuotedPrintable(bytes);
  if (name.startsWith("base64")) return NO_BASE64.test(bytes.trimStart()) ? bytes : decodeBase64(bytes);
  return bytes;
}

export function decodeBase64(bytes: string): string {
  const pieces: string[] = [];
  const codes: number[] = [];
  let bits = 0;
  let held = 0;
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes.charCodeAt(i);
    // A pad: what follows is another piece (`=` is 61).
    if (code === 61) bits = 0;
    const value = VALUES[code] ?? -1;
    if (value < 0) continue;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    codes.push((held >> bits) & 0xff);
    if (codes.length === 8192) pieces.push(String.fromCharCode(...codes.splice(0)));
  }
  return pieces.join("") + String.fromCharCode(...codes);
}

function decodeQuotedPrintable(bytes: string): string {
  if (!bytes.includes("=")) return bytes;
  return bytes.replace(/=[ \t]{0,20}(?:\r{0,3}\n|\r)|=([0-9A-Fa-f]{2})/g, (_, hex: string | undefined) =>
    hex === undefined ? "" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
