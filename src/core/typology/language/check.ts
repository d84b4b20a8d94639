/** What an expression gives, and everything that is wrong with its names and types; nothing of it is evaluated. */
import { nearNames } from "../../template/near-names.ts";
import { readDateTime, readInstant } from "../../time.ts";
import { isKnownIn, type Phase } from "../rule.ts";
import type { Fault, Node, Operator, Type } from "./nodes.ts";
import { factOf, FACTS, FUNCTIONS, functionOf, isFact, isFunction, type Parameter } from "./vocabulary.ts";

export type Ground = {
  readonly phase: Phase;
  /** Reasons of exclusion that there are. */
  readonly reasons: readonly string[];
  /** Whether it names a time zone. */
  readonly isZone: (name: string) => boolean;
};

type Checker = Ground & { readonly faults: Fault[]; readonly inside: boolean };

/** Null: a fault was found. The faults come in the order of the source. */
export function checkTypes(
  node: Node,
  ground: Ground,
): { readonly type: Type | null; readonly faults: readonly Fault[] } {
  const checker: Checker = { ...ground, faults: [], inside: false };
  const type = typeOf(node, checker);
  return { type, faults: checker.faults.toSorted((a, b) => a.start - b.start) };
}

const NOUNS: Readonly<Record<Type, string>> = {
  number: "a number",
  text: "a text",
  boolean: "true or false",
  date: "a date",
  duration: "a duration",
  texts: "a list",
};

function fault(checker: Checker, { start, end }: Node, code: string, message: string): null {
  checker.faults.push({ code, message, start, end });
  return null;
}

function typeOf(node: Node, checker: Checker): Type | null {
  switch (node.kind) {
    case "literal":
      return node.type;
    case "name":
      return typeOfName(node, checker);
    case "call":
      return typeOfCall(node, checker);
    case "not":
      return wanted(node.of, checker, "boolean") && "boolean";
    case "minus": {
      const type = typeOf(node.of, checker);
      if (type === null || type === "number" || type === "duration") return type;
      return fault(checker, node.of, "type", `This is ${NOUNS[type]}; only numbers and durations have a sign`);
    }
    case "binary":
      return typeOfBinary(node, checker);
  }
}

function wanted(node: Node, checker: Checker, type: Type): Type | null {
  const given = typeOf(node, checker);
  if (given === null || given === type) return given;
  return fault(checker, node, "type", `This is ${NOUNS[given]}, and ${NOUNS[type]} is needed`);
}

function typeOfName(node: Node & { readonly name: string }, checker: Checker): Type | null {
  const { name } = node;
  if (name === "it") {
    return checker.inside
      ? "text"
      : fault(checker, node, "it-alone", "`it` is an entry of a list, in any, all or count");
  }
  if (isFact(name)) return known(node, checker, factOf(name).from, name) && factOf(name).type;
  return fault(
    checker,
    node,
    "name-unknown",
    `There is no fact "${name}"${suggestion(name, [...Object.keys(FACTS), "it"])}`,
  );
}

function suggestion(name: string, there: readonly string[]): string {
  const near = nearNames(name, there);
  return near.length === 0 ? "" : `; perhaps ${near.join(", ")}`;
}

function known(node: Node, checker: Checker, from: Phase, what: string): true | null {
  if (isKnownIn(from, checker.phase)) return true;
  const message = `${what} is known from the phase ${from} on, and this rule is looked at in ${checker.phase}`;
  return fault(checker, node, "not-known-yet", message);
}

function typeOfCall(node: Node & { readonly kind: "call" }, checker: Checker): Type | null {
  const { name, args } = node;
  if (!isFunction(name)) {
    const message = `There is no function "${name}"${suggestion(name, Object.keys(FUNCTIONS))}`;
    return fault(checker, node, "function-unknown", message);
  }
  const { takes, optional = 0, gives, from } = functionOf(name);
  if (from !== undefined && known(node, checker, from, `${name}()`) === null) return null;
  if (args.length > takes.length || args.length < takes.length - optional) {
    const many = takes.length === 1 ? "one value" : `${takes.length} values`;
    return fault(
      checker,
      node,
      "arguments",
      `${name} takes ${many}${optional > 0 ? ", the last may be left out" : ""}`,
    );
  }
  const types = args.map((arg, i) => typeOfArgument(arg, takes[i] as Parameter, checker));
  if (types.includes(null)) return null;
  if (gives !== null) return gives;
  const [first, second] = name === "if" ? types.slice(1) : types;
  if (first === second) return first ?? null;
  return fault(
    checker,
    node,
    "type",
    `${name} takes two values of one type, and there is ${words(first)} and ${words(second)}`,
  );
}

