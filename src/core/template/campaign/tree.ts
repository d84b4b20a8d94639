/** Expressions of the campaign syntax after reading: names resolved, functions turned into Liquid's filters. */

/** What is known of a value beforehand; `any` is an attribute, which may hold anything. */
export type ValueType = "any" | "text" | "number" | "boolean";

export type ComparisonSign = "==" | "!=" | "<" | ">" | "<=" | ">=";

/** `at` is an offset in the source. */
export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null; readonly at: number }
  /** A Liquid variable, as it is written there. */
  | { readonly kind: "variable"; readonly path: string; readonly at: number }
  | {
      readonly kind: "filter";
      readonly of: Expression;
      /** Applied one after the other. */
      readonly filters: readonly Filter[];
      readonly type: ValueType;
      readonly at: number;
    }
  | { readonly kind: "join"; readonly parts: readonly Expression[]; readonly at: number }
  | {
      readonly kind: "compare";
      readonly sign: ComparisonSign;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | { readonly kind: "contains"; readonly in: Expression; readonly what: Expression; readonly at: number }
  | { readonly kind: "not"; readonly of: Expression; readonly at: number }
  | {
      readonly kind: "and" | "or";
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: "choice";
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
      readonly at: number;
    }
  /** HTML that is not escaped. */
  | { readonly kind: "raw"; readonly of: Expression; readonly at: number };

export type Filter = { readonly name: string; readonly args: readonly Expression[] };

export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return typeof value === "string"
        ? "text"
        : typeof value === "number"
          ? "number"
          : value === null
            ? "any"
            : "boolean";
    }
    case "filter":
      return expression.type;
    case "join":
    case "raw":
      return "text";
    case "compare":
    case "contains":
    case "not":
      return "boolean";
    case "and":
    case "or":
      return sameType(typeOf(expression.left), typeOf(expression.right));
    case "choice":
      return sameType(typeOf(expression.yes), typeOf(expression.no));
    case "variable":
      return "any";
  }
}

function sameType(a: ValueType, b: ValueType): ValueType {
  return a === b ? a : "any";
}
