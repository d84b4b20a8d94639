/** Conditions of the campaign syntax as those of Liquid; what they mean is in write-liquid.ts. */
import { type ComparisonSign, type Expression, typeOf } from "./tree.ts";

/** A condition; `joint` says by what its outermost parts are joined. */
type Test = { readonly code: string; readonly joint: "and" | "or" | null };

type Writer = {
  /** One operand of a comparison. */
  operand(expression: Expression): string;
  /** The same value in a form that may be written twice. */
  reusable(expression: Expression): Expression;
};

const OPPOSITE: Readonly<Record<ComparisonSign, ComparisonSign>> = {
  "==": "!=",
  "!=": "==",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};
const MIRRORED: Readonly<Record<ComparisonSign, ComparisonSign>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<=",
};
const DIGITS = /^-?(?:0|[1-9]\d{0,14})(?:\.\d*[1-9])?$/;

const one = (code: string): Test => ({ code, joint: null });

/** Liquid has no order of `and` and `or`: whatever is joined otherwise stands in parentheses. */
function join(joint: "and" | "or", tests: readonly Test[]): Test {
  const [first, ...more] = tests;
  if (first !== undefined && more.length === 0) return first;
  const codes = tests.map((test) => (test.joint === null || test.joint === joint ? test.code : `(${test.code})`));
  return { code: codes.join(` ${joint} `), joint };
}

/** `negated`: the condition that it is not so. */
export function writeTest(expression: Expression, negated: boolean, writer: Writer): Test {
  switch (expression.kind) {
    case "not":
      return writeTest(expression.of, !negated, writer);
    case "and":
    case "or": {
      const joint = (expression.kind === "and") === negated ? "or" : "and";
      return join(joint, [writeTest(expression.left, negated, writer), writeTest(expression.right, negated, writer)]);
    }
    case "compare":
      return compare(expression.sign, expression.left, expression.right, negated, writer);
    case "contains": {
      const code = `${writer.operand(expression.in)} contains ${writer.operand(expression.what)}`;
      return one(negated ? `(${code}) == false` : code);
    }
    case "literal":
      return one(String(Boolean(expression.value) !== negated));
    case "raw":
      return writeTest(expression.of, negated, writer);
    case "choice":
    case "filter":
    case "join":
    case "variable":
      return truth(expression, negated, writer);
  }
}

function truth(expression: Expression, negated: boolean, writer: Writer): Test {
  const type = typeOf(expression);
  const sign = negated ? "==" : "!=";
  const joint = negated ? "or" : "and";
  if (type === "text") return one(`${writer.operand(expression)} ${sign} blank`);
  const value = writer.operand(writer.reusable(expression));
  if (type === "boolean") return one(`${value} == ${String(!negated)}`);
  return join(joint, [one(`${value} ${sign} blank`), one(`${value} ${sign} 0`)]);
}

function compare(sign: ComparisonSign, left: Expression, right: Expression, negated: boolean, writer: Writer): Test {
  if (left.kind === "literal" && right.kind !== "literal") return compare(MIRRORED[sign], right, left, negated, writer);
  if (left.kind === "literal" && right.kind === "literal") {
    return one(String(compareLiterals(sign, left.value, right.value) !== negated));
  }
  if (sign === "==" || sign === "!=") return equal(left, right, (sign === "!=") !== negated, writer);
  const bound: Expression =
    right.kind === "literal" && typeof right.value === "string" && DIGITS.test(right.value)
      ? { ...right, value: Number(right.value) }
      : right;
  const code = `${writer.operand(left)} ${sign} ${writer.operand(bound)}`;
  // not the opposite sign: what cannot be compared is neither smaller nor greater
  return one(negated ? `(${code}) == false` : code);
}

/** Two literals, as JavaScript compares them. */
function compareLiterals(sign: ComparisonSign, left: unknown, right: unknown): boolean {
  const [a, b] = typeof left === typeof right ? [left, right] : [Number(left), Number(right)];
  const opposite = sign === "!=" || sign === ">=" || sign === "<=";
  const plain = opposite ? OPPOSITE[sign] : sign;
  const found =
    plain === "==" ? a === b : plain === "<" ? (a as number) < (b as number) : (a as number) > (b as number);
  return found !== opposite;
}

function equal(left: Expression, right: Expression, unequal: boolean, writer: Writer): Test {
  const sign = unequal ? "!=" : "==";
  if (right.kind !== "literal") {
    const numeric = (side: Expression, other: Expression): Expression =>
      typeOf(other) === "number" && typeOf(side) !== "number"
        ? { kind: "filter", of: side, filters: [{ name: "plus", args: [ZERO] }], type: "number", at: side.at }
        : side;
    return one(`${writer.operand(numeric(left, right))} ${sign} ${writer.operand(numeric(right, left))}`);
  }
  const { value } = right;
  if (value === null || value === "") return one(`${writer.operand(left)} ${sign} blank`);
  if (typeof value === "boolean" && typeOf(left) === "boolean") return writeTest(left, value === unequal, writer);
  const literals = typeOf(left) === "number" ? [value] : alike(value);
  const shared = literals.length > 1 ? writer.reusable(left) : left;
  const tests = literals.map((literal) =>
    one(`${writer.operand(shared)} ${sign} ${writer.operand({ ...right, value: literal })}`),
  );
  return join(unequal ? "and" : "or", tests);
}

const ZERO: Expression = { kind: "literal", value: 0, at: 0 };

/** The values that mean the same. */
function alike(value: string | number | boolean): (string | number | boolean)[] {
  if (typeof value === "boolean") return [value, String(value), value ? 1 : 0, value ? "1" : "0"];
  if (typeof value === "number") return [value, String(value)];
  return DIGITS.test(value) ? [value, Number(value)] : [value];
}
