/**
 * A parsed template as a flat list of steps: static text, slots that give a string, choices between branches. Plain outputs
 * and `if`s become direct functions; every other tag is one slot that Liquid renders. The order of evaluation is Liquid's.
 */
import {
  CommentTag,
  type Context,
  IfTag,
  InlineCommentTag,
  isTruthy,
  Output,
  RawTag,
  type Template,
  toValueSync,
  TypeGuards,
  UnlessTag,
  type Value,
} from "liquidjs";

import { createContext, engineOf, escapeHtml, RenderFailure, MAX_OUTPUT, printValue, renderNodes } from "./engine.ts";
import type { Scope, TemplateKind } from "./engine.ts";
import { ROOTS, segmentsOf } from "./template-variables.ts";

/** One rendering in progress. The engine's context is made only when a step needs it. */
type Run = { readonly kind: TemplateKind; readonly scope: Scope; context: Context | null; length: number };
type FilterHandler = (this: unknown, value: unknown, ...args: unknown[]) => unknown;

type Slot = { readonly kind: "slot"; readonly evaluate: (run: Run) => string };
type Choice = {
  readonly kind: "choice";
  /** Number of the branch that applies, -1 for none. */
  readonly choose: (run: Run) => number;
  readonly branches: readonly Program[];
};
export type Program = readonly (string | Slot | Choice)[];

export function startRun(kind: TemplateKind, scope: Scope): Run {
  return { kind, scope, context: null, length: 0 };
}

function contextOf(run: Run): Context {
  run.context ??= createContext(run.kind, run.scope);
  return run.context;
}

export function buildProgram(kind: TemplateKind, nodes: readonly Template[]): Program {
  const steps: (string | Slot | Choice)[] = [];
  for (const node of nodes) {
    const step = buildStep(kind, node);
    const last = steps.at(-1);
    if (typeof step === "string" && typeof last === "string") steps[steps.length - 1] = last + step;
    else if (step !== "") steps.push(step);
  }
  return steps;
}

function buildStep(kind: TemplateKind, node: Template): string | Slot | Choice {
  if (TypeGuards.isHTMLToken(node.token)) return node.token.getContent();
  if (node instanceof RawTag) return node.render();
  if (node instanceof CommentTag || node instanceof InlineCommentTag) return "";
  if (node instanceof Output) return { kind: "slot", evaluate: outputOf(kind, node) };
  if (node instanceof IfTag) {
    return choiceOf(
      kind,
      node.branches.map((b) => ({ test: conditionOf(b.value), body: b.templates })),
      node.elseTemplates ?? [],
    );
  }
  if (node instanceof UnlessTag) {
    const branches = node.branches.map(({ value, test, templates }) => ({
      test: (run: Run) => test(evaluateValue(value, run), contextOf(run)),
      body: templates,
    }));
    return choiceOf(kind, branches, node.elseTemplates);
  }
  return { kind: "slot", evaluate: (run) => renderNodes(kind, [node], contextOf(run)) };
}

function choiceOf(
  kind: TemplateKind,
  branches: readonly { test: (run: Run) => boolean; body: readonly Template[] }[],
  otherwise: readonly Template[],
): Choice {
  const bodies = [...branches.map((b) => b.body), otherwise];
  return {
    kind: "choice",
    choose: (run) => {
      const hit = branches.findIndex((branch) => branch.test(run));
      return hit >= 0 ? hit : branches.length;
    },
    branches: bodies.map((body) => buildProgram(kind, body)),
  };
}

function evaluateValue(value: Value, run: Run): unknown {
  return toValueSync<unknown>(value.value(contextOf(run), false));
}

