/** An operator's own control rule, looked at for one delivery: an expression that holds where all is well. */
import { formatDuration } from "../delivery/validity.ts";
import { formatInstant } from "../time.ts";
import { evaluate, type Facts } from "./language/evaluate.ts";
import type { Node, Value } from "./language/nodes.ts";
import { factOf, isFact } from "./language/vocabulary.ts";
import type { Level } from "./rule.ts";

export type ControlRule = {
  readonly id: string;
  readonly name: string;
  readonly level: Level;
  /** What the checklist says where it does not hold; "": the name of the rule. */
  readonly message: string;
  readonly node: Node;
};

export type Finding = {
  readonly id: "control-rule" | "control-rule-failed";
  readonly rule: string;
  readonly level: Level;
  readonly title: string;
  readonly detail: string;
};

/** Null: the rule holds. A rule that cannot be evaluated counts as one that does not: nobody knows that all is well. */
export function judgeRule(rule: ControlRule, facts: Facts): Finding | null {
  const { id, name, level, message } = rule;
  const result = evaluate(rule.node, facts);
  if (result.kind === "failed") {
    const title = `The rule "${name}" cannot be evaluated`;
    return { id: "control-rule-failed", rule: id, level, title, detail: `${result.message}.` };
  }
  if (result.value === true) return null;
  const detail = sayFacts(result.used);
  return {
    id: "control-rule",
    rule: id,
    level,
    title: message || name,
    detail: message ? `Rule "${name}". ${detail}` : detail,
  };
}

const MOST_FACTS = 8;
const MOST_CHARACTERS = 80;

/** The facts that an expression looked at: "counts.toDeliver is 12; content.subject is “Sale”." */
export function sayFacts(used: ReadonlyMap<string, Value>): string {
  const said = [...used].slice(0, MOST_FACTS).map(([name, value]) => `${name} is ${sayFact(name, value)}`);
  return said.length === 0 ? "" : `${said.join("; ")}${used.size > MOST_FACTS ? "; …" : ""}.`;
}

export function sayFact(name: string, value: Value): string {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return `"${cut(value.replace(/\s+/g, " "))}"`;
  if (typeof value !== "number") return value.length === 0 ? "empty" : `${value.length} × ${cut(value.join(", "))}`;
  const type = isFact(name) ? factOf(name).type : "number";
  if (type === "date") return formatInstant(value);
  return type === "duration" ? formatDuration(value) : String(Math.round(value * 1000) / 1000);
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, "")}…`;
}
