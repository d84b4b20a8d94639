/**
 * Writes plain text with Liquid in it: white space collapses, requested line ends come only between content, and both stay right
 * whichever branch of a condition is taken. Lines are wrapped at the end, never inside Liquid or a word.
 */
import type { Span } from "./liquid-map.ts";

type Item =
  | { readonly kind: "text" | "liquid"; readonly text: string; readonly width: number }
  | { readonly kind: "space" | "newline" };

/** What the text so far ends with: line ends (2: an empty line), or a space. */
type Tail = { readonly newlines: number; readonly space: boolean };
type Block = { readonly at: number; readonly tail: Tail; readonly name: string; end: Tail | null; content: boolean };

const WIDTH = 78;
/** Of an output, whose value nobody knows yet. */
const OUTPUT_WIDTH = 12;
const START: Tail = { newlines: 2, space: true };
const REMOVABLE = /^(?:if|unless|case|for|tablerow)$/;

export class TextWriter {
  readonly #items: Item[] = [];
  readonly #blocks: Block[] = [];
  #tail: Tail = START;
  #pending = { newlines: 0, space: false, separator: "" };

  /** A word or a part of one, as it will be read. */
  word(text: string): void {
    this.#flush();
    this.#push({ kind: "text", text: protect(text), width: width(text) });
    this.#tail = { newlines: 0, space: false };
  }

  /** What a line begins with; block elements inside do not leave it alone in its line. */
  bullet(text: string): void {
    this.word(text);
    this.#items.push({ kind: "space" });
    this.#tail = START;
  }

  space(): void {
    this.#pending.space = true;
  }

  /** At least so many line ends between what came before and what comes next. */
  newline(count: number): void {
    this.#pending = { ...this.#pending, newlines: Math.max(this.#pending.newlines, count) };
  }

  /** A line end of its own, as `<br>` writes it: several leave empty lines, but no more than one. */
  lineBreak(): void {
    const written = this.#pending.newlines > 0 ? this.#pending.newlines : this.#tail.newlines;
    this.newline(Math.min(2, written + 1));
  }

  /** Between two pieces of content in one line; nothing at its start. */
  separate(text: string): void {
    if (this.#pending.newlines === 0 && this.#tail.newlines === 0) this.#pending.separator = text;
  }

  /** What is read as a word and has Liquid in it. */
  output(source: string): void {
    this.#flush();
    this.#push({ kind: "liquid", text: source, width: estimate(source) });
    this.#tail = { newlines: 0, space: false };
  }

  /** Any tag of Liquid; those that make blocks stay even where nothing else is written, unless the block stays empty. */
  tag(source: string, span: Span): void {
    if (span.step === null) {
      this.#push({ kind: "liquid", text: source, width: 0 });
      return;
    }
    if (span.step === 1) this.#open(source, span.name);
    else if (span.step === 0) this.#part(source);
    else this.#close(source);
  }

  /** The text; line ends are `\n`, one at its end. */
  finish(): string {
    return wrap(this.#items);
  }

  #push(item: Item): void {
    this.#items.push(item);
    if (item.kind === "space" || item.kind === "newline") return;
    const block = this.#blocks.at(-1);
    if (block) block.content = true;
  }

  #flush(): void {
    const { newlines, space, separator } = this.#pending;
    if (newlines > 0) {
      for (let count = this.#tail.newlines; count < newlines; count++) this.#items.push({ kind: "newline" });
      this.#tail = { newlines: Math.max(newlines, this.#tail.newlines), space: true };
    } else if (separator !== "" && this.#tail.newlines === 0) {
      for (const [index, word] of separator.split(" ").entries()) {
        if (index > 0) this.#items.push({ kind: "space" });
        if (word !== "") this.#items.push({ kind: "text", text: word, width: width(word) });
      }
      this.#tail = { newlines: 0, space: true };
    } else if (space && !this.#tail.space) {
      this.#items.push({ kind: "space" });
      this.#tail = { newlines: 0, space: true };
    }
    this.#pending = { newlines: 0, space: false, separator: "" };
  }

  #open(source: string, name: string): void {
    this.#flush();
    this.#blocks.push({ at: this.#items.length, tail: this.#tail, name, end: null, content: false });
    this.#items.push({ kind: "liquid", text: source, width: 0 });
  }

  #part(source: string): void {
    this.#flush();
    const block = this.#blocks.at(-1);
    this.#items.push({ kind: "liquid", text: source, width: 0 });
    if (!block) return;
    block.end = block.end ? both(block.end, this.#tail) : this.#tail;
    this.#tail = block.tail;
  }

  #close(source: string): void {
    const block = this.#blocks.pop();
    if (block && !block.content && REMOVABLE.test(block.name)) {
      this.#items.length = block.at;
      this.#tail = block.tail;
      return;
    }
    this.#flush();
    this.#items.push({ kind: "liquid", text: source, width: 0 });
    if (!block) return;
    const before = this.#blocks.at(-1);
    if (before) before.content = true;
    // after a condition the text ends with whatever all of its branches end with
    this.#tail = both(this.#tail, both(block.end ?? block.tail, block.tail));
  }
}

const both = (a: Tail, b: Tail): Tail => ({
  newlines: Math.min(a.newlines, b.newlines),
  space: a.space && b.space,
});

/** Letters of East Asian scripts are not told apart: mail programs wrap again where a line is too wide for them. */
const width = (text: string) => Array.from(text).length;

/** Of text with Liquid, as it will be read. */
function estimate(source: string): number {
  if (source.length > 2000) return WIDTH;
  const shown = source.replace(/\{\{.*?\}\}/gs, "x".repeat(OUTPUT_WIDTH)).replace(/\{%.*?%\}/gs, "");
  return width(shown);
}

/** An output or tag that letters would make together is written by Liquid itself. */
const protect = (text: string) => text.replace(/\{(?=[{%]|$)/g, '{{ "{" }}');

function wrap(items: readonly Item[]): string {
  const parts: string[] = [];
  let column = 0;
  let newlines = 0;
  let space = false;
  let word: string[] = [];
  let wordWidth = 0;
  const endWord = () => {
    if (word.length === 0) return;
    if (newlines === 0 && space && wordWidth > 0 && column > 0 && column + 1 + wordWidth > WIDTH) newlines = 1;
    if (newlines > 0) {
      if (parts.length > 0) parts.push("\n".repeat(newlines));
      column = 0;
    } else if (space) {
      parts.push(" ");
      column++;
    }
    parts.push(word.join(""));
    column += wordWidth;
    [newlines, space, word, wordWidth] = [0, false, [], 0];
  };
  for (const item of items) {
    if ("text" in item) {
      word.push(item.text);
      wordWidth += item.width;
      continue;
    }
    endWord();
    if (item.kind === "newline") newlines++;
    else space = true;
  }
  endWord();
  return parts.length === 0 ? "" : `${parts.join("")}\n`;
}
