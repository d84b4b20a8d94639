/** Reads a tree that somebody sent and looks whether what it names is there. */
import { readSegment } from "../../core/segment/read-segment.ts";
import { nodesOf, type Segment } from "../../core/segment/segment.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { loadAttributeSchema } from "../audience/index.ts";
import { findNamed, type Named } from "./store.ts";

export type CheckedTree =
  | { readonly kind: "tree"; readonly tree: Segment }
  | { readonly kind: "problems"; readonly errors: readonly FieldError[] };

/** `pointer`: where the tree is in what was sent. */
export async function checkTree(db: Queryable, json: unknown, pointer: string): Promise<CheckedTree> {
  const read = readSegment(json, await loadAttributeSchema(db));
  if (read.kind === "problems") {
    return { kind: "problems", errors: read.problems.map((each) => ({ ...each, pointer: pointer + each.pointer })) };
  }
  const errors = await missing(db, read.segment, pointer);
  return errors.length > 0 ? { kind: "problems", errors } : { kind: "tree", tree: read.segment };
}

/** The tree, or `invalid-input` with all that is wrong. */
export async function mustRead(db: Queryable, json: unknown): Promise<Segment> {
  const checked = await checkTree(db, json, "/tree");
  if (checked.kind === "tree") return checked.tree;
  const [first] = checked.errors;
  throw appError("invalid-input", { detail: `${first?.pointer}: ${first?.message}` }, checked.errors);
}

async function missing(db: Queryable, tree: Segment, pointer: string): Promise<FieldError[]> {
  const named = new Map<Named, Set<string>>();
  const note = (what: Named, id: string) => named.set(what, (named.get(what) ?? new Set()).add(id));
  for (const node of nodesOf(tree)) {
    if ("list" in node) note("list", node.list);
    else if ("import" in node) note("import", node.import);
    else if ("segment" in node) note("segment", node.segment);
    else if ("service" in node) note("service", node.service);
    else if ("behaviour" in node && Array.isArray(node.deliveries)) {
      for (const id of node.deliveries as string[]) note("delivery", id);
    }
  }
  const errors: FieldError[] = [];
  for (const [what, ids] of named) {
    const found = await findNamed(db, what, [...ids]);
    for (const id of ids) {
      if (!found.has(id)) errors.push({ pointer, code: "not-found", message: `There is no ${what} ${id}` });
    }
  }
  return errors;
}
