/** Cuts an expression into tokens, in one pass; every pattern is anchored and linear. */
import { parseDuration } from "../../time.ts";
import { MOST_CHARACTERS, type Range, SyntaxFault, type Type, type Value } from "./nodes.ts";

export type Token = Range &
  (
    | { readonly kind: "literal"; readonly type: Type; readonly value: Value }
    | { readonly kind: "name"; readonly text: string }
    | { readonly kind: "sign"; readonly text: string }
    | { readonly kind: "end" }
  );

const BLANK = /\s+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;
const NUMBER = /(\d{1,15}(?:\.\d{1,15})?)([A-Za-z%]*)/y;
const SIGN = /<=|>=|<>|!=|==|&&|\|\||[-+*/()[\],<>=!]/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy;

/** As the checklist counts them. */
const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1024, KB: 1024, MB: 1024 * 1024 };

/** Throws `SyntaxFault`. The last token is `end`. */
export function scan(source: string): Token[] {
  if (source.length > MOST_CHARACTERS) {
    const message = `An expression has ${MOST_CHARACTERS} characters at most; this one has ${source.length}`;
    throw new SyntaxFault("too-long", message, { start: MOST_CHARACTERS, end: source.length });
  }
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  while (at < source.length) {
    const found = match(BLANK) ?? match(NAME) ?? match(NUMBER) ?? match(QUOTED) ?? match(SIGN);
    if (found === null) throw strange(source, at);
    const range = { start: at, end: at + found[0].length };
    const token = read(found, range);
    if (token !== null) tokens.push(token);
    at = range.end;
  }
  return [...tokens, { kind: "end", start: at, end: at }];
}

function read(found: RegExpExecArray, range: Range): Token | null {
  const [text] = found;
  if (/^\s/.test(text)) return null;
  if (/^[A-Za-z_]/.test(text)) {
    if (text === "true" || text === "false")
      return { kind: "literal", type: "boolean", value: text === "true", ...range };
    return { kind: "name", text, ...range };
  }
  if (/^\d/.test(text)) return readNumber(found[1] ?? "", found[2] ?? "", range);
  if (/^["']/.test(text)) {
    const value = (found[1] ?? found[2] ?? "").replace(/\\(.)/gs, (_, char: string) => (char === "n" ? "\n" : char));
    return { kind: "literal", type: "text", value, ...range };
  }
  return { kind: "sign", text, ...range };
}

function readNumber(digits: string, unit: string, range: Range): Token {
  const number = Number(digits);
  if (unit === "") return { kind: "literal", type: "number", value: number, ...range };
  if (unit === "%") return { kind: "literal", type: "number", value: number / 100, ...range };
  const bytes = BYTES[unit];
  if (bytes !== undefined) return { kind: "literal", type: "number", value: number * bytes, ...range };
  const duration = parseDuration(digits + unit);
  if (duration !== null) return { kind: "literal", type: "duration", value: duration, ...range };
  const message = `"${unit}" is no unit: durations are written 90s, 20m, 36h, 5d, sizes 60kB, 2MB, shares 80%`;
  throw new SyntaxFault("unit-unknown", message, range);
}

function strange(source: string, at: number): SyntaxFault {
  const char = String.fromCodePoint(source.codePointAt(at) ?? 0);
  const range = { start: at, end: at + char.length };
  if (char === '"' || char === "'") {
    return new SyntaxFault("text-open", "This text has no end: a quotation mark is missing", {
      ...range,
      end: source.length,
    });
  }
  return new SyntaxFault("character-unknown", `"${char}" means nothing here`, range);
}
