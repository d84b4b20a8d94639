/** Reads the statements inside `<% … %>` and writes them as tags: variables, assignments, `if` with its `else`. */
import { CampaignError } from "./campaign-error.ts";
import { localName, unknownName } from "./names.ts";
import { readExpression } from "./read-expression.ts";
import { describeToken, type TokenReader } from "./tokens.ts";
import type { Expression } from "./tree.ts";
import type { LiquidWriter, Sink } from "./write-liquid.ts";

/** An `if` that is open; it may end in another `<% … %>`. */
type OpenIf = {
  readonly at: number;
  /** Before the `if`: what its later conditions need. */
  readonly before: Sink;
  hasElse: boolean;
};
export type CodeState = {
  readonly writer: LiquidWriter;
  readonly locals: Set<string>;
  readonly open: OpenIf[];
};

const MAX_OPEN = 50;

const LOOP =
  "loops are not supported: in a content of syntax liquid write {% for item in recipient.list %} … {% endfor %}";
const REFUSED: Readonly<Record<string, string>> = {
  for: LOOP,
  while: LOOP,
  do: LOOP,
  switch: "switch is not supported: write <% if (…) { %> … <% } else if (…) { %> … <% } %>",
  function: "functions cannot be declared: make a personalisation block, <%@ include view='name' %>",
  return: "return is not supported: write the value, <%= … %>",
  new: "objects cannot be made: write the value itself",
  throw: "throw is not supported: exclude recipients in the target of the delivery",
  try: "try is not supported: test a value first, <% if (recipient.x != '') { %> … <% } %>",
  document: "text is written <%= … %>, or outside <% … %>",
};

export function readCode(reader: TokenReader, state: CodeState): void {
  for (;;) {
    const token = reader.peek();
    if (token.kind === "end") return;
    if (reader.take(";")) continue;
    if (reader.take("}")) closeBranch(reader, state, token.at);
    else if (reader.take("if")) openIf(reader, state, token.at);
    else if (reader.take("var") || reader.take("let") || reader.take("const")) declare(reader, state);
    else if (token.kind === "word") assign(reader, state);
    else throw new CampaignError(token.at, `${describeToken(token)} is no statement: a value is written <%= … %>`);
  }
}

function readCondition(reader: TokenReader, state: CodeState): Expression {
  reader.expect("(", "after if");
  const condition = readExpression(reader, state.locals);
  reader.expect(")", "after the condition");
  if (!reader.take("{"))
    throw new CampaignError(reader.peek().at, 'after the condition "{" is missing: <% if (…) { %>');
  return condition;
}

function openIf(reader: TokenReader, state: CodeState, at: number): void {
  const { writer } = state;
  const condition = readCondition(reader, state);
  if (state.open.length === MAX_OPEN) throw new CampaignError(at, "this is nested too deeply");
  const before: Sink = [];
  writer.sink.push(before);
  writer.emit(`{% if ${writer.test(condition)} %}`, at);
  state.open.push({ at, before, hasElse: false });
}

function closeBranch(reader: TokenReader, state: CodeState, at: number): void {
  const { writer } = state;
  const current = state.open.at(-1);
  if (current === undefined) throw new CampaignError(at, "this } closes nothing", true);
  if (!reader.take("else")) {
    state.open.pop();
    writer.emit("{% endif %}", at);
    return;
  }
  if (current.hasElse) throw new CampaignError(at, "this if has an else already", true);
  if (reader.take("if")) {
    const condition = readCondition(reader, state);
    // nothing changes between the first condition and this one: what it needs is made ready before the `if`
    const { sink } = writer;
    writer.sink = current.before;
    const test = writer.test(condition);
    writer.sink = sink;
    writer.emit(`{% elsif ${test} %}`, at);
    return;
  }
  reader.expect("{", "after else");
  current.hasElse = true;
  writer.emit("{% else %}", at);
}

function declare(reader: TokenReader, state: CodeState): void {
  do {
    const token = reader.next();
    if (token.kind !== "word") throw new CampaignError(token.at, `a name is missing before ${describeToken(token)}`);
    const name = localName(token.text, token.at);
    const value: Expression = reader.take("=")
      ? readExpression(reader, state.locals)
      : { kind: "literal", value: null, at: token.at };
    state.writer.assign(name, value, token.at);
    state.locals.add(name);
  } while (reader.take(","));
  endStatement(reader);
}

function assign(reader: TokenReader, state: CodeState): void {
  const token = reader.next();
  if (token.kind !== "word") return;
  if (Object.hasOwn(REFUSED, token.text)) throw new CampaignError(token.at, REFUSED[token.text] as string);
  if (token.text === "else") {
    throw new CampaignError(token.at, "else stands right after the } of its if: <% } else { %>", true);
  }
  const after = reader.peek();
  const adding = reader.take("+=");
  if (!adding && !reader.take("=")) {
    if (after.kind === "sign" && after.text === "(") {
      throw new CampaignError(token.at, `${token.text}(…) is not called here: a value is written <%= … %>`);
    }
    throw new CampaignError(
      after.at,
      `${describeToken(after)} is not supported after ${token.text}: write ${token.text} = …`,
    );
  }
  if (!state.locals.has(token.text)) throw unknownName(token.text, state.locals, token.at);
  const right = readExpression(reader, state.locals);
  const left: Expression = { kind: "variable", path: token.text, at: token.at };
  const value: Expression = adding ? { kind: "join", parts: [left, right], at: token.at } : right;
  state.writer.assign(token.text, value, token.at);
  endStatement(reader);
}

/** A new line does not end a statement here: `;`, `}` or the end of the code does. */
function endStatement(reader: TokenReader): void {
  const token = reader.peek();
  if (token.kind === "end" || reader.take(";") || (token.kind === "sign" && token.text === "}")) return;
  throw new CampaignError(token.at, `";" is missing before ${describeToken(token)}`);
}
