/** Reads `outcomes.md`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A cell by `heading | line | column`. */
export type Outcomes = ReadonlyMap<string, string>;

export function readOutcomes(): Outcomes {
  const outcomes = new Map<string, string>();
  let headings: string[] = [];
  let columns: string[] | null = null;
  for (const line of readFileSync(join(import.meta.dirname, "outcomes.md"), "utf8").split("\n")) {
    if (line.startsWith("## ")) {
      headings = line.slice(3).split(", ");
      columns = null;
    }
    if (!line.startsWith("|") || line.startsWith("| -")) continue;
    const [first = "", ...cells] = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (columns === null) columns = cells;
    else for (const [at, cell] of cells.entries()) note(headings, first, columns[at] ?? "", cell);
  }
  return outcomes;

  function note(names: readonly string[], first: string, column: string, cell: string): void {
    for (const name of names) outcomes.set(`${name} | ${first} | ${column}`, cell);
  }
}
