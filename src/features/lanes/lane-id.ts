/** The name of a lane in addresses: stable, short, and of no meaning to the outside. */
import { createHash } from "node:crypto";

import type { SourceKey } from "../../core/shaping/restriction.ts";

/** The same in SQL: `LANE_ID` in store.ts. */
export function laneId(source: SourceKey, site: string): string {
  return createHash("sha256").update(`${source}\n${site}`).digest("hex").slice(0, 32);
}
