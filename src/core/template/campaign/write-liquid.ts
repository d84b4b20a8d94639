/**
 * Writes Liquid for the expressions of the campaign syntax. Liquid knows no `+`, no value of `||` and no choice inside an
 * expression: these become texts one after the other, `if`s, and variables `_1`, `_2`, … assigned before they are used.
 *
 * Comparisons, where JavaScript and Liquid differ:
 * - a value is true unless it is missing, blank, false or the number 0;
 * - `== ''`, `== null` and `== undefined` ask whether a value is missing or blank;
 * - a number equals the same digits as text, `true` equals 'true', 1 and '1', `false` equals 'false', 0 and '0';
 * - `<` and its like compare numbers when either side is a number or digits in quotes, otherwise texts;
 * - `===` says the same as `==`.
 */
import type { TemplateKind } from "../engine.ts";
import { escapeHtml } from "../print-value.ts";
import type { Piece } from "../source-map.ts";
import { CampaignError } from "./campaign-error.ts";
import { writeTest } from "./write-test.ts";
import { quote } from "./names.ts";
import { type Expression, typeOf } from "./tree.ts";

export type LiquidPiece = Piece<null>;
/** Pieces in the order of the result; a list inside is filled later. */
export type Sink = (LiquidPiece | Sink)[];

export class LiquidWriter {
  readonly kind: TemplateKind;
  sink: Sink;
  private temporaries = 0;

  constructor(kind: TemplateKind, sink: Sink) {
    this.kind = kind;
    this.sink = sink;
  }

  /** Liquid that stands for the place `at` of the source. */
  emit(text: string, at: number): void {
    this.sink.push({ text, origin: null, at, copied: false });
  }

  /** Text of the source as it is, whatever it looks like to Liquid. */
  copy(text: string, at: number): void {
    let done = 0;
    for (const { 0: braces, index } of text.matchAll(BRACES)) {
      this.sink.push({ text: text.slice(done, index), origin: null, at: at + done, copied: true });
      this.emit("{% raw %}", at + index);
      this.sink.push({ text: braces, origin: null, at: at + index, copied: true });
      done = index + braces.length;
      this.emit("{% endraw %}", at + done);
    }
    this.sink.push({ text: text.slice(done), origin: null, at: at + done, copied: true });
  }

  /** `{{ … }}` of a value and its like. */
  output(value: Expression, raw: boolean): void {
    const { at } = value;
    if (value.kind === "raw") this.output(value.of, true);
    else if (value.kind === "literal") this.literal(value.value, raw, at);
    else if (value.kind === "join") for (const part of value.parts) this.output(part, raw);
    else if (value.kind === "choice") {
      this.branches(
        value.test,
        at,
        () => this.output(value.yes, raw),
        () => this.output(value.no, raw),
      );
    } else if (typeOf(value) === "boolean") {
      this.branches(
        value,
        at,
        () => this.literal(true, raw, at),
        () => this.literal(false, raw, at),
      );
    } else if (value.kind === "or") {
      const left = this.reusable(value.left);
      this.branches(
        left,
        at,
        () => this.output(left, raw || value.left.kind === "raw"),
        () => this.output(value.right, raw),
      );
    } else if (value.kind === "and") {
      this.branches(value.left, at, () => this.output(value.right, raw), null);
    } else {
      this.emit(`{{ ${this.value(value)}${raw && this.kind === "html" ? " | raw" : ""} }}`, at);
    }
  }

  private literal(value: string | number | boolean | null, raw: boolean, at: number): void {
    const text = value === null ? "" : String(value);
    const shown = raw || this.kind !== "html" ? text : escapeHtml(text);
    for (const [i, part] of shown.split(BRACES_APART).entries()) {
      this.emit(i % 2 === 0 || part === "" ? part : `{% raw %}${part}{% endraw %}`, at);
    }
  }

  private branches(test: Expression, at: number, yes: () => void, no: (() => void) | null): void {
    this.emit(`{% if ${this.test(test)} %}`, at);
    yes();
    if (no !== null) {
      this.emit("{% else %}", at);
      no();
    }
    this.emit("{% endif %}", at);
  }

  test(expression: Expression): string {
    return writeTest(expression, false, this).code;
  }

  /** A value with its filters, as it stands in `{{ … }}` and `{% assign x = … %}`. */
  value(expression: Expression): string {
    const { at } = expression;
    switch (expression.kind) {
      case "literal":
        return typeof expression.value === "string" ? quote(expression.value) : String(expression.value ?? "nil");
      case "variable":
        return expression.path;
      case "filter": {
        const filters = expression.filters.map(({ name, args }) => {
          if (name === "indexOf") throw new CampaignError(at, INDEX_OF);
          const written = args.map((arg) => this.operand(arg)).join(", ");
          return written === "" ? ` | ${name}` : ` | ${name}: ${written}`;
        });
        return this.base(expression.of) + filters.join("");
      }
      case "join": {
        const [first, ...rest] = expression.parts.map((part) => this.operand(part));
        return `${first ?? "''"}${rest.map((part) => ` | append: ${part}`).join("")}`;
      }
      case "raw":
        throw new CampaignError(at, "raw(…) stands for itself: <%= raw(recipient.x) %>");
      case "choice":
        return this.assigned((name) => {
          this.branches(
            expression.test,
            at,
            () => this.assign(name, expression.yes, at),
            () => this.assign(name, expression.no, at),
          );
        });
      case "or":
      case "and":
        return this.assigned((name) => {
          this.assign(name, expression.left, at);
          const test = writeTest({ kind: "variable", path: name, at }, expression.kind === "or", this).code;
          this.emit(`{% if ${test} %}`, at);
          this.assign(name, expression.right, at);
          this.emit("{% endif %}", at);
        });
      case "compare":
      case "contains":
      case "not":
        return `(${this.test(expression)})`;
    }
  }

  assign(name: string, value: Expression, at: number): void {
    const written = this.value(value);
    this.emit(`{% assign ${name} = ${written} %}`, at);
  }

  private assigned(fill: (name: string) => void): string {
    const name = this.temporary();
    fill(name);
    return name;
  }

  private temporary(): string {
    this.temporaries++;
    return `_${this.temporaries}`;
  }

  private base(expression: Expression): string {
    return expression.kind === "filter" ? this.value(expression) : this.operand(expression);
  }

  /** A value as one operand: in parentheses when it has filters. */
  operand(expression: Expression): string {
    const written = this.value(expression);
    return (expression.kind === "filter" || expression.kind === "join") && written.includes("|")
      ? `(${written})`
      : written;
  }

  /** The same value in a form that may be written twice. */
  reusable(expression: Expression): Expression {
    if (expression.kind === "literal" || expression.kind === "variable") return expression;
    const { at } = expression;
    const name = this.temporary();
    this.assign(name, expression.kind === "raw" ? expression.of : expression, at);
    return { kind: "variable", path: name, at };
  }
}

const INDEX_OF = "indexOf only asks whether a text is contained: x.indexOf('y') != -1";

/** Braces that would begin a tag or an output, also together with what is written after them. */
const BRACES = /\{{2,}|\{+(?=%)|\{+$/g;
const BRACES_APART = /(\{{2,}|\{+(?=%)|\{+$)/;
