/**
 * The part of liquidjs 10.30 that core uses, declared without its own typings: those refer to `node`, which core may not
 * see. The core project maps "liquidjs" to this file; everywhere else the library's own types apply and must agree.
 */
export interface Token {
  readonly input: string;
  readonly begin: number;
  readonly end: number;
}
export type TopLevelToken = Token;
export interface HTMLToken extends Token {
  getContent(): string;
}
export interface TagToken extends Token {
  readonly name: string;
  readonly args: string;
  getText(): string;
}
export interface PropertyAccessToken extends Token {
  readonly variable: unknown;
  readonly props: readonly Token[];
}
export interface Emitter {
  write(html: unknown): void;
  buffer: string;
}
export interface Filter {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly raw: boolean;
  /** Private in the library's own typings: read as `filter["token"]`. */
  readonly token: Token;
}
export interface Template {
  readonly token: Token;
  render(context: Context, emitter: Emitter): unknown;
  children?(partials: boolean, sync: boolean): Generator<unknown, Template[]>;
  arguments?(): Iterable<unknown>;
  blockScope?(): Iterable<string>;
  localScope?(): Iterable<Token & { content: string }>;
}
export class Value {
  readonly filters: Filter[];
  readonly initial: { readonly postfix: Token[] };
  value(context: Context, lenient?: boolean): Generator<unknown, unknown, unknown>;
}
export class Output implements Template {
  readonly token: Token;
  value: Value;
  render(context: Context, emitter: Emitter): unknown;
}
export abstract class Tag implements Template {
  constructor(token: TagToken, remaining: Token[], liquid: Liquid);
  readonly token: Token;
  readonly name: string;
  readonly liquid: Liquid;
  abstract render(context: Context, emitter: Emitter): unknown;
}
export class IfTag extends Tag {
  override render(context: Context, emitter: Emitter): unknown;
  branches: { value: Value; templates: Template[] }[];
  elseTemplates: Template[] | undefined;
}
export class UnlessTag extends Tag {
  override render(context: Context, emitter: Emitter): unknown;
  branches: { value: Value; test: (value: unknown, context: Context) => boolean; templates: Template[] }[];
  elseTemplates: Template[];
}
export class RawTag extends Tag {
  override render(): string;
}
declare class OtherTag extends Tag {
  override render(context: Context, emitter: Emitter): unknown;
}
export class AssignTag extends OtherTag {}
export class EchoTag extends OtherTag {}
export class CommentTag extends OtherTag {}
export class InlineCommentTag extends OtherTag {}
export class ForTag extends OtherTag {}
export class TablerowTag extends OtherTag {}
export class BreakTag extends OtherTag {}
export class ContinueTag extends OtherTag {}

interface Limiter {
  use(count: number): void;
  check(count: number): void;
}
export class Context {
  constructor(
    environment?: object,
    options?: Liquid["options"],
    renderOptions?: { sync?: boolean; ownPropertyOnly?: boolean },
    limits?: { memoryLimit?: Limiter; renderLimit?: Limiter; liquid?: unknown },
  );
  readonly environments: object;
  memoryLimit: Limiter;
}
type FilterHandler = (this: never, ...args: never[]) => unknown;

export interface LiquidOptions {
  outputEscape?: (value: unknown) => string;
  ownPropertyOnly?: boolean;
  strictFilters?: boolean;
  relativeReference?: boolean;
  templates?: { [key: string]: string };
  locale?: string;
  timezoneOffset?: number | string;
  parseLimit?: number;
  groupedExpressions?: boolean;
}
export type TagClass = new (token: TagToken, remaining: Token[], liquid: Liquid) => Template;
export class Liquid {
  constructor(options?: LiquidOptions);
  readonly options: object;
  readonly renderer: { renderTemplates(templates: Template[], context: Context, emitter?: Emitter): Iterable<unknown> };
  readonly filters: Record<string, FilterHandler | { handler: FilterHandler; raw: boolean }>;
  registerFilter(name: string, filter: FilterHandler | { handler: FilterHandler; raw: boolean }): void;
  unregisterFilter(name: string): void;
  registerTag(
    name: string,
    tag: { parse(this: unknown, token: Token, remaining: Token[]): void; render(this: unknown): void } | TagClass,
  ): void;
  parse(source: string): Template[];
}
export class Parser {
  constructor(liquid: Liquid);
  parseToken(token: Token, remaining: Token[]): Template;
}
export const TypeGuards: {
  isHTMLToken(token: unknown): token is HTMLToken;
  isPropertyAccessToken(token: unknown): token is PropertyAccessToken;
  isRangeToken(token: unknown): token is Token & { lhs: Token; rhs: Token };
  isFilteredValueToken(token: unknown): token is Token & {
    initial: { readonly postfix: Token[] };
    filters: { readonly name: string; readonly args: readonly unknown[]; readonly begin: number }[];
  };
  isOperatorToken(token: unknown): token is Token & { operator: string };
};
export function isTruthy(value: unknown, context: Context): boolean;
export function toValue(value: unknown): unknown;
export function toValueSync<T>(value: T | Iterable<unknown>): T;
