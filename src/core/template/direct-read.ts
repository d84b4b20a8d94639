/** Reads and conditions as direct functions of the scope, for what templates mostly consist of; the rest is left to Liquid. */
import { TypeGuards, type Value } from "liquidjs";

import type { Scope } from "./engine.ts";
import { ROOTS } from "./template-variables.ts";
import { segmentsOf } from "./variable-tokens.ts";

type Root = Exclude<keyof Scope, "clickUrl" | "counts">;
type Read = (scope: Scope) => unknown;
export type DirectRead = { readonly read: Read; readonly root: Root; readonly name: string };
/** Null: the values are such that only the engine can tell. */
type Test = (scope: Scope) => boolean | null;

/** Of `recipient.x` and its like; null when the expression is anything more. */
export function directRead(tokens: readonly unknown[]): DirectRead | null {
  const token = tokens[0];
  if (tokens.length !== 1 || !TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined) return null;
  const [root, name, ...deeper] = segmentsOf(token);
  if (typeof root !== "string" || typeof name !== "string" || deeper.length > 0 || !ROOTS.includes(root)) return null;
  const key = root as Root;
  const read = (scope: Scope) => {
    const object = scope[key];
    return Object.hasOwn(object, name) ? object[name] : undefined;
  };
  return { read, root: key, name };
}

/** Literals that stand for a property of a value rather than for a value. */
type Operand = { readonly read: Read } | { readonly literal: unknown } | { readonly word: "blank" | "empty" | "nil" };

/**
 * Of comparisons of attributes with literals, joined by `and` and `or`; null for any other condition. It says the same as
 * the engine, or null where a value is neither text, number, boolean nor missing.
 */
export function directTest(value: Value): Test | null {
  if (value.filters.length > 0) return null;
  const stack: (Operand | { readonly test: Test })[] = [];
  for (const token of value.initial.postfix) {
    if (!TypeGuards.isOperatorToken(token)) {
      const operand = operandOf(token);
      if (operand === null) return null;
      stack.push(operand);
      continue;
    }
    const right = stack.pop();
    const left = stack.pop();
    const test = left && right ? testOf(token.operator, left, right) : null;
    if (test === null) return null;
    stack.push({ test });
  }
  const [only, ...more] = stack;
  return only === undefined || more.length > 0 ? null : truthOf(only);
}

function operandOf(token: unknown): Operand | null {
  const direct = directRead([token]);
  if (direct !== null) return direct;
  if (typeof token !== "object" || token === null || !("content" in token)) return null;
  const word = "literal" in token ? token.literal : undefined;
  if (word === "blank" || word === "empty") return { word };
  if (word === "nil" || word === "null") return { word: "nil" };
  const { content } = token;
  return typeof content === "string" || typeof content === "number" || typeof content === "boolean"
    ? { literal: content }
    : null;
}

function testOf(
  operator: string,
  left: Operand | { readonly test: Test },
  right: Operand | { readonly test: Test },
): Test | null {
  if (operator === "and" || operator === "or") {
    const [a, b] = [truthOf(left), truthOf(right)];
    if (a === null || b === null) return null;
    const stop = operator === "or";
    return (scope) => {
      const first = a(scope);
      return first === null || first === stop ? first : b(scope);
    };
  }
  if (!("read" in left)) return null;
  if (operator === "==" || operator === "!=") {
    const equal = equalTo(right);
    if (equal === null) return null;
    const wanted = operator === "==";
    return (scope) => {
      const value = left.read(scope);
      return isPlain(value) ? equal(value) === wanted : null;
    };
  }
  if (!("literal" in right)) return null;
  const order = ORDERS[operator];
  const bound = right.literal as number;
  if (order === undefined) return null;
  return (scope) => {
    const value = left.read(scope);
    return isPlain(value) ? order(value as number, bound) : null;
  };
}

/** As the engine compares: by the rules of JavaScript, where a number is on either side as numbers. */
const ORDERS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "<": (value, bound) => value < bound,
  ">": (value, bound) => value > bound,
  "<=": (value, bound) => value <= bound,
  ">=": (value, bound) => value >= bound,
};

function isPlain(value: unknown): boolean {
  return value === null || typeof value !== "object";
}

function equalTo(operand: Operand | { readonly test: Test }): ((value: unknown) => boolean) | null {
  if ("literal" in operand) return (value) => value === operand.literal;
  if (!("word" in operand)) return null;
  if (operand.word === "nil") return (value) => value === undefined || value === null;
  if (operand.word === "empty") return (value) => value === "";
  return (value) =>
    value === undefined || value === null || value === false || (typeof value === "string" && !/\S/.test(value));
}

function truthOf(operand: Operand | { readonly test: Test }): Test | null {
  if ("test" in operand) return operand.test;
  if (!("read" in operand)) return null;
  return (scope) => {
    const value = operand.read(scope);
    return value !== undefined && value !== null && value !== false;
  };
}