const words = (type: Type | null | undefined): string => (type ? NOUNS[type] : "nothing");

function typeOfArgument(node: Node, parameter: Parameter, checker: Checker): Type | null {
  switch (parameter) {
    case "any":
      return typeOf(node, checker);
    case "either":
      return oneOf(node, checker, ["text", "texts"]);
    case "measure":
      return oneOf(node, checker, ["number", "duration", "date"]);
    case "condition":
      if (checker.inside) return fault(checker, node, "nested", "any, all and count cannot be in each other");
      return wanted(node, { ...checker, inside: true }, "boolean");
    case "zone":
    case "reason":
    case "date-text":
    case "constant":
      return constant(node, parameter, checker);
    case "boolean":
    case "date":
    case "duration":
    case "number":
    case "text":
    case "texts":
      return wanted(node, checker, parameter);
  }
}

function oneOf(node: Node, checker: Checker, types: readonly Type[]): Type | null {
  const given = typeOf(node, checker);
  if (given === null || types.includes(given)) return given;
  const needed = types.map((type) => NOUNS[type]).join(" or ");
  return fault(checker, node, "type", `This is ${NOUNS[given]}, and ${needed} is needed`);
}

function constant(node: Node, parameter: "zone" | "reason" | "date-text" | "constant", checker: Checker): Type | null {
  if (node.kind !== "literal" || node.type !== "text") {
    return fault(checker, node, "not-constant", "Here a text in quotation marks is needed");
  }
  const text = String(node.value);
  if (parameter === "zone" && !checker.isZone(text)) {
    return fault(checker, node, "zone-unknown", `There is no time zone "${text}"; write Europe/Paris or UTC`);
  }
  if (parameter === "reason" && !checker.reasons.includes(text)) {
    return fault(
      checker,
      node,
      "reason-unknown",
      `There is no reason "${text}"; there are ${checker.reasons.join(", ")}`,
    );
  }
  if (parameter === "date-text" && readDate(text) === null) {
    return fault(checker, node, "date-invalid", `"${text}" is no date; write 2026-12-24 or 2026-12-24T18:00:00Z`);
  }
  return "text";
}

/** A day begins at midnight UTC. */
export function readDate(text: string): number | null {
  return readInstant(text) ?? readDateTime(`${text}T00:00`);
}

const ORDERED: readonly Type[] = ["number", "duration", "date"];

function typeOfBinary(node: Node & { readonly kind: "binary" }, checker: Checker): Type | null {
  const { operator, left, right } = node;
  if (operator === "and" || operator === "or") {
    const sides = [wanted(left, checker, "boolean"), wanted(right, checker, "boolean")];
    return sides.includes(null) ? null : "boolean";
  }
  const [a, b] = [typeOf(left, checker), typeOf(right, checker)];
  if (a === null || b === null) return null;
  const type = resultOf(operator, a, b);
  return type ?? fault(checker, node, "type", sayMismatch(operator, a, b));
}

function resultOf(operator: Operator, a: Type, b: Type): Type | null {
  const pair = `${a} ${operator} ${b}`;
  if (operator === "in") return a === "text" && b === "texts" ? "boolean" : null;
  if (operator === "=" || operator === "!=") return a === b && a !== "texts" ? "boolean" : null;
  if (/[<>]/.test(operator)) return a === b && ORDERED.includes(a) ? "boolean" : null;
  return ARITHMETIC[pair] ?? null;
}

const ARITHMETIC: Readonly<Record<string, Type>> = {
  "number + number": "number",
  "number - number": "number",
  "number * number": "number",
  "number / number": "number",
  "duration + duration": "duration",
  "duration - duration": "duration",
  "duration * number": "duration",
  "number * duration": "duration",
  "duration / number": "duration",
  "duration / duration": "number",
  "date + duration": "date",
  "date - duration": "date",
  "date - date": "duration",
};

function sayMismatch(operator: Operator, a: Type, b: Type): string {
  if (operator === "in") return `"in" asks for a text in a list, and there is ${NOUNS[a]} in ${NOUNS[b]}`;
  if (/[<>]/.test(operator) && a === b) return `${NOUNS[a]} is neither more nor less than another: use = or !=`;
  return `${NOUNS[a]} and ${NOUNS[b]} do not go together with "${operator}"`;
}
