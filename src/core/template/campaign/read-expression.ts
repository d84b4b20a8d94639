/** Reads an expression by JavaScript's precedence (ECMA-262 §13). Nothing is ever evaluated. */
import { CampaignError } from "./campaign-error.ts";
import { callFunction, callMethod } from "./functions.ts";
import { OBJECTS, unknownName, variablePath } from "./names.ts";
import { describeToken, type Token, type TokenReader } from "./tokens.ts";
import { type ComparisonSign, type Expression, type Filter, typeOf, type ValueType } from "./tree.ts";

/** Names that the operator has declared, and what they are called in Liquid. */
export type Locals = ReadonlySet<string>;

const MAX_DEPTH = 50;

const PRECEDENCE: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "===": 3,
  "!==": 3,
  "<": 4,
  ">": 4,
  "<=": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "%": 6,
};
const ARITHMETIC: Readonly<Record<string, string>> = { "-": "minus", "*": "times", "/": "divided_by", "%": "modulo" };

export function readExpression(reader: TokenReader, locals: Locals, depth = 0): Expression {
  if (depth > MAX_DEPTH) throw new CampaignError(reader.peek().at, "this is nested too deeply");
  const test = readBinary(reader, locals, 1, depth);
  const { at } = reader.peek();
  if (!reader.take("?")) return test;
  const yes = readExpression(reader, locals, depth + 1);
  reader.expect(":", "in … ? … : …");
  const no = readExpression(reader, locals, depth + 1);
  return { kind: "choice", test, yes, no, at };
}

function readBinary(reader: TokenReader, locals: Locals, least: number, depth: number): Expression {
  let left = readUnary(reader, locals, depth);
  for (;;) {
    const token = reader.peek();
    const precedence = token.kind === "sign" ? PRECEDENCE[token.text] : undefined;
    if (token.kind !== "sign" || precedence === undefined || precedence < least) return left;
    reader.next();
    if (depth > MAX_DEPTH) throw new CampaignError(token.at, "this is nested too deeply");
    const right = readBinary(reader, locals, precedence + 1, depth + 1);
    left = combine(token.text, left, right, token.at);
  }
}

function combine(sign: string, left: Expression, right: Expression, at: number): Expression {
  if (sign === "&&") return { kind: "and", left, right, at };
  if (sign === "||") return { kind: "or", left, right, at };
  if (sign === "+") return add(left, right, at);
  const filter = ARITHMETIC[sign];
  if (filter !== undefined) return numeric(left, { name: filter, args: [right] }, at);
  const plain = (sign === "===" ? "==" : sign === "!==" ? "!=" : sign) as ComparisonSign;
  return foundBy(left, plain, right, at) ?? { kind: "compare", sign: plain, left, right, at };
}

function numeric(of: Expression, filter: Filter, at: number): Expression {
  return { kind: "filter", of, filters: [filter], type: "number", at };
}

/** Two numbers are added; with a text, or between two attributes, `+` joins. */
function add(left: Expression, right: Expression, at: number): Expression {
  const types: readonly ValueType[] = [typeOf(left), typeOf(right)];
  if (types.every((type) => type === "number")) return numeric(left, { name: "plus", args: [right] }, at);
  if (types.includes("number") && !types.includes("text")) {
    throw new CampaignError(at, `a sum or a text? For a sum write Number(…) + …, for a text '' + … + …`);
  }
  const parts = [left, right].flatMap((part) => (part.kind === "join" ? part.parts : [part]));
  return { kind: "join", parts, at };
}

/** `x.indexOf('y') != -1` and its like, which ask whether `x` contains `y`; null for any other comparison. */
function foundBy(left: Expression, sign: ComparisonSign, right: Expression, at: number): Expression | null {
  const search = left.kind === "filter" ? left.filters.at(-1) : undefined;
  if (left.kind !== "filter" || search?.name !== "indexOf") return null;
  const bound = right.kind === "literal" ? right.value : null;
  const contains: Expression = { kind: "contains", in: left.of, what: search.args[0] as Expression, at };
  if ((bound === -1 && (sign === "!=" || sign === ">")) || (bound === 0 && sign === ">=")) return contains;
  if ((bound === -1 && sign === "==") || (bound === 0 && sign === "<")) return { kind: "not", of: contains, at };
  throw new CampaignError(at, "indexOf only asks whether a text is contained: x.indexOf('y') != -1");
}

