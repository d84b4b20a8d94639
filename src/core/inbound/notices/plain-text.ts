/** HTML of a notice as lines of text. Not a browser: tags go, what begins a block begins a line, entities become letters. Linear. */

const BLOCK = new Set(
  "p div br tr table li ul ol h1 h2 h3 h4 h5 h6 pre hr blockquote section article header footer dl dt dd center body html tbody".split(
    " ",
  ),
);
const PARAGRAPH = new Set(["p", "table", "hr", "h1", "h2", "h3", "h4", "pre", "blockquote", "ul", "ol"]);

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  laquo: "«",
  raquo: "»",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  bull: "•",
  rsquo: "’",
  lsquo: "‘",
  ldquo: "“",
  rdquo: "”",
  copy: "©",
  szlig: "ß",
  auml: "ä",
  ouml: "ö",
  uuml: "ü",
  Auml: "Ä",
  Ouml: "Ö",
  Uuml: "Ü",
  agrave: "à",
  aacute: "á",
  acirc: "â",
  atilde: "ã",
  aring: "å",
  ccedil: "ç",
  egrave: "è",
  eacute: "é",
  ecirc: "ê",
  euml: "ë",
  igrave: "ì",
  iacute: "í",
  icirc: "î",
  iuml: "ï",
  ntilde: "ñ",
  ograve: "ò",
  oacute: "ó",
  ocirc: "ô",
  otilde: "õ",
  oslash: "ø",
  ugrave: "ù",
  uacute: "ú",
  ucirc: "û",
  Eacute: "É",
  Egrave: "È",
  Agrave: "À",
  Aacute: "Á",
  Ntilde: "Ñ",
  iquest: "¿",
  iexcl: "¡",
};

export function plainTextOf(html: string): string {
  const out: string[] = [];
  let at = 0;
  const neverClosed = new Set<string>();
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) break;
    out.push(html.slice(at, open).replace(/\s+/g, " "));
    at = skipTag(html, open, out, neverClosed);
  }
  out.push(html.slice(at).replace(/\s+/g, " "));
  return decodeEntities(out.join(""))
    .replace(/[ \t\u00a0]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Writes what the tag means and answers where the text goes on. */
function skipTag(html: string, at: number, out: string[], open: Set<string>): number {
  if (html.startsWith("<!--", at)) return endOf(html, "-->", at);
  const name = /^<(\/?)([a-z][a-z0-9]{0,15})(?=[\s/>])/i.exec(html.slice(at, at + 20));
  if (name === null) {
    // `<ada@one.example>` and `a < b` are text in notices of programs that forget to escape.
    if (/^<[!?]/.test(html.slice(at, at + 2))) return endOf(html, ">", at);
    out.push("<");
    return at + 1;
  }
  const tag = (name[2] ?? "").toLowerCase();
  const end = endOf(html, ">", at);
  if (name[1] === "" && /^(?:style|script|head|title)$/.test(tag)) return endOfHidden(html, tag, end, open);
  if (tag === "td" || tag === "th") out.push(" ");
  else if (PARAGRAPH.has(tag)) out.push("\n\n");
  else if (BLOCK.has(tag) && !out.findLast((piece) => piece.trim() !== "" || piece.includes("\n"))?.endsWith("\n"))
    out.push("\n");
  return end;
}

function endOf(html: string, mark: string, from: number): number {
  const end = html.indexOf(mark, from);
  return end < 0 ? html.length : end + mark.length;
}

/** A style that never ends hides nothing: the text behind it must not be lost. `open`: those that were looked for in vain. */
function endOfHidden(html: string, tag: string, from: number, open: Set<string>): number {
  if (open.has(tag)) return from;
  const close = new RegExp(`</${tag}`, "gi");
  close.lastIndex = from;
  const found = close.exec(html);
  if (found === null) open.add(tag);
  return found === null ? from : endOf(html, ">", found.index);
}

function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8}\d{0,2});?/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const code = Number.parseInt(name.replace(/^#x?/i, ""), /^#x/i.test(name) ? 16 : 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
