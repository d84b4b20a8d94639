/** Walks over what tags and outputs have as arguments: the variables they read and the filters they call. */
import { type PropertyAccessToken, TypeGuards, Value } from "liquidjs";

export type FilterCall = {
  readonly name: string;
  /** Null for an argument that is not a literal. */
  readonly args: readonly (string | null)[];
  /** Offset in the source. */
  readonly begin: number;
  /** Inside parentheses, where the engine looks filters up only when it renders. */
  readonly grouped: boolean;
};

/** Every variable and filter of an argument, also inside parentheses, brackets, ranges and filter arguments. */
export function* partsOf(argument: unknown): Generator<PropertyAccessToken | FilterCall> {
  if (argument instanceof Value) {
    for (const token of argument.initial.postfix) yield* partsOf(token);
    for (const filter of argument.filters) {
      yield* filterParts(filter.name, filter.args, filter["token"].begin, false);
    }
  } else if (TypeGuards.isFilteredValueToken(argument)) {
    for (const token of argument.initial.postfix) yield* partsOf(token);
    for (const { name, args, begin } of argument.filters) yield* filterParts(name, args, begin, true);
  } else if (TypeGuards.isRangeToken(argument)) {
    yield* partsOf(argument.lhs);
    yield* partsOf(argument.rhs);
  } else if (TypeGuards.isPropertyAccessToken(argument)) {
    if (argument.variable === undefined) yield argument;
    else yield* partsOf(argument.variable);
    for (const prop of argument.props) yield* partsOf(prop);
  }
}

function* filterParts(
  name: string,
  args: readonly unknown[],
  begin: number,
  grouped: boolean,
): Generator<PropertyAccessToken | FilterCall> {
  yield { name, args: args.map(literalOf), begin, grouped };
  for (const arg of args) yield* partsOf(Array.isArray(arg) ? arg[1] : arg);
}

function literalOf(token: unknown): string | null {
  if (typeof token !== "object" || token === null || !("content" in token)) return null;
  return typeof token.content === "string" || typeof token.content === "number" ? String(token.content) : null;
}

/** Names are fixed words or quoted strings; null for a segment that is computed. */
export function segmentsOf(token: PropertyAccessToken): (string | null)[] {
  return token.props.map(literalOf);
}