/** Reads `recipient.x` and its like without the engine; null when the expression is anything more. */
function directRead(tokens: readonly unknown[]): ((run: Run) => unknown) | null {
  const token = tokens[0];
  if (tokens.length !== 1 || !TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined) return null;
  const [root, name, ...deeper] = segmentsOf(token);
  if (typeof root !== "string" || typeof name !== "string" || deeper.length > 0 || !ROOTS.includes(root)) return null;
  const key = root as keyof Scope;
  return (run) => {
    const object = run.scope[key];
    return Object.hasOwn(object, name) ? object[name] : undefined;
  };
}

function outputOf(kind: TemplateKind, node: Output): (run: Run) => string {
  const read = directRead(node.value.initial.postfix);
  const filters = node.value.filters;
  // Liquid appends the output escape as a last filter unless the written one is `raw`
  const escaping = filters.at(-1)?.raw !== true;
  const calls = (escaping ? filters.slice(0, -1) : filters).map((filter) => directCall(kind, filter.name, filter.args));
  const general = (run: Run) => printValue(evaluateValue(node.value, run));
  if (read === null || calls.includes(null)) return general;
  const escape = escaping && kind === "html";
  return (run) => {
    let value = read(run);
    for (const call of calls) value = call?.(value, run);
    const text = printValue(value);
    return escape ? escapeHtml(text) : text;
  };
}

/** A filter whose arguments are all literals, as a function; null for any other. */
function directCall(
  kind: TemplateKind,
  name: string,
  args: readonly unknown[],
): ((value: unknown, run: Run) => unknown) | null {
  const entry = engineOf(kind).filters[name];
  if (entry === undefined) return null;
  const handler = (typeof entry === "function" ? entry : entry.handler) as FilterHandler;
  const literals: unknown[] = [];
  for (const arg of args) {
    if (typeof arg !== "object" || arg === null || !("content" in arg)) return null;
    literals.push(arg.content);
  }
  const liquid = engineOf(kind);
  return (value, run) => {
    try {
      return toValueSync<unknown>(handler.call({ context: contextOf(run), liquid }, value, ...literals));
    } catch (error) {
      throw new RenderFailure(error instanceof Error ? error.message : String(error));
    }
  };
}

/** `if recipient.x`, `if recipient.x == "y"` and `!=` directly, any other condition by the engine. */
function conditionOf(value: Value): (run: Run) => boolean {
  const tokens = value.initial.postfix;
  const general = (run: Run) => isTruthy(evaluateValue(value, run), contextOf(run));
  const read = directRead(tokens.slice(0, 1));
  if (read === null || value.filters.length > 0) return general;
  if (tokens.length === 1) {
    return (run) => {
      const found = read(run);
      return found !== undefined && found !== null && found !== false;
    };
  }
  const [, literal, operator] = tokens;
  if (tokens.length !== 3 || literal === undefined || !TypeGuards.isOperatorToken(operator)) return general;
  const content = "content" in literal ? literal.content : undefined;
  if (typeof content !== "string" && typeof content !== "number") return general;
  if (operator.operator === "==") return (run) => read(run) === content;
  if (operator.operator === "!=") return (run) => read(run) !== content;
  return general;
}

/** The same program with its static texts replaced. */
export function mapStatic(program: Program, change: (text: string) => string): Program {
  return program.map((step) => {
    if (typeof step === "string") return change(step);
    if (step.kind === "slot") return step;
    return { ...step, branches: step.branches.map((branch) => mapStatic(branch, change)) };
  });
}

/** Runs the program; `encode` is applied to what slots give, never to static text. Throws what `describeRenderError` describes. */
export function execute(program: Program, run: Run, encode: (text: string) => string): string {
  let out = "";
  for (const step of program) {
    if (typeof step === "string") {
      out += step;
    } else if (step.kind === "slot") {
      const text = step.evaluate(run);
      run.length += text.length;
      if (run.length > MAX_OUTPUT) throw new RenderFailure("the result is too large");
      out += encode(text);
    } else {
      const branch = step.branches[step.choose(run)];
      if (branch !== undefined) out += execute(branch, run, encode);
    }
  }
  return out;
}
