/** Reads what an operator wrote: an expression that is true where all is well, or everything that is wrong with it, with places. */
import { lineTable } from "../../template/line-table.ts";
import { checkTypes, type Ground } from "./check.ts";
import { type Fault, type Node, SyntaxFault } from "./nodes.ts";
import { parse } from "./parse.ts";

export type ExpressionProblem = Fault & { readonly line: number; readonly column: number };

export type ReadExpression =
  | { readonly kind: "expression"; readonly node: Node }
  | { readonly kind: "problems"; readonly problems: readonly ExpressionProblem[] };

export function readExpression(source: string, ground: Ground): ReadExpression {
  const place = lineTable(source);
  const problems = (faults: readonly Fault[]) => ({
    kind: "problems" as const,
    problems: faults.map((fault) => ({ ...fault, ...place(fault.start) })),
  });
  let node: Node;
  try {
    node = parse(source);
  } catch (error) {
    if (error instanceof SyntaxFault) return problems([error.fault]);
    throw error;
  }
  const { type, faults } = checkTypes(node, ground);
  if (faults.length > 0) return problems(faults);
  if (type === "boolean") return { kind: "expression", node };
  const message = "The expression has to be true or false: compare it with something";
  return problems([{ code: "not-a-condition", message, start: node.start, end: node.end }]);
}
