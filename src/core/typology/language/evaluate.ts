/**
 * What an expression gives for the facts of one delivery. It was read and checked before: names and types are right. Work is
 * counted, so that no expression keeps an analysis waiting, however long the texts are that it looks through.
 */
import type { OffsetAt } from "../../delivery/schedule.ts";
import { DAY, HOUR, type Instant } from "../../time.ts";
import { readDate } from "./check.ts";
import type { Node, Operator, Value } from "./nodes.ts";
import type { FactName, FunctionName } from "./vocabulary.ts";

export type Facts = {
  readonly values: Readonly<Partial<Record<FactName, Value>>>;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
  readonly excluded: ReadonlyMap<string, number>;
  readonly offsetIn: (zone: string) => OffsetAt;
};

export type Evaluated =
  | {
      readonly kind: "value";
      readonly value: Value /** The facts that decided it, as far as they were looked at. */;
      readonly used: ReadonlyMap<string, Value>;
    }
  | { readonly kind: "failed"; readonly message: string };

/** Steps: one for each part, and one for each 1,000 characters that are looked through. Some tenths of a second. */
export const MOST_STEPS = 300_000;
const CHARACTERS_A_STEP = 1000;

type Run = { readonly facts: Facts; readonly used: Map<string, Value>; steps: number; it: string };

class Failure extends Error {}

export function evaluate(node: Node, facts: Facts): Evaluated {
  const run: Run = { facts, used: new Map(), steps: 0, it: "" };
  try {
    return { kind: "value", value: valueOf(node, run), used: run.used };
  } catch (error) {
    if (error instanceof Failure) return { kind: "failed", message: error.message };
    throw error;
  }
}

function spend(run: Run, characters = 0): void {
  run.steps += 1 + Math.floor(characters / CHARACTERS_A_STEP);
  if (run.steps > MOST_STEPS) throw new Failure("The expression takes too long with this content");
}

function valueOf(node: Node, run: Run): Value {
  spend(run);
  switch (node.kind) {
    case "literal":
      return node.value;
    case "name":
      return node.name === "it" ? run.it : fact(node.name as FactName, run);
    case "not":
      return !valueOf(node.of, run);
    case "minus":
      return -Number(valueOf(node.of, run));
    case "call":
      return call(node.name as FunctionName, node.args, run);
    case "binary":
      return binary(node, run);
  }
}

function fact(name: FactName, run: Run): Value {
  const value = run.facts.values[name];
  if (value === undefined) throw new Failure(`${name} is not known`);
  run.used.set(name, value);
  return value;
}

function binary({ operator, left, right }: Node & { readonly kind: "binary" }, run: Run): Value {
  const a = valueOf(left, run);
  if (operator === "and") return a === true && valueOf(right, run) === true;
  if (operator === "or") return a === true || valueOf(right, run) === true;
  const b = valueOf(right, run);
  if (operator === "in") {
    spend(run, (b as readonly string[]).length * CHARACTERS_A_STEP);
    return (b as readonly string[]).includes(a as string);
  }
  if (typeof a === "string") spend(run, a.length);
  if (operator === "=") return a === b;
  if (operator === "!=") return a !== b;
  return calculate(operator, a as number, b as number);
}

function calculate(operator: Exclude<Operator, "and" | "or" | "in" | "=" | "!=">, a: number, b: number): Value {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      if (b === 0) throw new Failure("The expression divides by zero; share(a, b) gives 0 then");
      return a / b;
  }
}

type LazyFunction = "if" | "any" | "all" | "count";
const LAZY: ReadonlySet<string> = new Set<LazyFunction>(["if", "any", "all", "count"]);
const isLazy = (name: FunctionName): name is LazyFunction => LAZY.has(name);

