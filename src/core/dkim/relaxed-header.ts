/** Relaxed header canonicalisation, RFC 6376 §3.4.2, of one whole field; without the CRLF at the end. */
export function relaxHeader(field: string): string {
  const colon = field.indexOf(":");
  const value = field
    .slice(colon + 1)
    .replaceAll("\r\n", "")
    .replace(/[ \t]+/g, " ");
  return `${field.slice(0, colon).trimEnd().toLowerCase()}:${value.trim()}`;
}
