/**
 * Reads a tree that somebody sent: its shape, its size, and that each comparison fits the type of its attribute. What it names
 * (lists, deliveries, segments) is looked up elsewhere.
 */
import { readComparison } from "./read-comparison.ts";
import { readSpan } from "./instants.ts";
import type { AttributeType } from "./operators.ts";
import { fault, onlyKeys, type Json, type Reader, type SegmentProblem } from "./reader.ts";
import { ADDRESS_STATUSES, BEHAVIOURS, type BehaviourNode, type Deliveries, type Segment } from "./segment.ts";

export type ReadSegment =
  | { readonly kind: "segment"; readonly segment: Segment }
  | { readonly kind: "problems"; readonly problems: readonly SegmentProblem[] };

/** Of one tree; a segment with the segments that it names may have as many nodes. */
export const MAX_NODES = 500;
const MAX_DEPTH = 12;
const MAX_PROBLEMS = 20;
const MAX_DELIVERIES = 100;
const MAX_LAST = 50;

const KINDS = [
  "and",
  "or",
  "not",
  "list",
  "import",
  "segment",
  "service",
  "addressStatus",
  "behaviour",
  "attribute",
  "field",
];

export function readSegment(json: unknown, schema: readonly AttributeType[]): ReadSegment {
  const reader: Reader = { schema, nodes: 0, problems: [] };
  const segment = readNode(reader, json, "", 1);
  return segment === null || reader.problems.length > 0
    ? { kind: "problems", problems: reader.problems.slice(0, MAX_PROBLEMS) }
    : { kind: "segment", segment };
}

function readNode(reader: Reader, json: unknown, pointer: string, depth: number): Segment | null {
  if (depth > MAX_DEPTH) return fault(reader, pointer, "too-deep", `A segment is at most ${MAX_DEPTH} levels deep`);
  reader.nodes++;
  if (reader.nodes > MAX_NODES) {
    const full = reader.nodes === MAX_NODES + 1;
    return full ? fault(reader, pointer, "too-large", `A segment has at most ${MAX_NODES} conditions`) : null;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return fault(reader, pointer, "invalid-type", "A condition is a JSON object");
  }
  const node = json as Json;
  const kinds = KINDS.filter((kind) => Object.hasOwn(node, kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    return fault(reader, pointer, "invalid-condition", `A condition has exactly one of: ${KINDS.join(", ")}`);
  }
  return readKind(reader, kind, node, pointer, depth);
}

function readKind(reader: Reader, kind: string, node: Json, pointer: string, depth: number): Segment | null {
  const value = node[kind];
  const at = `${pointer}/${kind}`;
  if (kind === "attribute" || kind === "field") return readComparison(reader, node, pointer);
  if (kind === "behaviour") return readBehaviour(reader, node, pointer);
  if (!onlyKeys(reader, node, [kind], pointer)) return null;
  if (kind === "not") {
    const inner = readNode(reader, value, at, depth + 1);
    return inner && { not: inner };
  }
  if (kind === "and" || kind === "or") {
    if (!Array.isArray(value)) return fault(reader, at, "invalid-type", "A list of conditions is needed");
    // Of a list that is too long, what follows is not looked at.
    const nodes = value
      .slice(0, MAX_NODES + 1)
      .map((each: unknown, index) => readNode(reader, each, `${at}/${index}`, depth + 1));
    const whole = nodes.filter((each) => each !== null);
    return kind === "and" ? { and: whole } : { or: whole };
  }
  if (kind === "addressStatus") {
    const words = readWords(reader, value, ADDRESS_STATUSES, at);
    return words && { addressStatus: words };
  }
  if (!isId(value)) return fault(reader, at, "invalid-id", "An id is a decimal number, as text");
  return { [kind]: value } as Segment;
}

function readWords<W extends string>(reader: Reader, value: unknown, words: readonly W[], at: string): W[] | null {
  const given: unknown[] = Array.isArray(value) ? value : [];
  const known = words.filter((word) => given.includes(word));
  if (given.length > 0 && given.length === known.length) return known;
  return fault(reader, at, "invalid-value", `A list of some of these, each once: ${words.join(", ")}`);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[1-9]\d{0,14}$/.test(value);
}

function readBehaviour(reader: Reader, node: Json, pointer: string): BehaviourNode | null {
  if (!onlyKeys(reader, node, ["behaviour", "deliveries", "link", "machines"], pointer)) return null;
  const behaviour = BEHAVIOURS.find((word) => word === node["behaviour"]);
  if (behaviour === undefined) {
    return fault(reader, `${pointer}/behaviour`, "invalid-value", `One of: ${BEHAVIOURS.join(", ")}`);
  }
  const deliveries = readDeliveries(reader, node["deliveries"], `${pointer}/deliveries`);
  const { link, machines } = node;
  const isClick = behaviour === "clicked" || behaviour === "not-clicked";
  if (link !== undefined && !(isClick && Number.isInteger(link) && Number(link) >= 1 && Number(link) <= 100_000)) {
    return fault(reader, `${pointer}/link`, "invalid-value", "The number of a link, of clicked and not-clicked only");
  }
  if (link !== undefined && deliveries !== null && !("length" in deliveries && deliveries.length === 1)) {
    return fault(reader, `${pointer}/link`, "invalid-value", "A link is of one delivery: name exactly one");
  }
  if (machines !== undefined && typeof machines !== "boolean") {
    return fault(reader, `${pointer}/machines`, "invalid-type", "true or false");
  }
  return (
    deliveries && {
      behaviour,
      deliveries,
      ...(link === undefined ? {} : { link: Number(link) }),
      ...(machines === undefined ? {} : { machines }),
    }
  );
}

function readDeliveries(reader: Reader, value: unknown, at: string): Deliveries | null {
  if (Array.isArray(value)) {
    const ids = value.slice(0, MAX_DELIVERIES + 1).filter(isId);
    if (value.length > 0 && value.length <= MAX_DELIVERIES && ids.length === value.length) return [...new Set(ids)];
    return fault(reader, at, "invalid-value", `1 to ${MAX_DELIVERIES} ids of deliveries`);
  }
  if (typeof value === "object" && value !== null && Object.keys(value).length === 1) {
    const { last, within } = value as Json;
    if (Number.isInteger(last) && Number(last) >= 1 && Number(last) <= MAX_LAST) return { last: Number(last) };
    if (typeof within === "string" && readSpan(within) !== null) return { within };
  }
  const message = `Ids of deliveries, or {"last": 1 to ${MAX_LAST}}, or {"within": "30d"}`;
  return fault(reader, at, "invalid-value", message);
}
