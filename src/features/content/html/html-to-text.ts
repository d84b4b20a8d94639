/**
 * Makes the text part of a message from its HTML: what people see, in the order in which they see it, with the addresses of links.
 * Liquid stays and goes on deciding; what its tags enclose in HTML they enclose in the text.
 */
import { decodeAttribute, decodeText } from "./entities.ts";
import { decodeUrlPiece } from "./find-links.ts";
import { isBalanced, type LiquidMap, mapLiquid, mapStatic, type Span } from "./liquid-map.ts";
import { blocksAhead, dataRows, isHidden, linesAround } from "./text-layout.ts";
import { TextWriter } from "./text-writer.ts";
import { attributeOf, type Range, type StartTag, type Token, tokenise } from "./tokenise.ts";
import { walk } from "./walk.ts";

type Open = {
  readonly hidden: boolean;
  /** Of `<ol>`. */
  items: number;
  readonly tag: StartTag;
  /** What was written inside, where it is a link. */
  label: string[] | null;
};

const WRITING_TAGS = /^(?:echo|cycle|increment|decrement|link)$/;
/** White space that holds nothing together: a no-break space counts where it fills instead. */
const WHITE_SPACE = /(?:[ \t\n\f\r]|\u00a0(?!\S)|(?<!\S)\u00a0)+/;
/** Filling and hints for line breaks that plain text has no use for. */
const INVISIBLE = /\u034f|[\u00ad\u200b\u2060\ufeff]|\u200c(?=[\s&]|$)|(?<=^|\s)\u200c/g;

export function htmlToText(html: string): string {
  return new Reader(html).read();
}

class Reader {
  readonly #html: string;
  readonly #liquid: LiquidMap;
  readonly #writer = new TextWriter();
  readonly #open: Open[] = [];
  #preformatted = 0;
  /** Of the links that are open. */
  readonly #labels = new Set<string[]>();
  /** Spans before it are written. */
  #span = 0;
  #rows: ReadonlySet<StartTag> = new Set();
  #ahead: ReadonlyMap<Token, number> = new Map();

  constructor(html: string) {
    this.#html = html;
    this.#liquid = mapLiquid(html);
  }

  read(): string {
    const tokens = tokenise(this.#html, this.#liquid);
    this.#rows = dataRows(tokens);
    this.#ahead = blocksAhead(tokens, this.#html);
    walk(tokens, {
      open: (tag) => this.#enter(tag),
      close: (tag) => this.#leave(tag),
      other: (token) => this.#content(token),
    });
    this.#catchUp(this.#html.length);
    return this.#writer.finish();
  }

  get #hidden(): boolean {
    return this.#open.at(-1)?.hidden === true;
  }

  /** Tags of Liquid in places without text (attributes, comments, styles) do their work all the same. */
  #catchUp(offset: number): void {
    const { spans } = this.#liquid;
    for (let span = spans[this.#span]; span && span.start < offset; span = spans[++this.#span]) {
      if (span.kind === "tag") this.#writer.tag(this.#source(span), span);
    }
  }

  #source = ({ start, end }: Range) => this.#html.slice(start, end);

  #enter(tag: StartTag): void {
    this.#catchUp(tag.end);
    const hidden = this.#hidden || isHidden(this.#html, this.#liquid, tag);
    const parent = this.#open.at(-1);
    const label: string[] | null = tag.name === "a" && !hidden ? [] : null;
    this.#open.push({ hidden, items: 0, tag, label });
    if (label) this.#labels.add(label);
    if (tag.name === "pre") this.#preformatted++;
    if (hidden) return;
    this.#writer.newline(linesAround(tag.name));
    if (tag.name === "br") this.#writer.lineBreak();
    else if (tag.name === "hr") this.#writer.word("-".repeat(20));
    else if (tag.name === "li") this.#writer.bullet(this.#bulletOf(parent, tag));
    else if (tag.name === "td" || tag.name === "th") {
      if (this.#open.some((open) => this.#rows.has(open.tag))) this.#writer.separate(" | ");
      else this.#writer.newline(1);
    } else if (tag.name === "img") this.#image(tag);
  }

  #bulletOf(list: Open | undefined, tag: StartTag): string {
    const branch = this.#liquid.branchAt(tag.start);
    if (!list || list.tag.name !== "ol" || this.#liquid.branchAt(list.tag.start) !== branch) return "*";
    list.items++;
    return `${list.items}.`;
  }

