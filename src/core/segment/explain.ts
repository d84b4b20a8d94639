/** A tree in words, for people: what a screen shows beside a segment, and what an exclusion gives as its reason. */
import { OPERATORS } from "./operators.ts";
import type { Behaviour, BehaviourNode, Comparison, Deliveries, Segment } from "./segment.ts";

/** Names of what a tree names by id: `list 5` → `Customers`. Null: not known. */
type Names = (what: "list" | "import" | "segment" | "service" | "delivery", id: string) => string | null;

/** Words of a list that is longer are counted. */
const SHOWN = 5;
const UNITS: Readonly<Record<string, string>> = { s: "second", m: "minute", h: "hour", d: "day" };

export function explain(tree: Segment, names: Names = () => null): string {
  return words(tree, names, true);
}

function words(node: Segment, names: Names, top: boolean): string {
  if ("and" in node) return joined(node.and, "and", "everybody", names, top);
  if ("or" in node) return joined(node.or, "or", "nobody", names, top);
  if ("not" in node) return `not (${words(node.not, names, true)})`;
  if ("list" in node) return `in the list ${named("list", node.list, names)}`;
  if ("import" in node) return `in the file of import ${named("import", node.import, names)}`;
  if ("segment" in node) return `in the segment ${named("segment", node.segment, names)}`;
  if ("service" in node) return `subscribed to ${named("service", node.service, names)}`;
  if ("addressStatus" in node) return `the address is ${either(node.addressStatus)}`;
  return "behaviour" in node ? behaviourWords(node, names) : comparisonWords(node);
}

function joined(nodes: readonly Segment[], by: "and" | "or", none: string, names: Names, top: boolean): string {
  if (nodes.length === 0) return none;
  const text = nodes.map((node) => words(node, names, nodes.length === 1 && top)).join(` ${by} `);
  return top || nodes.length === 1 ? text : `(${text})`;
}

function named(what: Parameters<Names>[0], id: string, names: Names): string {
  const name = names(what, id);
  return name === null ? id : `"${name}"`;
}

function either(parts: readonly string[]): string {
  const shown = parts.slice(0, SHOWN);
  const rest = parts.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} or one of ${rest} more` : shown.join(" or ");
}

function comparisonWords(node: Comparison): string {
  const subject = "attribute" in node ? node.attribute : FIELD_WORDS[node.field];
  const operator = OPERATORS[node.is];
  const { value } = node;
  if (operator === undefined) return `${subject} ${node.is}`;
  switch (operator.operand) {
    case "none":
      return `${subject} ${operator.words}`;
    case "values":
      return `${subject} ${operator.words} ${either((Array.isArray(value) ? value : []).map(quoted))}`;
    case "range":
      return `${subject} ${operator.words} ${(Array.isArray(value) ? value : []).map(quoted).join(" and ")}`;
    case "duration":
      return `${subject} ${operator.words} ${lengthWords(String(value))}`;
    case "days":
      return `${subject} ${operator.words} ${daysWords(Number(value))}`;
    case "value":
    case "day":
    case "date":
      return `${subject} ${operator.words} ${quoted(value)}`;
  }
}

const FIELD_WORDS = {
  address: "the address",
  domain: "the domain of the address",
  created: "the date of the first import",
  updated: "the date of the last change",
};

function quoted(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}

/** `7d` → `7 days`. */
function lengthWords(duration: string): string {
  const count = Number.parseInt(duration, 10);
  const unit = UNITS[duration.at(-1) ?? ""] ?? "";
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function daysWords(days: number): string {
  if (days === 0) return "today";
  const count = Math.abs(days) === 1 ? "1 day" : `${Math.abs(days)} days`;
  return days > 0 ? `in ${count}` : `${count} ago`;
}

const BEHAVIOUR_WORDS: Readonly<Record<Behaviour, string>> = {
  targeted: "was written to by",
  excluded: "was excluded from",
  received: "received",
  failed: "did not get, for it failed,",
  pending: "still waits for",
  cancelled: "did not get, for it was stopped,",
  "in-doubt": "may or may not have received",
  opened: "opened",
  "not-opened": "received and did not open",
  clicked: "clicked in",
  "not-clicked": "received and did not click in",
  unsubscribed: "unsubscribed by",
  complained: "called spam",
};

function behaviourWords({ behaviour, deliveries, link, machines }: BehaviourNode, names: Names): string {
  const which = link === undefined ? "" : ` link ${link} of`;
  return `${BEHAVIOUR_WORDS[behaviour]}${which} ${deliveryWords(deliveries, names)}${machines ? ", machines counted too" : ""}`;
}

function deliveryWords(deliveries: Deliveries, names: Names): string {
  if ("last" in deliveries) {
    return deliveries.last === 1 ? "the last delivery" : `one of the last ${deliveries.last} deliveries`;
  }
  if ("within" in deliveries) return `a delivery of the last ${lengthWords(deliveries.within)}`;
  return either(deliveries.map((id) => `delivery ${named("delivery", id, names)}`));
}
