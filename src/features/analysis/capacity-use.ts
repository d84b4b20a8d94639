/** How much of their capacity the rules of a typology have given away. */
import type { CapacityUse } from "../../contract/typology-population.ts";
import type { Queryable } from "../../platform/db.ts";
import { consumedBy } from "./capacity-store.ts";
import { loadCapacityRules } from "./rules-store.ts";

export async function readCapacityUse(db: Queryable, typologyId: number): Promise<CapacityUse[]> {
  const uses: CapacityUse[] = [];
  for (const { id, name, definition } of await loadCapacityRules(db, typologyId)) {
    const lines: CapacityUse["lines"] = [];
    for (const line of definition.lines) {
      const consumed = await consumedBy(db, id, line);
      lines.push({ ...line, consumed, remaining: Math.max(0, line.messages - consumed) });
    }
    uses.push({ rule: String(id), name, lines });
  }
  return uses;
}
