/**
 * The leaves of a mail's MIME tree in one pass (RFC 2046 §5.1). Wrong boundaries, missing ends and parts without number are
 * what bounces are made of and what attackers send: each line is looked at once, and beyond the bounds the rest stays unread.
 */
import { type Field, fieldOf, readHeaderBlock } from "./header-block.ts";
import { lineAt } from "./lines.ts";
import { type MediaType, readMediaType } from "./media-type.ts";

export type Leaf = {
  readonly media: MediaType;
  readonly encoding: string | null;
  /** Of its body, in the bytes of the mail. */
  readonly start: number;
  readonly end: number;
};

export type Walked = {
  readonly fields: readonly Field[];
  readonly leaves: readonly Leaf[];
  /** Lines looked at; the others were only searched for a boundary. */
  readonly steps: number;
};

export const MAX_PARTS = 200;
export const MAX_DEPTH = 12;
export const MAX_STEPS = 400_000;

type Level = { readonly boundary: string; readonly isDigest: boolean };
type Delimiter = { readonly level: number; readonly closes: boolean; readonly at: number; readonly next: number };

const PLAIN: MediaType = { type: "text/plain", boundary: null, charset: null, reportType: null };
const MESSAGE: MediaType = { ...PLAIN, type: "message/rfc822" };

export function walkParts(bytes: string): Walked {
  const walk = new Walk(bytes);
  return { fields: walk.run(), leaves: walk.leaves, steps: walk.steps };
}

class Walk {
  readonly leaves: Leaf[] = [];
  steps = 0;
  readonly #bytes: string;
  readonly #levels: Level[] = [];

  constructor(bytes: string) {
    this.#bytes = bytes;
  }

  run(): readonly Field[] {
    const top = readHeaderBlock(this.#bytes, 0, this.#bytes.length);
    this.steps += top.steps;
    let delimiter = this.#enter(top.fields, top.bodyAt, true);
    while (delimiter !== null && this.leaves.length < MAX_PARTS) {
      if (delimiter.closes) {
        this.#levels.length = delimiter.level;
        delimiter = this.#find(delimiter.next);
        continue;
      }
      this.#levels.length = delimiter.level + 1;
      const { fields, bodyAt, steps } = readHeaderBlock(this.#bytes, delimiter.next, this.#bytes.length);
      this.steps += steps;
      delimiter = this.#enter(fields, bodyAt, false);
    }
    return top.fields;
  }

  /** One entity: goes down into a multipart, takes anything else as a leaf. Returns the delimiter after it. */
  #enter(fields: readonly Field[], bodyAt: number, isTop: boolean): Delimiter | null {
    const given = readMediaType(fieldOf(fields, "content-type"));
    const media = given ?? (this.#levels.at(-1)?.isDigest ? MESSAGE : PLAIN);
    const mayHold = media.type.startsWith("multipart/") || (isTop && given === null);
    if (mayHold && this.#levels.length < MAX_DEPTH) {
      const first = this.#firstPart(media, bodyAt);
      if (first !== null) return first;
    }
    const after = this.#find(bodyAt);
    const leaf = media.type.startsWith("multipart/") ? PLAIN : media;
    // The line end before a delimiter belongs to it.
    this.leaves.push({
      media: leaf,
      encoding: fieldOf(fields, "content-transfer-encoding"),
      start: bodyAt,
      end: after?.at ?? this.#bytes.length,
    });
    return after;
  }

  /** The first delimiter inside a multipart: by its boundary or, where that does not come, by what looks like one. Null: none. */
  #firstPart(media: MediaType, bodyAt: number): Delimiter | null {
    const isDigest = media.type === "multipart/digest";
    for (const boundary of [media.boundary, guessBoundary(this.#bytes, bodyAt, media === PLAIN)]) {
      if (boundary === null) continue;
      const level = this.#levels.push({ boundary, isDigest }) - 1;
      const found = this.#find(bodyAt);
      if (found?.level === level) return found;
      this.#levels.pop();
    }
    return null;
  }

  /** The next line that is a delimiter of any open level, the innermost first. */
  #find(from: number): Delimiter | null {
    if (this.#levels.length === 0) return null;
    const bytes = this.#bytes;
    let at = bytes.indexOf("--", from);
    while (at >= 0 && this.steps < MAX_STEPS) {
      this.steps++;
      const start = lineStart(bytes, at, from);
      if (start !== null) {
        for (let level = this.#levels.length - 1; level >= 0; level--) {
          const closes = endsWithBoundary(bytes, at + 2, this.#levels[level]?.boundary ?? "");
          if (closes !== null) return { level, closes, at: start, next: lineAt(bytes, at, bytes.length).next };
        }
      }
      at = bytes.indexOf("--", lineAt(bytes, at, bytes.length).next);
    }
    return null;
  }
}

/** Some programs indent delimiters. Null: something else stands before it on its line. */
function lineStart(bytes: string, at: number, from: number): number | null {
  let start = at;
  while (start > from && at - start < 8 && (bytes[start - 1] === " " || bytes[start - 1] === "\t")) start--;
  return start === 0 || bytes[start - 1] === "\n" || bytes[start - 1] === "\r" ? start : null;
}

/** True: the last delimiter, false: one of those before, null: another line. */
function endsWithBoundary(bytes: string, at: number, boundary: string): boolean | null {
  if (!bytes.startsWith(boundary, at)) return null;
  const after = at + boundary.length;
  if (bytes.startsWith("--", after)) return true;
  const next = bytes[after];
  return next === undefined || next === "\n" || next === "\r" || next === " " || next === "\t" ? false : null;
}

/** Characters within which a first delimiter is expected. */
const GUESS_WITHIN = 8000;
const DELIMITER = /(?:^|[\r\n])--([^\s]{4,100})[ \t]{0,8}[\r\n]{1,2}(?:Content-|MIME-|X-)[A-Za-z-]{1,40}:/i;

/** `isUntold`: the mail does not say that it has parts; then its text may quote one that has, and only a preamble comes before. */
function guessBoundary(bytes: string, bodyAt: number, isUntold: boolean): string | null {
  const body = bytes.slice(bodyAt, bodyAt + GUESS_WITHIN);
  const found = DELIMITER.exec(body);
  if (found === null || (isUntold && !isPreamble(body.slice(0, found.index)))) return null;
  return found[1] ?? null;
}

/** RFC 2046 §5.1.1: what programs say to readers without MIME. */
function isPreamble(text: string): boolean {
  return text.trim() === "" || (text.length < 600 && !text.includes("@") && /\bmime\b|\bmulti-?part\b/i.test(text));
}