function readUnary(reader: TokenReader, locals: Locals, depth: number): Expression {
  const token = reader.peek();
  if (depth > MAX_DEPTH) throw new CampaignError(token.at, "this is nested too deeply");
  if (reader.take("!")) return { kind: "not", of: readUnary(reader, locals, depth + 1), at: token.at };
  if (reader.take("-")) {
    const of = readUnary(reader, locals, depth + 1);
    if (of.kind === "literal" && typeof of.value === "number") return { ...of, value: -of.value, at: token.at };
    return numeric(of, { name: "times", args: [{ kind: "literal", value: -1, at: token.at }] }, token.at);
  }
  let value = readPrimary(reader, locals, depth);
  while (reader.peek().kind === "sign" && reader.take(".")) {
    const name = readName(reader);
    const { at } = name;
    const args = reader.take("(") ? readArguments(reader, locals, depth) : null;
    value = callMethod(value, name.text, args, at);
  }
  const after = reader.peek();
  if (after.kind === "sign" && ["(", "[", "=>", "++", "--"].includes(after.text)) {
    throw new CampaignError(after.at, `"${after.text}" is not supported here`);
  }
  return value;
}

function readPrimary(reader: TokenReader, locals: Locals, depth: number): Expression {
  const token = reader.next();
  const { at } = token;
  if (token.kind === "text" || token.kind === "number") return { kind: "literal", value: token.value, at };
  if (token.kind === "word") return readWord(token.text, at, reader, locals, depth);
  if (token.kind === "sign" && token.text === "(") {
    const inner = readExpression(reader, locals, depth + 1);
    reader.expect(")", "after (…");
    return inner;
  }
  if (token.kind === "sign" && token.text === "/") {
    throw new CampaignError(at, "patterns are not supported: write the text itself in quotes, as in replace('a', 'b')");
  }
  throw new CampaignError(at, `a value is missing before ${describeToken(token)}`);
}

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null, undefined: null };
const REFUSED: Readonly<Record<string, string>> = {
  new: "objects cannot be made: today's date is message.date, a date is written formatDate(message.date, '%2D/%2M/%4Y')",
  function: "functions cannot be declared: make a personalisation block, <%@ include view='name' %>",
  typeof: "typeof is not supported: compare with null, as in recipient.x == null",
  eval: "code in texts is never run",
};

function readWord(word: string, at: number, reader: TokenReader, locals: Locals, depth: number): Expression {
  if (Object.hasOwn(WORDS, word)) return { kind: "literal", value: WORDS[word] as boolean | null, at };
  if (Object.hasOwn(REFUSED, word)) throw new CampaignError(at, REFUSED[word] as string);
  if (OBJECTS.includes(word)) return readPath(word, at, reader);
  if (reader.take("(")) return callFunction(word, readArguments(reader, locals, depth), at);
  if (!locals.has(word)) throw unknownName(word, locals, at);
  return { kind: "variable", path: word, at };
}

/** `recipient.location.@city`, and a method at its end if there is one. */
function readPath(root: string, at: number, reader: TokenReader): Expression {
  const segments: string[] = [];
  for (;;) {
    if (reader.take("[")) {
      const name = reader.next();
      if (name.kind !== "text")
        throw new CampaignError(name.at, "the name of an attribute is written out, not computed");
      reader.expect("]", "after the name of an attribute");
      segments.push(name.value);
      continue;
    }
    const dot = reader.peek();
    if (dot.kind !== "sign" || dot.text !== "." || isMethod(reader, segments.length)) break;
    reader.next();
    segments.push(readName(reader).text);
  }
  return { kind: "variable", path: variablePath(root, segments, at), at };
}

/** At a dot: whether what follows is called, or asks for the length of an attribute. */
function isMethod(reader: TokenReader, segments: number): boolean {
  const name = reader.peek(1);
  const after = reader.peek(2);
  if (name.kind !== "word" || segments === 0) return false;
  return (after.kind === "sign" && after.text === "(") || name.text === "length";
}

function readName(reader: TokenReader): Token & { readonly text: string } {
  reader.take("@");
  const token = reader.next();
  if (token.kind === "word") return token;
  throw new CampaignError(token.at, `a name is missing before ${describeToken(token)}`);
}

function readArguments(reader: TokenReader, locals: Locals, depth: number): Expression[] {
  const args: Expression[] = [];
  if (reader.take(")")) return args;
  do {
    args.push(readExpression(reader, locals, depth + 1));
  } while (reader.take(","));
  reader.expect(")", "after the arguments");
  return args;
}
