/**
 * Looks up what a tree names, so that it can be compiled: the trees of nested segments, the deliveries that "the last 5" are, and
 * which delivery parts are theirs.
 */
import { MAX_NODES } from "../../core/segment/read-segment.ts";
import { nodesOf, type Deliveries, type Segment } from "../../core/segment/segment.ts";
import type { AttributeType } from "../../core/segment/operators.ts";
import { parseDuration, type Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { loadAttributeSchema } from "../audience/index.ts";
import { loadSettings } from "../settings/index.ts";
import { loadPartRanges, loadTree, recentDeliveries, type PartRange } from "./store.ts";

export type PreparedSegment = {
  /** Names no other segment and no "last 5" any more: what the words meant now. */
  readonly tree: Segment;
  readonly schema: readonly AttributeType[];
  /** By delivery. */
  readonly parts: ReadonlyMap<string, readonly PartRange[]>;
  /** Addresses that differ in the case of the local part are one mailbox. */
  readonly foldLocalPart: boolean;
};

/** A segment that names others is at most as large as this with all of them. */
const MAX_EXPANDED = 4 * MAX_NODES;

/** `tree` was read by `readSegment`. Throws `not-found` for a nested segment that is gone, and `segment-unusable`. */
export async function prepareSegment(db: Queryable, tree: Segment, now: Instant): Promise<PreparedSegment> {
  const expanded = await expand(db, tree);
  const recent = await findRecent(db, expanded, now);
  const settled = mapLeaves(expanded, (leaf) =>
    "behaviour" in leaf ? { ...leaf, deliveries: recent.get(keyOf(leaf.deliveries)) ?? [] } : leaf,
  );
  const ids = [...nodesOf(settled)].flatMap((node) =>
    "behaviour" in node && Array.isArray(node.deliveries) ? (node.deliveries as string[]) : [],
  );
  return {
    tree: settled,
    schema: await loadAttributeSchema(db),
    parts: await loadPartRanges(db, [...new Set(ids)]),
    foldLocalPart: (await loadSettings(db)).quarantine.foldLocalPart,
  };
}

/** Puts the trees of nested segments in their place. */
export async function expand(db: Queryable, tree: Segment): Promise<Segment> {
  const known = new Map<string, Segment>();
  let nodes = 0;
  const replace = async (node: Segment, path: readonly string[]): Promise<Segment> => {
    nodes++;
    if (nodes > MAX_EXPANDED) {
      throw appError("segment-unusable", {
        why: `with the segments it names it has more than ${MAX_EXPANDED} conditions`,
      });
    }
    if ("and" in node) return { and: await replaceAll(node.and, path) };
    if ("or" in node) return { or: await replaceAll(node.or, path) };
    if ("not" in node) return { not: await replace(node.not, path) };
    if (!("segment" in node)) return node;
    if (path.includes(node.segment)) {
      throw appError("segment-unusable", { why: `segment ${node.segment} would be a part of itself` });
    }
    const inner = known.get(node.segment) ?? (await loadTree(db, node.segment));
    if (inner === null) throw appError("not-found", { what: "segment", id: node.segment });
    known.set(node.segment, inner);
    return replace(inner, [...path, node.segment]);
  };
  const replaceAll = async (nodes: readonly Segment[], path: readonly string[]) => {
    const done: Segment[] = [];
    for (const each of nodes) done.push(await replace(each, path));
    return done;
  };
  return replace(tree, []);
}

function mapLeaves(node: Segment, change: (leaf: Segment) => Segment): Segment {
  if ("and" in node) return { and: node.and.map((each) => mapLeaves(each, change)) };
  if ("or" in node) return { or: node.or.map((each) => mapLeaves(each, change)) };
  return "not" in node ? { not: mapLeaves(node.not, change) } : change(node);
}

const keyOf = (deliveries: Deliveries) => JSON.stringify(deliveries);

async function findRecent(db: Queryable, tree: Segment, now: Instant): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const node of nodesOf(tree)) {
    if (!("behaviour" in node) || found.has(keyOf(node.deliveries))) continue;
    found.set(keyOf(node.deliveries), await idsOf(db, node.deliveries, now));
  }
  return found;
}

function idsOf(db: Queryable, deliveries: Deliveries, now: Instant): Promise<readonly string[]> | readonly string[] {
  if ("last" in deliveries) return recentDeliveries(db, { limit: deliveries.last, since: null });
  if (!("within" in deliveries)) return deliveries;
  return recentDeliveries(db, { limit: null, since: now - (parseDuration(deliveries.within) ?? 0) });
}
