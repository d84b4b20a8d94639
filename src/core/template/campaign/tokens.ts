/** Words, numbers, texts and signs of campaign code: the small part of JavaScript's grammar that is read here (ECMA-262 §12). */
import { CampaignError } from "./campaign-error.ts";

export type Token =
  | { readonly kind: "word" | "sign"; readonly text: string; readonly at: number }
  | { readonly kind: "text"; readonly value: string; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

/** Of one `<% … %>`. */
const MAX_TOKENS = 5000;

const BLANK = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
const WORD = /[\p{L}_$][\p{L}\p{Nd}_$]*/uy;
const NUMBER = /\d+(?:\.\d+)?/y;
const TEXT = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const SIGN = /===|!==|\+=|-=|\*=|\/=|\+\+|--|==|!=|<=|>=|&&|\|\||=>|[-+*/%<>!=?:.,;()[\]{}@&|^~]/y;
const ESCAPE = /\\(?:u([\dA-Fa-f]{4})|x([\dA-Fa-f]{2})|(\r\n|[^]))/g;
const ESCAPED: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
  "\n": "",
};

/** `offset` is where the code begins in the source. Throws `CampaignError`. */
export function readTokens(code: string, offset: number): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(code)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  for (;;) {
    match(BLANK);
    const begin = at;
    const place = offset + begin;
    if (at >= code.length) {
      tokens.push({ kind: "end", at: place });
      return tokens;
    }
    // read on, each of many such comments would be searched for its end
    if (code.startsWith("/*", at)) throw new CampaignError(place, "the comment is not closed");
    if (tokens.length === MAX_TOKENS) throw new CampaignError(place, "the code is too long");
    let text = match(WORD);
    if (text !== null) tokens.push({ kind: "word", text, at: place });
    else if ((text = match(NUMBER)) !== null) {
      tokens.push({ kind: "number", value: Number(text), text, at: place });
      if (match(WORD) !== null) throw new CampaignError(place, "this number cannot be read: write it in digits");
    } else if ((text = match(TEXT)) !== null) tokens.push({ kind: "text", value: unquote(text), at: place });
    else if ((text = match(SIGN)) !== null) tokens.push({ kind: "sign", text, at: place });
    else throw new CampaignError(place, strangeCharacter(code.charAt(begin)));
  }
}

function strangeCharacter(char: string): string {
  if (char === '"' || char === "'") return "the text in quotes does not end on its line";
  if (char === "`") return "texts stand in quotes, and are joined with +";
  return `the character ${char} means nothing here`;
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(ESCAPE, (_, unicode?: string, hex?: string, other = "") => {
    const code = unicode ?? hex;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return ESCAPED[other] ?? other;
  });
}

/** The tokens of one `<% … %>`, taken one after the other. */
export class TokenReader {
  readonly tokens: readonly Token[];
  index = 0;
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }
  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)] as Token;
  }
  next(): Token {
    const token = this.peek();
    this.index++;
    return token;
  }
  /** Whether the next token is this sign or word; takes it if so. */
  take(text: string): boolean {
    const token = this.peek();
    const found = (token.kind === "sign" || token.kind === "word") && token.text === text;
    if (found) this.index++;
    return found;
  }
  expect(text: string, where: string): void {
    if (!this.take(text)) throw new CampaignError(this.peek().at, `"${text}" is missing ${where}`);
  }
}

/** As it is written, short. */
export function describeToken(token: Token): string {
  if (token.kind === "end") return "the end";
  return `"${(token.kind === "text" ? token.value : token.text).slice(0, 40)}"`;
}
