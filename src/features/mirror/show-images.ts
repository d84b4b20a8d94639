/** Images that travel inside the mail (`cid:`, RFC 2392) have no address on the web; a page shows them as `data:`. */

/** Where HTML and CSS name an image; the quotes before it come along, the content id is group 2. */
const REFERENCE =
  /((?:\b(?:src|background|srcset|poster)\s*=\s*["']?|\burl\(\s*(?:["']|&quot;|&#39;)?)\s*)cid:([A-Za-z0-9._-]{1,100})/gi;

/** Content ids that the HTML shows, each once. */
export function findImages(html: string): Set<string> {
  return new Set([...html.matchAll(REFERENCE)].map((match) => match[2] ?? ""));
}

/** `urls`: by content id. What is not in it stays as it is, like everything else. */
export function showImages(html: string, urls: ReadonlyMap<string, string>): string {
  return html.replace(REFERENCE, (whole, before: string, id: string) => {
    const url = urls.get(id);
    return url === undefined ? whole : before + url;
  });
}
