/** What expressions are made of. Dates and durations are milliseconds, shares are 0 to 1, sizes are bytes. */

export type Type = "number" | "text" | "boolean" | "date" | "duration" | "texts";
export type Value = number | string | boolean | readonly string[];

/** Offsets of the first character and behind the last. */
export type Range = { readonly start: number; readonly end: number };

export type Operator = "or" | "and" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/";

export type Node = Range &
  (
    | { readonly kind: "literal"; readonly type: Type; readonly value: Value }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
    | { readonly kind: "not" | "minus"; readonly of: Node }
    | { readonly kind: "binary"; readonly operator: Operator; readonly left: Node; readonly right: Node }
  );

export type Fault = Range & { readonly code: string; readonly message: string };

/** Ends reading at once: nothing sensible can be said of what follows. */
export class SyntaxFault extends Error {
  readonly fault: Fault;
  constructor(code: string, message: string, { start, end }: Range) {
    super(message);
    this.fault = { code, message, start, end };
  }
}

/** As long as what people write, and no longer. */
export const MOST_CHARACTERS = 4000;
export const MOST_NODES = 500;
/** Of parentheses, calls and signs inside each other. */
export const MOST_DEPTH = 40;
