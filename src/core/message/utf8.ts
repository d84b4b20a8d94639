/** UTF-8 without `TextEncoder`, which core does not have. A lone surrogate becomes U+FFFD, as everywhere. */

/** Every code point of the text, lone surrogates replaced. */
export function codePoints(text: string): number[] {
  const points: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? 0;
    if (point > 0xffff) i++;
    points.push(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return points;
}

export function utf8Bytes(point: number): number[] {
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 63)];
  if (point < 0x10000) return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
  return [0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
}

/** One character for each UTF-8 byte of the text: what a latin1 write puts on the wire as UTF-8. */
export function toByteString(text: string): string {
  let out = "";
  /** Where the ASCII that is not in `out` yet begins. */
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 128) continue;
    const point = text.codePointAt(i) ?? 0;
    out += text.slice(from, i) + String.fromCharCode(...utf8Bytes(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point));
    if (point > 0xffff) i++;
    from = i + 1;
  }
  return from === 0 ? text : out + text.slice(from);
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
