/**
 * A tree of conditions as the builder shows and changes it: places in it are paths, `not` around a node is a mark of that node. What is
 * incomplete stays as it is typed; the server says what is missing.
 */
import type { Segment } from "../../../src/contract/segments.ts";

export type Tree = Segment["tree"];
/** Keys and indexes from the top: `["and", 0, "not"]`. */
export type Path = readonly (string | number)[];

export type Shape =
  | { kind: "group"; word: "and" | "or"; children: readonly Tree[] }
  | { kind: "comparison" | "list" | "import" | "segment" | "status" | "behaviour" };

/** Without its `not`, if it has one. `path` leads to what is inside. */
export function opened(node: Tree, path: Path): { negated: boolean; inner: Tree; path: Path } {
  return "not" in node
    ? { negated: true, inner: node.not, path: [...path, "not"] }
    : { negated: false, inner: node, path };
}

export const negate = (node: Tree): Tree => ("not" in node ? node.not : { not: node });

export function shapeOf(node: Tree): Shape {
  if ("and" in node) return { kind: "group", word: "and", children: node.and };
  if ("or" in node) return { kind: "group", word: "or", children: node.or };
  if ("list" in node) return { kind: "list" };
  if ("import" in node) return { kind: "import" };
  if ("segment" in node) return { kind: "segment" };
  if ("addressStatus" in node) return { kind: "status" };
  if ("behaviour" in node) return { kind: "behaviour" };
  return { kind: "comparison" };
}

export const KINDS = ["comparison", "group", "list", "import", "segment", "status", "behaviour"] as const;
export type Kind = (typeof KINDS)[number];

/** As it stands when it was just added: to be filled in. */
export function blank(kind: Kind): Tree {
  switch (kind) {
    case "group":
      return { or: [] };
    case "comparison":
      return { field: "domain", is: "equals", value: "" };
    case "list":
      return { list: "" };
    case "import":
      return { import: "" };
    case "segment":
      return { segment: "" };
    case "status":
      return { addressStatus: ["valid"] };
    case "behaviour":
      return { behaviour: "opened", deliveries: { last: 3 } };
  }
}

/** The builder begins with a group, so that there is always a place to add to; a lone condition gets one around it. */
export const asGroup = (tree: Tree): Tree =>
  shapeOf(opened(tree, []).inner).kind === "group" ? tree : { and: [tree] };

/** The same tree with another node at the place; null: the node is taken out of its group. */
export function replaced(tree: Tree, path: Path, node: Tree | null): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return node ?? { and: [] };
  if (key === "not" && "not" in tree) {
    return rest.length === 0 && node === null ? { and: [] } : { not: replaced(tree.not, rest, node) };
  }
  const [index, ...below] = rest;
  if (typeof index !== "number") return tree;
  const change = (children: readonly Tree[]) =>
    below.length === 0 && node === null
      ? children.filter((_, at) => at !== index)
      : children.map((child, at) => (at === index ? replaced(child, below, node) : child));
  if (key === "and" && "and" in tree) return { and: change(tree.and) };
  if (key === "or" && "or" in tree) return { or: change(tree.or) };
  return tree;
}

/** Where a path is in what was sent to the server. */
export const pointerOf = (path: Path): string => ["/tree", ...path].join("/");

/** What is said about a condition: at its place or inside it. Of a group only what is at its very place. */
export function messagesAt(
  errors: readonly { pointer: string; message: string }[],
  path: Path,
  isGroup: boolean,
): string[] {
  const pointer = pointerOf(path);
  return errors
    .filter((each) => each.pointer === pointer || (!isGroup && each.pointer.startsWith(`${pointer}/`)))
    .map(({ message }) => message);
}

export type ReadJson = { tree: Tree } | { problem: string };

/** Only its being a JSON object is looked at; conditions are the server's to read. */
export function readJson(text: string): ReadJson {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { tree: value as Tree };
    return { problem: "{…}" };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
