/** Reads an expression: from tokens to a tree, by precedence. Its depth and its size are bounded, so that it always ends soon. */
import { MOST_DEPTH, MOST_NODES, type Node, type Operator, type Range, SyntaxFault, type Value } from "./nodes.ts";
import { scan, type Token } from "./scan.ts";

type State = { readonly tokens: readonly Token[]; at: number; nodes: number; depth: number };

/** The looser comes first. Those of one row are read from left to right. */
const ROWS: readonly (readonly string[])[] = [
  ["or", "||"],
  ["and", "&&"],
  [],
  ["=", "==", "!=", "<>", "<", "<=", ">", ">=", "in"],
  ["+", "-"],
  ["*", "/"],
];
/** Where `not` binds: looser than comparisons. */
const NOT_ROW = 2;
const COMPARISONS = 3;
const SAME: Readonly<Record<string, Operator>> = { "||": "or", "&&": "and", "==": "=", "<>": "!=" };

/** Throws `SyntaxFault`. */
export function parse(source: string): Node {
  const state: State = { tokens: scan(source), at: 0, nodes: 0, depth: 0 };
  if (peek(state).kind === "end") throw new SyntaxFault("empty", "There is no expression", peek(state));
  const node = row(state, 0);
  const rest = peek(state);
  if (rest.kind !== "end") throw unexpected(rest, "an operator or the end");
  return node;
}

const peek = (state: State): Token => state.tokens[state.at] as Token;

function isSign(token: Token, ...texts: readonly string[]): boolean {
  return (token.kind === "sign" || token.kind === "name") && texts.includes(token.text);
}

function count<N extends Node>(state: State, node: N): N {
  if (++state.nodes <= MOST_NODES) return node;
  throw new SyntaxFault("too-big", `An expression has ${MOST_NODES} parts at most`, node);
}

function deeper<T>(state: State, range: Range, read: () => T): T {
  if (++state.depth > MOST_DEPTH) {
    throw new SyntaxFault("too-deep", `Parts of an expression lie ${MOST_DEPTH} deep in each other at most`, range);
  }
  const result = read();
  state.depth--;
  return result;
}

function row(state: State, index: number): Node {
  if (index === ROWS.length) return signed(state);
  if (index === NOT_ROW) return negated(state);
  let left = row(state, index + 1);
  for (let first = true; isSign(peek(state), ...(ROWS[index] ?? [])); first = false) {
    const token = peek(state) as Token & { text: string };
    if (index === COMPARISONS && !first) {
      throw new SyntaxFault("comparison-chained", "Compare two values at a time, and join them with `and`", token);
    }
    state.at++;
    const right = row(state, index + 1);
    const operator = SAME[token.text] ?? (token.text as Operator);
    left = count(state, { kind: "binary", operator, left, right, start: left.start, end: right.end });
  }
  return left;
}

function negated(state: State): Node {
  const token = peek(state);
  if (!isSign(token, "not", "!")) return row(state, NOT_ROW + 1);
  state.at++;
  const of = deeper(state, token, () => negated(state));
  return count(state, { kind: "not", of, start: token.start, end: of.end });
}

function signed(state: State): Node {
  const token = peek(state);
  if (!isSign(token, "-")) return primary(state);
  state.at++;
  const of = deeper(state, token, () => signed(state));
  return count(state, { kind: "minus", of, start: token.start, end: of.end });
}

const WORDS = new Set(["or", "and", "not", "in"]);

function primary(state: State): Node {
  const token = peek(state);
  if (token.kind === "literal") {
    state.at++;
    return count(state, token);
  }
  if (token.kind === "name" && !WORDS.has(token.text)) {
    state.at++;
    if (isSign(peek(state), "(")) return call(state, token);
    return count(state, { kind: "name", name: token.text, start: token.start, end: token.end });
  }
  if (isSign(token, "(")) {
    state.at++;
    const inner = deeper(state, token, () => row(state, 0));
    close(state, ")", token);
    return inner;
  }
  if (isSign(token, "[")) return list(state, token);
  throw unexpected(token, "a value");
}

function call(state: State, token: Token & { readonly text: string }): Node {
  state.at++;
  const args = deeper(state, token, () => {
    const read: Node[] = [];
    while (!isSign(peek(state), ")")) {
      if (read.length > 0) comma(state);
      read.push(row(state, 0));
    }
    return read;
  });
  const end = close(state, ")", token);
  return count(state, { kind: "call", name: token.text, args, start: token.start, end });
}

function list(state: State, token: Token): Node {
  state.at++;
  const texts: string[] = [];
  while (!isSign(peek(state), "]")) {
    if (texts.length > 0) comma(state);
    const entry = peek(state);
    if (entry.kind !== "literal" || entry.type !== "text") throw unexpected(entry, "a text in quotation marks");
    texts.push(entry.value as Value & string);
    count(state, entry);
    state.at++;
  }
  const end = close(state, "]", token);
  return count(state, { kind: "literal", type: "texts", value: texts, start: token.start, end });
}

function comma(state: State): void {
  if (!isSign(peek(state), ",")) throw unexpected(peek(state), "a comma");
  state.at++;
}

/** Where it ends. */
function close(state: State, sign: string, opened: Range): number {
  const token = peek(state);
  if (isSign(token, sign)) {
    state.at++;
    return token.end;
  }
  if (token.kind === "end") throw new SyntaxFault("not-closed", `"${sign}" is missing`, opened);
  throw unexpected(token, `"${sign}"`);
}

function unexpected(token: Token, wanted: string): SyntaxFault {
  if (token.kind === "end")
    return new SyntaxFault("incomplete", `The expression ends where ${wanted} is expected`, token);
  const said = token.kind === "literal" ? "This value" : `"${token.text}"`;
  return new SyntaxFault("unexpected", `${said} stands where ${wanted} is expected`, token);
}