function call(name: FunctionName, args: readonly Node[], run: Run): Value {
  if (isLazy(name)) return lazy(name, args as readonly [Node, Node, Node], run);
  const values = args.map((arg) => valueOf(arg, run));
  for (const value of values) if (typeof value === "string") spend(run, 2 * value.length);
  const [first = "", second = ""] = values;
  const [text, other] = [String(first), String(second)];
  switch (name) {
    case "min":
      return Math.min(Number(first), Number(second));
    case "max":
      return Math.max(Number(first), Number(second));
    case "share":
      return second === 0 ? 0 : Number(first) / Number(second);
    case "length":
      return typeof first === "string" ? Array.from(first).length : (first as readonly string[]).length;
    case "date":
      return readDate(text) as number;
    case "header":
      return run.facts.headers.get(text.toLowerCase()) ?? "";
    case "variable":
      return run.facts.variables.get(text) ?? "";
    case "excluded":
      return noted(run, `excluded("${text}")`, run.facts.excluded.get(text) ?? 0);
    case "hour":
    case "month":
    case "weekday":
      return ofCalendar(name, Number(first) + run.facts.offsetIn(values.length > 1 ? other : "UTC")(Number(first)));
    case "capitals":
    case "contains":
    case "domain":
    case "endsWith":
    case "host":
    case "lower":
    case "matches":
    case "startsWith":
    case "trim":
      return ofText(name, text, other);
  }
}

function noted(run: Run, name: string, value: Value): Value {
  run.used.set(name, value);
  return value;
}

function lazy(name: LazyFunction, [first, second, third]: readonly [Node, Node, Node], run: Run): Value {
  if (name === "if") return valueOf(valueOf(first, run) === true ? second : third, run);
  let held = 0;
  const entries = valueOf(first, run) as readonly string[];
  for (const it of entries) {
    run.it = it;
    if (valueOf(second, run) === true) held++;
    else if (name === "all") return false;
    if (name === "any" && held > 0) return true;
  }
  return name === "count" ? held : name === "all";
}

type TextFunction =
  | "capitals"
  | "contains"
  | "domain"
  | "endsWith"
  | "host"
  | "lower"
  | "matches"
  | "startsWith"
  | "trim";

function ofText(name: TextFunction, text: string, other: string): Value {
  switch (name) {
    case "lower":
      return text.toLowerCase();
    case "trim":
      return text.trim();
    case "contains":
      return text.toLowerCase().includes(other.toLowerCase());
    case "startsWith":
      return text.toLowerCase().startsWith(other.toLowerCase());
    case "endsWith":
      return text.toLowerCase().endsWith(other.toLowerCase());
    case "matches":
      return isLike(text.toLowerCase(), other.toLowerCase());
    case "domain":
      return text
        .slice(text.lastIndexOf("@") + 1)
        .trim()
        .toLowerCase();
    case "host":
      return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]{0,1000}@)?([^/?#:]+)/i.exec(text)?.[1]?.toLowerCase() ?? "";
    case "capitals":
      return shareOfCapitals(text);
  }
}

/** Of the letters that have a lower and an upper case. */
export function shareOfCapitals(text: string): number {
  let [letters, capitals] = [0, 0];
  for (const char of text) {
    if (char.toLowerCase() === char.toUpperCase()) continue;
    letters++;
    if (char !== char.toLowerCase()) capitals++;
  }
  return letters === 0 ? 0 : capitals / letters;
}

/** Each piece between stars is taken where it comes first: no way back is ever needed. */
function isLike(text: string, pattern: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}

/** `local`: what the clocks show, as if it were UTC. */
function ofCalendar(name: "hour" | "month" | "weekday", local: Instant): number {
  const days = Math.floor(local / DAY);
  if (name === "hour") return Math.floor((local - days * DAY) / HOUR);
  // 1 January 1970 was a Thursday.
  if (name === "weekday") return ((((days + 3) % 7) + 7) % 7) + 1;
  return monthOf(days);
}

/** Of the day so many days after 1 January 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
function monthOf(days: number): number {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const day = shifted - era * 146_097;
  const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
  const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  return month < 10 ? month + 3 : month - 9;
}
