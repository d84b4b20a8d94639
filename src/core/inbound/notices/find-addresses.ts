/** Mail addresses in running text, found from each `@` outwards, so that no text makes it slower than linear. */

export type FoundAddress = {
  readonly address: string;
  /** Of the address itself, without `<>` or quotes. */
  readonly start: number;
  readonly end: number;
};

/** Rewriting and tagging make long local parts; beyond this it is no address (RFC 5321 §4.5.3.1 allows 64 and 255). */
const MAX_LOCAL = 256;
const MAX_DOMAIN = 255;

const LOCAL = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const DOMAIN = /[\p{L}\p{N}._-]/u;

export function findAddresses(text: string): FoundAddress[] {
  const found: FoundAddress[] = [];
  let done = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", Math.max(done, at + 1))) {
    const start = startOfLocal(text, at, done);
    const end = endOfDomain(text, at);
    if (start < at && end > at + 1) {
      found.push({ address: text.slice(start, end), start, end });
      done = end;
    }
  }
  return found;
}

function startOfLocal(text: string, at: number, limit: number): number {
  const first = Math.max(limit, at - MAX_LOCAL);
  if (text[at - 1] === '"') {
    const open = text.lastIndexOf('"', at - 2);
    return open >= first && !text.slice(open, at).includes("\n") ? open : at;
  }
  let start = at;
  while (start > first && LOCAL.test(text.charAt(start - 1))) start--;
  // What opens a quotation or ends a sentence is no part of the address: `'ada@one.example'`, `=ada@`, `...ada@`.
  while (start < at && /['`.=/*|{-]/.test(text.charAt(start))) start++;
  return start;
}

function endOfDomain(text: string, at: number): number {
  if (text[at + 1] === "[") {
    const close = text.indexOf("]", at);
    return close > at + 2 && close < at + 60 && /^[\dA-Fa-f.:xIPv]+$/.test(text.slice(at + 2, close)) ? close + 1 : at;
  }
  const last = Math.min(text.length, at + 1 + MAX_DOMAIN);
  let end = at + 1;
  while (end < last && DOMAIN.test(text.charAt(end))) end++;
  while (end > at + 1 && /[._-]/.test(text.charAt(end - 1))) end--;
  // `ada@one.example.Please` without a blank is rare; `ada@one.example...` is not.
  const dots = text.slice(at + 1, end).indexOf("..");
  return dots < 0 ? end : at + 1 + dots;
}
