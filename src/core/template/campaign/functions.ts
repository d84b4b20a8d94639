/** Functions and methods of the campaign syntax as filters of Liquid. */
import { nearNames } from "../near-names.ts";
import { CampaignError } from "./campaign-error.ts";
import { datePattern } from "./campaign-date.ts";
import type { Expression, Filter, ValueType } from "./tree.ts";

type Recipe = {
  readonly filters: readonly Filter[];
  readonly type: ValueType;
};

/** Characters; as many as are asked for count as work. */
const TO_THE_END = 50_000;

const text = (value: string): Expression => ({ kind: "literal", value, at: 0 });
const number = (value: number): Expression => ({ kind: "literal", value, at: 0 });
const filter = (name: string, ...args: Expression[]): Filter => ({ name, args });

/** As JavaScript encodes: a blank is %20, which is right in every part of an address. */
const URL_ENCODE: Recipe = { filters: [filter("url_encode"), filter("replace", text("+"), text("%20"))], type: "text" };
const ESCAPE: Recipe = { filters: [filter("escape")], type: "text" };
const PLAIN_TEXT: Recipe = { filters: [filter("append", text(""))], type: "text" };
const NUMBER: Recipe = { filters: [filter("plus", number(0))], type: "number" };

const FUNCTIONS: Readonly<Record<string, Recipe>> = {
  toSmartCase: { filters: [filter("smart_case")], type: "text" },
  escapeUrl: URL_ENCODE,
  encodeURIComponent: URL_ENCODE,
  encodeURI: { filters: [filter("uri_escape")], type: "text" },
  escapeXmlString: ESCAPE,
  escapeXmlStr: ESCAPE,
  String: PLAIN_TEXT,
  Number: NUMBER,
  parseFloat: NUMBER,
  parseInt: { filters: [filter("plus", number(0)), filter("floor")], type: "number" },
};
const METHODS: Readonly<Record<string, Recipe>> = {
  toUpperCase: { filters: [filter("upcase")], type: "text" },
  toLowerCase: { filters: [filter("downcase")], type: "text" },
  trim: { filters: [filter("strip")], type: "text" },
  toString: PLAIN_TEXT,
};

const FUNCTION_NAMES = [...Object.keys(FUNCTIONS), "formatDate", "raw", "getCurrentDate"];
const METHOD_NAMES = [
  ...Object.keys(METHODS),
  ..."length substring substr slice charAt replace includes indexOf".split(" "),
];

export function callFunction(name: string, args: readonly Expression[], at: number): Expression {
  if (name === "getCurrentDate" && args.length === 0) return { kind: "variable", path: "message.date", at };
  const [of, second, ...more] = args;
  const recipe = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!FUNCTION_NAMES.includes(name)) throw unknown(`the function ${name}`, name, FUNCTION_NAMES, at);
  if (of === undefined) throw new CampaignError(at, `${name}(…) needs a value in its parentheses`);
  if (recipe !== undefined) {
    const radix = name === "parseInt" && second?.kind === "literal" && second.value === 10 && more.length === 0;
    if (second !== undefined && !radix) throw new CampaignError(second.at, `${name}(…) takes one value`);
    return { kind: "filter", of, ...recipe, at };
  }
  if (name === "raw") {
    if (second !== undefined) throw new CampaignError(second.at, "raw(…) takes one value");
    return { kind: "raw", of, at };
  }
  if (second?.kind !== "literal" || typeof second.value !== "string" || more.length > 0) {
    throw new CampaignError(at, "a date is written formatDate(recipient.birth, '%2D/%2M/%4Y'), always in UTC");
  }
  const pattern = text(datePattern(second.value, second.at));
  return { kind: "filter", of, filters: [filter("date", pattern)], type: "text", at };
}

/** `args` are null where no parentheses follow. */
export function callMethod(of: Expression, name: string, args: readonly Expression[] | null, at: number): Expression {
  if (!METHOD_NAMES.includes(name)) throw unknown(name, name, METHOD_NAMES, at);
  const made = (filters: readonly Filter[], type: ValueType): Expression => ({ kind: "filter", of, filters, type, at });
  if (name === "length") {
    if (args !== null) throw new CampaignError(at, "length has no parentheses");
    return made([filter("size")], "number");
  }
  if (args === null) throw new CampaignError(at, `${name} needs its parentheses: ${name}()`);
  const recipe = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  const [first, second, ...more] = args;
  if (recipe !== undefined) {
    if (first !== undefined) throw new CampaignError(first.at, `${name}() takes no value`);
    return made(recipe.filters, recipe.type);
  }
  if (first === undefined || more.length > 0) throw new CampaignError(at, `${name}(…) does not have that many values`);
  if (name === "includes" || name === "indexOf") {
    if (second !== undefined) throw new CampaignError(second.at, `${name}(…) takes one value`);
    return name === "includes" ? { kind: "contains", in: of, what: first, at } : made([filter(name, first)], "number");
  }
  if (name === "replace") {
    if (second === undefined) throw new CampaignError(at, "replace(…) needs two texts");
    return made([filter("replace_first", first, second)], "text");
  }
  return made([cut(name, whole(first), second === undefined ? null : whole(second), at)], "text");
}

/** Parts of a text; positions are numbers, so that it is known beforehand what is cut. */
function cut(name: string, from: number, to: number | null, at: number): Filter {
  if (name === "charAt" && to === null && from >= 0) return filter("slice", number(from), number(1));
  if (name === "substr" && from >= 0 && (to === null || to >= 0))
    return filter("slice", number(from), number(to ?? TO_THE_END));
  if (name === "substring" && from >= 0 && (to === null || to >= from)) return between(from, to);
  if (name === "slice" && (to === null || (to >= from && from >= 0))) return between(from, to);
  throw new CampaignError(at, `${name} with these positions is not supported: write substring(0, 3)`);
}

function between(from: number, to: number | null): Filter {
  return filter("slice", number(from), number(to === null ? TO_THE_END : to - from));
}

function whole(expression: Expression): number {
  if (expression.kind === "literal" && typeof expression.value === "number" && Number.isInteger(expression.value)) {
    return expression.value;
  }
  throw new CampaignError(expression.at, "positions in a text are written as whole numbers");
}

function unknown(what: string, name: string, known: readonly string[], at: number): CampaignError {
  const near = nearNames(name, known);
  const names = near.length > 0 ? `did you mean ${near.join(", ")}?` : `there are ${known.join(", ")}`;
  return new CampaignError(at, `${what} is not known: ${names}`);
}
