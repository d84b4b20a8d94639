/**
 * A parsed template as a flat list of steps: static text, slots that give a string, choices between branches. Plain outputs,
 * links and `if`s become direct functions; every other tag is one slot that Liquid renders. The order of evaluation is Liquid's.
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

import { RenderFailure } from "./budget.ts";
import { directRead, directTest } from "./direct-read.ts";
import { createContext, engineOf, MAX_OUTPUT, renderNodes } from "./engine.ts";
import type { RunOptions, Scope, TemplateKind } from "./engine.ts";
import { LinkTag, personalisedLink, staticLink, TrackedTag } from "./link-tags.ts";
import { isMissing, noteMissing, shownBy, watchMissing } from "./missing-values.ts";
import { escapeHtml, printValue } from "./print-value.ts";

/** One rendering in progress. The engine's context is made only when a step needs it. */
type Run = {
  readonly kind: TemplateKind;
  readonly scope: Scope;
  readonly options: RunOptions;
  context: Context | null;
  length: number;
};
type FilterHandler = (this: unknown, value: unknown, ...args: unknown[]) => unknown;

type Slot = { readonly kind: "slot"; readonly evaluate: (run: Run) => string };
type Choice = {
  readonly kind: "choice";
  /** Number of the branch that applies, -1 for none. */
  readonly choose: (run: Run) => number;
  readonly branches: readonly Program[];
};
export type Program = readonly (string | Slot | Choice)[];

const NO_OPTIONS: RunOptions = {};

export function startRun(kind: TemplateKind, scope: Scope, options: RunOptions = NO_OPTIONS): Run {
  return { kind, scope, options, context: null, length: 0 };
}

function contextOf(run: Run): Context {
  run.context ??= createContext(run.kind, run.scope, run.options);
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
  if (node instanceof Output) return { kind: "slot", evaluate: outputOf(kind, node.value) };
  if (node instanceof LinkTag) {
    const { html, link } = node;
    return { kind: "slot", evaluate: (run) => staticLink(html, link, run.scope.clickUrl) };
  }
  if (node instanceof TrackedTag) {
    const { html, link } = node;
    const body = buildProgram("text", node.body);
    const evaluate = (run: Run) => personalisedLink(html, link, execute(body, run, asItIs), run.scope.clickUrl);
    return { kind: "slot", evaluate };
  }
  if (node instanceof IfTag) {
    const branches = node.branches.map((b) => ({ test: conditionOf(b.value), body: b.templates }));
    return choiceOf(kind, branches, node.elseTemplates ?? []);
  }
  if (node instanceof UnlessTag) {
    const branches = node.branches.map(({ value, test, templates }) => ({
      test: (run: Run) => test(evaluateValue(value, run), contextOf(run)),
      body: templates,
    }));
    return choiceOf(kind, branches, node.elseTemplates);
  }
  watchMissing(node);
  return { kind: "slot", evaluate: (run) => renderNodes(kind, [node], contextOf(run)) };
}

const asItIs = (text: string) => text;

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
  return refusing(() => toValueSync<unknown>(value.value(contextOf(run), false)));
}

/** What a filter throws is about its value, as it is where the engine renders. */
function refusing<T>(evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof RenderFailure || error instanceof RangeError) throw error;
    throw new RenderFailure(error instanceof Error ? error.message : String(error));
  }
}

function outputOf(kind: TemplateKind, value: Value): (run: Run) => string {
  const direct = directRead(value.initial.postfix);
  const filters = value.filters;
  // Liquid appends the output escape as a last filter unless the written one is `raw`
  const escaping = filters.at(-1)?.raw !== true;
  const calls = (escaping ? filters.slice(0, -1) : filters).map((filter) => directCall(kind, filter.name, filter.args));
  const shown = shownBy(value);
  if (direct === null || calls.includes(null)) {
    return (run) => {
      if (run.options.missing !== undefined) noteMissing(shown, run.scope.recipient, run.options.missing);
      return printValue(evaluateValue(value, run));
    };
  }
  const { read, name } = direct;
  const escape = escaping && kind === "html";
  const watched = shown.includes(name);
  return (run) => {
    let made = read(run.scope);
    if (watched && run.options.missing !== undefined && isMissing(made)) run.options.missing.add(`recipient.${name}`);
    for (const call of calls) made = call?.(made, run);
    const text = printValue(made);
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
    const self = { context: contextOf(run), liquid };
    return refusing(() => toValueSync<unknown>(handler.call(self, value, ...literals)));
  };
}

/** Comparisons of attributes with literals directly, any other condition by the engine. */
function conditionOf(value: Value): (run: Run) => boolean {
  const general = (run: Run) => isTruthy(evaluateValue(value, run), contextOf(run));
  const test = directTest(value);
  return test === null ? general : (run) => test(run.scope) ?? general(run);
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
