/**
 * Says by hand whether a recipient belongs to a segment: one person at a time, from plain objects, without SQL. What the compiled SQL
 * finds is held against it.
 */
import { anniversaryDays, readDay, readSpan, spanOf } from "../src/core/segment/instants.ts";
import { OPERATORS, typeOf, type AttributeType } from "../src/core/segment/operators.ts";
import type { Behaviour, BehaviourNode, Comparison, Segment } from "../src/core/segment/segment.ts";

export type OracleMessage = {
  readonly delivery: string;
  readonly status: string;
  readonly reactions: readonly { readonly kind: string; readonly link: number; readonly human: boolean }[];
};

export type OraclePerson = {
  readonly address: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly created: number;
  readonly lists: readonly string[];
  readonly denylisted: boolean;
  readonly quarantine: string | null;
  readonly messages: readonly OracleMessage[];
};

type World = { readonly schema: readonly AttributeType[]; readonly now: number };

export function belongs(person: OraclePerson, node: Segment, world: World): boolean {
  if ("and" in node) return node.and.every((each) => belongs(person, each, world));
  if ("or" in node) return node.or.some((each) => belongs(person, each, world));
  if ("not" in node) return !belongs(person, node.not, world);
  if ("list" in node) return person.lists.includes(node.list);
  if ("addressStatus" in node) {
    const status = person.denylisted ? "denylisted" : (person.quarantine ?? "valid");
    return node.addressStatus.some((each) => each === status);
  }
  if ("behaviour" in node) return behaved(person, node);
  if ("attribute" in node || "field" in node) return compares(person, node, world);
  throw new Error("the oracle knows no imports and no nested segments");
}

function behaved({ messages }: OraclePerson, node: BehaviourNode): boolean {
  const ids = node.deliveries as readonly string[];
  const mine = messages.filter(({ delivery }) => ids.includes(delivery));
  const got = mine.some(({ status }) => status === "sent");
  const reacted = (kind: string) =>
    mine.some((message) =>
      message.reactions.some(
        (each) => each.kind === kind && each.link === (node.link ?? 0) && each.human === !node.machines,
      ),
    );
  const answers: Partial<Record<Behaviour, boolean>> = {
    targeted: mine.length > 0,
    received: got,
    failed: mine.some(({ status }) => status === "failed"),
    opened: reacted("open"),
    "not-opened": got && !reacted("open"),
    clicked: reacted("click"),
    "not-clicked": got && !reacted("click"),
  };
  const answer = answers[node.behaviour];
  if (answer === undefined) throw new Error(`the oracle does not know ${node.behaviour}`);
  return answer;
}

const fold = (text: string) =>
  text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();

function compares(person: OraclePerson, node: Comparison, { schema, now }: World): boolean {
  const negated = OPERATORS[node.is]?.not;
  if (negated !== undefined) return !compares(person, { ...node, is: negated }, { schema, now });
  const type = typeOf(node, schema);
  const value = textOf(person, node);
  if (value === null) return false;
  if (node.is === "exists") return value !== "";
  if (type === "text") return comparesText(fold(value), node);
  if (type === "number") return comparesNumber(value, node);
  if (type === "boolean")
    return (node.value ? ["true", "yes", "1"] : ["false", "no", "0"]).includes(value.toLowerCase());
  const at = readDay(value)?.from;
  if (at === undefined) return false;
  const wanted = Array.isArray(node.value) ? node.value.map(String) : [String(node.value)];
  const [first, last] = wanted.map((each) => readDay(each));
  if (node.is === "anniversary") {
    return anniversaryDays(Number(node.value), now).includes(new Date(at).toISOString().slice(5, 10));
  }
  if (node.is === "before") return at < (first?.from ?? 0);
  if (node.is === "after") return at >= (first?.to ?? 0);
  if (node.is === "between") return at >= (first?.from ?? 0) && at < (last?.to ?? 0);
  if (node.is === "on" || node.is === "equals") return at >= (first?.from ?? 0) && at < (first?.to ?? 0);
  const { from, to } = spanOf(node.is, readSpan(String(node.value)) ?? 0, type, now);
  return (from === null || at >= from) && (to === null || at < to);
}

function textOf(person: OraclePerson, node: Comparison): string | null {
  if ("field" in node) {
    if (node.field === "address") return person.address;
    if (node.field === "domain") return person.address.split("@")[1] ?? "";
    return new Date(person.created).toISOString();
  }
  if (node.attribute === "email") return person.address;
  const value = person.attributes[node.attribute];
  return value === undefined ? null : String(value);
}

function comparesText(value: string, node: Comparison): boolean {
  if (Array.isArray(node.value)) return node.value.map((each) => fold(String(each))).includes(value);
  const wanted = fold(String(node.value));
  if (node.is === "contains") return value.includes(wanted);
  if (node.is === "starts-with") return value.startsWith(wanted);
  return node.is === "ends-with" ? value.endsWith(wanted) : value === wanted;
}

function comparesNumber(text: string, node: Comparison): boolean {
  if (!/^[ \t]*[+-]?\d{1,15}(\.\d{1,15})?[ \t]*$/.test(text)) return false;
  const value = Number(text);
  const wanted = Array.isArray(node.value) ? node.value.map(Number) : [Number(node.value)];
  const [first = 0, last = 0] = wanted;
  if (node.is === "in") return wanted.includes(value);
  if (node.is === "between") return value >= first && value <= last;
  if (node.is === "greater") return value > first;
  if (node.is === "at-least") return value >= first;
  if (node.is === "less") return value < first;
  return node.is === "at-most" ? value <= first : value === first;
}
