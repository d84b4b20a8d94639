/**
 * A reply as a list of plain words: what rule patterns are matched against. Lower case, no accents, no punctuation; one
 * fixed word for every mail address (a local part such as `spam` or `unknown.user` must not decide anything). Linear in the length of the text.
 */

/** Longer texts are cut: a reply line has at most 512 octets (RFC 5321 §4.5.3.1.5) and few replies pass eight lines. */
const MAX_CHARS = 4000;

/** Stands for every mail address, so that rules can say `$mailbox unknown` where a server names the address itself. */
const ADDRESS_WORD = "mailaddress";

const ADDRESS_END = new Set(" \t\r\n<>()[],;:\"'".split(""));
const UNFOLDED: Readonly<Record<string, string>> = { ß: "ss", ø: "o", ł: "l", đ: "d", æ: "ae", œ: "oe", ı: "i" };

/** Addresses taken out, found from each `@` outwards so that no text makes it slower than linear. */
export function replaceAddresses(text: string, replacement: string): string {
  let at = text.indexOf("@");
  if (at < 0) return text;
  let out = "";
  let done = 0;
  while (at >= 0) {
    let start = at;
    while (start > done && !ADDRESS_END.has(text.charAt(start - 1))) start--;
    let end = at + 1;
    while (end < text.length && !ADDRESS_END.has(text.charAt(end))) end++;
    const isAddress = start < at && end > at + 1;
    out += text.slice(done, isAddress ? start : end) + (isAddress ? replacement : "");
    done = end;
    at = text.indexOf("@", done);
  }
  return out + text.slice(done);
}

/** The words of a reply or of a rule's phrase. Scripts without blanks between words give one word per character. */
export function splitWords(text: string): string[] {
  const lower = replaceAddresses(text.slice(0, MAX_CHARS), ` ${ADDRESS_WORD} `).toLowerCase();
  // oxlint-disable-next-line no-control-regex -- the range of ASCII
  if (/^[\x00-\x7f]*$/.test(lower)) return lower.match(/[a-z0-9]+/g) ?? [];
  const folded = lower
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[ßøłđæœı]/g, (letter) => UNFOLDED[letter] ?? letter);
  return folded.match(/[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}]+|\p{L}/gu) ?? [];
}
