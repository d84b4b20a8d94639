/**
 * Bytes of a reply as text. RFC 5321 §4.2 wants ASCII; servers send UTF-8, and old ones their national charset: what is no
 * valid UTF-8 is read as latin1. Control characters become U+FFFD, so that the text can be stored and shown anywhere.
 */

const BEYOND_ASCII = /[\x80-\xff]/;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f-\x9f]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const ODD = /[^\x20-\x7e\t]/;

/** At most this many arguments go into one `String.fromCharCode`. */
const SLICE = 4096;

/** One character for each byte. */
export function byteString(bytes: Uint8Array): string {
  if (bytes.length <= SLICE) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = "";
  for (let i = 0; i < bytes.length; i += SLICE) text += byteString(bytes.subarray(i, i + SLICE));
  return text;
}

/** Text of one line whose characters are bytes. */
export function decodeLine(line: string): string {
  if (!ODD.test(line)) return line;
  const text = BEYOND_ASCII.test(line) ? (decodeUtf8(line) ?? line) : line;
  return text.replace(CONTROLS, "\ufffd");
}

/** Null when the bytes are not UTF-8 (RFC 3629 §3: no overlong forms, no surrogates, nothing above U+10FFFF). */
function decodeUtf8(line: string): string | null {
  let text = "";
  for (let i = 0; i < line.length; i++) {
    const lead = line.charCodeAt(i);
    if (lead < 0x80) {
      text += line[i];
      continue;
    }
    const length = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || i + length >= line.length) return null;
    let point = lead & (0x3f >> length);
    for (let more = 0; more < length; more++) {
      const next = line.charCodeAt(++i);
      if ((next & 0xc0) !== 0x80) return null;
      point = (point << 6) | (next & 0x3f);
    }
    if (!isValidPoint(point, length)) return null;
    text += String.fromCodePoint(point);
  }
  return text;
}

function isValidPoint(point: number, continuationBytes: number): boolean {
  if (continuationBytes === 2) return point >= 0x800 && (point < 0xd800 || point > 0xdfff);
  return continuationBytes === 1 || (point >= 0x10000 && point <= 0x10ffff);
}
