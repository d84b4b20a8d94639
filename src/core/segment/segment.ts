/**
 * A segment is a tree of conditions on recipients, as JSON writes it: the same value crosses the API, lies in the database and is
 * kept with an analysis. Every condition is true or false for a recipient, never unknown: where there is no value it is false,
 * and `not` is the exact complement.
 */

export const FIELDS = ["address", "domain", "created", "updated"] as const;
export type Field = (typeof FIELDS)[number];

export const ADDRESS_STATUSES = ["valid", "with-errors", "held", "quarantined", "denylisted"] as const;
export type AddressStatus = (typeof ADDRESS_STATUSES)[number];

/** What became of a recipient in deliveries. The words with `not-` are about those who received one and did not. */
export const BEHAVIOURS = [
  "targeted",
  "excluded",
  "received",
  "failed",
  "pending",
  "cancelled",
  "in-doubt",
  "opened",
  "not-opened",
  "clicked",
  "not-clicked",
  "unsubscribed",
  "complained",
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** Which deliveries: these, the newest `last` that started, or those that started within a duration before now. */
export type Deliveries = readonly string[] | { readonly last: number } | { readonly within: string };

export type BehaviourNode = {
  readonly behaviour: Behaviour;
  readonly deliveries: Deliveries;
  /** Number of the link, of one delivery. */
  readonly link?: number;
  /** Counts what proxies and scanners did, too. */
  readonly machines?: boolean;
};

export type Operand = string | number | boolean | readonly (string | number)[];

/** `is` is a word of the table in operators.ts. */
export type Comparison = { readonly is: string; readonly value?: Operand } & (
  | { readonly attribute: string }
  | { readonly field: Field }
);

export type Segment =
  | { readonly and: readonly Segment[] }
  | { readonly or: readonly Segment[] }
  | { readonly not: Segment }
  | { readonly list: string }
  | { readonly import: string }
  | { readonly segment: string }
  /** Who is subscribed to it now. */
  | { readonly service: string }
  | { readonly addressStatus: readonly AddressStatus[] }
  | BehaviourNode
  | Comparison;

/** The nodes right below. */
export function childrenOf(node: Segment): readonly Segment[] {
  if ("and" in node) return node.and;
  if ("or" in node) return node.or;
  return "not" in node ? [node.not] : [];
}

/** Every node, parents first. */
export function* nodesOf(tree: Segment): Generator<Segment> {
  yield tree;
  for (const child of childrenOf(tree)) yield* nodesOf(child);
}
