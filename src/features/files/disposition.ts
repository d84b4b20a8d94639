/** The header that makes a browser keep a file under its name instead of showing it. */

/** RFC 6266 §4.1, RFC 8187 §3.2: the name in ASCII for old readers, then in full. */
export function attachmentDisposition(name: string): string {
  const ascii = name.replace(/[^ !#$&+\-.0-9A-Z^_`a-z~()]/g, "_");
  const full = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${full}`;
}
