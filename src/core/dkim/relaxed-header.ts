/** Relaxed header canonicalisation, RFC 6376 §3.4.2, of one whole field; without the CRLF at the end. */
export function relaxHeader(field: string): string {
  const colon = field.indexOf(":");
  return `${field.slice(0, colon).trimEnd().toLowerCase()}:${relaxValue(field, colon + 1)}`;
}

const BLANKS = " \t\r\n";
/** Folds, tabs and blanks in a row. */
const UNEVEN = /[\t\r]| {2}/;

/** The value that begins at `from`. Most have nothing to change inside. */
function relaxValue(field: string, from: number): string {
  let start = from;
  let end = field.length;
  while (start < end && BLANKS.includes(field.charAt(start))) start++;
  while (end > start && BLANKS.includes(field.charAt(end - 1))) end--;
  const value = field.slice(start, end);
  return UNEVEN.test(value) ? value.replaceAll("\r\n", "").replace(/[ \t]+/g, " ") : value;
}
