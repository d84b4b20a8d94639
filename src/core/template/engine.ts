/**
 * Liquid as Envoi allows it: no other files, own properties only, nothing that reads a clock, a locale or chance, and
 * budgets that count work instead of time, so that a template gives the same result (or the same refusal) everywhere.
 */
import { Context, type Emitter, Liquid, type Template, toValue, toValueSync } from "liquidjs";

import { formatDate } from "./date-filter.ts";

/** `html` escapes outputs unless they end in `| raw`; `text` and `header` never do. */
export type TemplateKind = "html" | "text" | "header";

/** What a template may name. The objects have no prototype. */
export type Scope = {
  readonly recipient: Readonly<Record<string, unknown>>;
  readonly delivery: Readonly<Record<string, unknown>>;
  readonly message: Readonly<Record<string, unknown>>;
};

/** Characters of template source. */
const MAX_SOURCE = 5_000_000;
/** Characters that one part may become. */
export const MAX_OUTPUT = 2_000_000;
/** Tags, outputs and texts rendered inside loops and other blocks of one part. */
const MAX_STEPS = 200_000;
/** Characters and array items that filters and ranges of one part may produce. */
const MAX_MEMORY = 8_000_000;

/** A limit was passed or a filter refused its value. Thrown inside a rendering, a value beyond its border. */
export class RenderFailure extends Error {}

/** These need another file. */
const FILE_TAGS = ["include", "render", "layout", "block"];
/** `sample` draws lots; the `_exp` family hides variables in strings, where analysis cannot see them. */
const REFUSED_FILTERS = ["sample", "where_exp", "reject_exp", "group_by_exp", "has_exp", "find_exp", "find_index_exp"];
const DATE_FILTERS: Readonly<Record<string, string>> = {
  date_to_xmlschema: "%Y-%m-%dT%H:%M:%S+00:00",
  date_to_rfc822: "%a, %d %b %Y %H:%M:%S +0000",
  date_to_string: "%d %b %Y",
  date_to_long_string: "%d %B %Y",
};

/** Text of a value as Liquid prints it. */
export function printValue(value: unknown): string {
  if (typeof value === "string") return value;
  const plain = toValue(value);
  if (plain === null || plain === undefined) return "";
  if (Array.isArray(plain)) return plain.map(printValue).join("");
  return typeof plain === "object" ? Object.prototype.toString.call(plain) : String(plain as number | boolean);
}

const HTML_SPECIAL = /[&<>"']/;
const HTML_SPECIALS = /[&<>"']/g;
const HTML_ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return HTML_SPECIAL.test(text) ? text.replace(HTML_SPECIALS, (char) => HTML_ENTITIES[char] ?? char) : text;
}

/** Stands in for the engine's own limiter of memory or time. */
function budget(amount: number, refusal: string): { use(count: unknown): void; check(): void } {
  let left = amount;
  const spend = (count: number) => {
    if (count > 0) left -= count;
    if (left < 0) throw new RenderFailure(refusal);
  };
  // `check` is called once for every step with the time of day, which is not looked at
  return { use: (count) => spend(Number(count)), check: () => spend(1) };
}

function createEngine(kind: TemplateKind): Liquid {
  const print = (text: string) => (kind === "html" ? escapeHtml(text) : text);
  const liquid = new Liquid({
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
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
  if (kind === "html") registerHtmlFilters(liquid);
  for (const name of REFUSED_FILTERS) liquid.unregisterFilter(name);
  liquid.registerFilter("date", dateFilter);
  for (const [name, format] of Object.entries(DATE_FILTERS)) {
    liquid.registerFilter(name, function (this: { context: Context }, value: unknown) {
      return dateFilter.call(this, value, format);
    });
  }
  return liquid;
}

/** Filters whose result is HTML already: the escaping of outputs must not touch it again. */
function registerHtmlFilters(liquid: Liquid): void {
  for (const name of ["escape", "escape_once", "xml_escape"]) {
    const handler = liquid.filters[name] as () => unknown;
    liquid.registerFilter(name, { raw: true, handler });
  }
  liquid.registerFilter("newline_to_br", {
    raw: true,
    handler(this: { context: Context }, value: unknown): string {
      const text = escapeHtml(printValue(value));
      this.context.memoryLimit.use(text.length);
      return text.replace(/\r?\n/g, "<br />\n");
    },
  });
}

/** `now` and `today` are the message's date: the same message rendered next year must say the same. */
function dateFilter(this: { context: Context }, value: unknown, format?: unknown): unknown {
  const now = (this.context.environments as { message: { date: string } }).message.date;
  const plain = toValue(value);
  const pattern = printValue(format) || "%Y-%m-%d";
  this.context.memoryLimit.use(pattern.length * 4);
  return formatDate(plain === "now" || plain === "today" ? now : plain, pattern) ?? value;
}

const ENGINES: Readonly<Record<TemplateKind, Liquid>> = {
  html: createEngine("html"),
  text: createEngine("text"),
  header: createEngine("header"),
};

export function engineOf(kind: TemplateKind): Liquid {
  return ENGINES[kind];
}

/** State of one rendering of one part; tags such as `assign` write into it. */
export function createContext(kind: TemplateKind, scope: Scope): Context {
  const environment = Object.assign(Object.create(null), scope, {
    // an own `size` keeps Liquid from answering `recipient.size` with the number of attributes
    recipient: Object.assign(Object.create(null), { size: undefined }, scope.recipient),
  });
  const liquid = ENGINES[kind];
  return new Context(
    environment,
    liquid.options as never,
    { sync: true },
    {
      liquid,
      memoryLimit: budget(MAX_MEMORY, "the template needs too much memory") as never,
      renderLimit: budget(MAX_STEPS, "the template loops too often") as never,
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
