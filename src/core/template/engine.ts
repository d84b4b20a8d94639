/**
 * Liquid as Envoi allows it: no other files, own properties only, nothing that reads a clock, a locale or chance, and
 * budgets that count work instead of time, so that a template gives the same result (or the same refusal) everywhere.
 */
import { Context, type Emitter, Liquid, type Template, toValueSync } from "liquidjs";

import { type Budget, budgetFor, createLimiter, RenderFailure } from "./budget.ts";
import { registerFilters } from "./filters.ts";
import { CLICK_URL, type ClickUrl, registerLinkTags } from "./link-tags.ts";
import { MISSING } from "./missing-values.ts";
import { escapeHtml, printValue } from "./print-value.ts";

/** `html` escapes outputs unless they end in `| raw`; `text` and `header` never do. */
export type TemplateKind = "html" | "text" | "header";

type Values = Readonly<Record<string, unknown>>;

/** What a template may name. Only own properties are seen; a getter runs when it is read. */
export type Scope = {
  readonly recipient: Values;
  readonly delivery: Values;
  readonly message: Values;
  readonly platform: Values;
  /** Of an analysis; messages have none. */
  readonly counts?: Values;
  /** The tracked address of a link; `url` is its own rendered address (http or https, ASCII), null when that is fixed. */
  readonly clickUrl: ClickUrl;
};

/** Characters of template source. */
export const MAX_SOURCE = 5_000_000;
/** Characters that one part may become. */
export const MAX_OUTPUT = 2_000_000;

/** These need another file. */
const FILE_TAGS = ["include", "render", "layout", "block"];

function createEngine(kind: TemplateKind): Liquid {
  const print = (text: string) => (kind === "html" ? escapeHtml(text) : text);
  const liquid = new Liquid({
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    groupedExpressions: true,
    locale: "en-US",
    parseLimit: MAX_SOURCE,
    outputEscape(this: { context: Context }, value: unknown): string {
      const text = printValue(value);
      this.context.memoryLimit.use(text.length);
      return print(text);
    },
  });
  for (const name of FILE_TAGS) {
    liquid.registerTag(name, {
      parse() {
        throw new Error(`the tag "${name}" needs another file, and a message has none`);
      },
      render() {},
    });
  }
  registerFilters(liquid, kind === "html");
  return liquid;
}

const ENGINES: Readonly<Record<TemplateKind, Liquid>> = {
  html: createEngine("html"),
  text: createEngine("text"),
  header: createEngine("header"),
};
for (const [kind, liquid] of Object.entries(ENGINES)) registerLinkTags(liquid, kind === "html", ENGINES.text);

export function engineOf(kind: TemplateKind): Liquid {
  return ENGINES[kind];
}

export type RunOptions = {
  /** Of the part; that of five seconds when left out. */
  readonly budget?: Budget | undefined;
  /** Gets the path of each attribute of the recipient that had no value where it was printed or assigned. */
  readonly missing?: Set<string> | undefined;
};

const USUAL_BUDGET = budgetFor(5000);

/** State of one rendering of one part; tags such as `assign` write into it. */
export function createContext(kind: TemplateKind, scope: Scope, options: RunOptions): Context {
  const { recipient, delivery, message, platform, counts, clickUrl } = scope;
  const { budget = USUAL_BUDGET, missing } = options;
  const environment = Object.assign(Object.create(null), {
    // an own `size` keeps Liquid from answering `recipient.size` with the number of attributes
    recipient: Object.assign(Object.create(null), { size: undefined }, recipient),
    delivery,
    message,
    platform,
    counts,
    [CLICK_URL]: clickUrl,
    [MISSING]: missing,
  });
  const liquid = ENGINES[kind];
  return new Context(
    environment,
    liquid.options as never,
    { sync: true },
    {
      liquid,
      memoryLimit: createLimiter(budget.memory, "the template needs too much memory") as never,
      renderLimit: createLimiter(budget.steps, "the template loops too often") as never,
    },
  );
}

export function renderNodes(kind: TemplateKind, nodes: Template[], context: Context): string {
  const emitter = new BoundedEmitter();
  toValueSync(ENGINES[kind].renderer.renderTemplates(nodes, context, emitter));
  return emitter.buffer;
}

class BoundedEmitter implements Emitter {
  buffer = "";
  write(value: unknown): void {
    this.buffer += printValue(value);
    if (this.buffer.length > MAX_OUTPUT) throw new RenderFailure("the result is too large");
  }
}

/** Why a rendering ended early, short and without a stack; null when the error is no template's fault. */
export function describeRenderError(error: unknown): string | null {
  if (error instanceof RenderFailure) return error.message;
  if (error instanceof RangeError) return "the template needs too much memory";
  const fromEngine =
    error instanceof Error && (error.name === "RenderError" || error.name === "UndefinedVariableError");
  return fromEngine ? error.message.replace(/(, line:\d+, col:\d+)+$/, "") : null;
}
