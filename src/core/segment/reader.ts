/** What the readers of a tree share: the problems found so far, and how many nodes there were. */
import type { AttributeType } from "./operators.ts";

/** Where and what is wrong; the pointer is a JSON pointer into the tree. */
export type SegmentProblem = { readonly pointer: string; readonly code: string; readonly message: string };

export type Reader = {
  readonly schema: readonly AttributeType[];
  nodes: number;
  readonly problems: SegmentProblem[];
};
export type Json = Readonly<Record<string, unknown>>;

/** Notes the problem and gives null, so that a reader can return it. */
export function fault(reader: Reader, pointer: string, code: string, message: string): null {
  reader.problems.push({ pointer, code, message });
  return null;
}

/** A key that nobody knows is a misspelt one: what it should do would silently not happen. */
export function onlyKeys(reader: Reader, node: Json, known: readonly string[], pointer: string): boolean {
  const [strange] = Object.keys(node).filter((key) => !known.includes(key));
  if (strange === undefined) return true;
  const shown = strange.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
  fault(reader, `${pointer}/${shown}`, "unrecognized-key", `Nothing here is called so; known are ${known.join(", ")}`);
  return false;
}