  #leave(tag: StartTag): void {
    const open = this.#open.pop();
    if (tag.name === "pre") this.#preformatted--;
    if (!open || open.hidden) return;
    if (open.label) {
      this.#labels.delete(open.label);
      this.#address(tag, open.label.join("").trim());
    }
    this.#writer.newline(linesAround(tag.name));
  }

  #content(token: Exclude<Token, { kind: "start" | "end" }>): void {
    this.#catchUp(token.start);
    if (token.kind === "liquid") {
      this.#span++;
      this.#liquidAt(token);
    } else if (token.kind === "text" && !this.#hidden) {
      const text = decodeText(this.#source(token)).replace(INVISIBLE, "");
      if (this.#preformatted > 0) this.#lines(text);
      else this.#words(text);
    }
    this.#catchUp(token.end);
  }

  #liquidAt(token: Token & { kind: "liquid" }): void {
    const { span } = token;
    const source = this.#source(span);
    if (span.kind === "tag" && !WRITING_TAGS.test(span.name)) {
      const lines = this.#hidden ? undefined : this.#ahead.get(token);
      if (lines) this.#writer.newline(lines);
      this.#writer.tag(source, span);
    } else if (!this.#hidden && span.name !== "comment") this.#output(span, source);
  }

  #output(span: Span, source: string): void {
    // markup that Liquid is told not to look at is still markup
    this.#writer.output(span.name === "raw" ? source.replace(/<[^<>]*>/g, "") : source);
    this.#note(source);
  }

  /** For the comparison of a link's text with its address. */
  #note(text: string): void {
    for (const label of this.#labels) label.push(text);
  }

  #words(text: string): void {
    for (const [index, word] of text.split(WHITE_SPACE).entries()) {
      if (index > 0) {
        this.#writer.space();
        this.#note(" ");
      }
      if (word === "") continue;
      this.#writer.word(word);
      this.#note(word);
    }
  }

  #lines(text: string): void {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (index > 0) this.#writer.lineBreak();
      this.#words(line);
    }
  }

  #image(tag: StartTag): void {
    const alt = attributeOf(tag, "alt")?.value;
    if (!alt) return;
    const spans = this.#liquid.within(alt.start, alt.end);
    if (spans.length === 0) this.#words(decodeAttribute(this.#source(alt)));
    else if (isBalanced(spans)) this.#output({ ...(spans[0] as Span), name: "" }, this.#mixed(alt, decodeAttribute));
  }

  /** Liquid and decoded text in one; letters do not become Liquid by being decoded. */
  #mixed(range: Range, decode: (piece: string, open: boolean) => string): string {
    const change = (piece: string, open: boolean) => decode(piece, open).replace(/\{(?=[{%]|$)/g, '{{ "{" }}');
    return mapStatic(this.#html, this.#liquid, range, change).trim();
  }

  /** Behind a link's text; alone where there is none; nothing where the text says it. */
  #address(tag: StartTag, label: string): void {
    const href = attributeOf(tag, "href")?.value;
    if (!href) return;
    const spans = this.#liquid.within(href.start, href.end);
    if (!isBalanced(spans)) return;
    const url = readableUrl(this.#mixed(href, decodeUrlPiece), spans.length > 0);
    if (url === null || bare(url) === bare(label)) return;
    if (label !== "") {
      this.#writer.space();
      this.#writer.word("(");
    }
    if (spans.length > 0) this.#writer.output(url);
    else this.#writer.word(url);
    if (label !== "") this.#writer.word(")");
  }
}

/** Null: it leads nowhere from a text (anchors, scripts, paths). */
function readableUrl(url: string, personalised: boolean): string | null {
  if (/^(?:mailto|tel|sms):/i.test(url)) {
    const address = url.slice(url.indexOf(":") + 1);
    return personalised ? address : (address.split("?")[0] ?? "") || null;
  }
  if (personalised) return /^(?:https?:\/\/|\{)/i.test(url) ? url : null;
  return /^https?:\/\//i.test(url) ? url.replace(/[\t\n\r]+/g, "").replaceAll(" ", "%20") : null;
}

const bare = (url: string) =>
  url
    .replace(/^https?:\/\//i, "")
    .replace(/^www\./i, "")
    .replace(/\/$/, "")
    .toLowerCase();
