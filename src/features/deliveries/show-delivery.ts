/** One delivery as the API answers it, with its approvals and waves, if it has any. */
import type { Delivery } from "../../contract/index.ts";
import type { Queryable } from "../../platform/db.ts";
import { loadApprovals } from "./approvals.ts";
import { presentDelivery, type DeliveryRow } from "./present.ts";
import { mustFind } from "./store.ts";
import { loadWaves } from "./waves-store.ts";

/** By the id in a path; throws `not-found`. */
export async function showDelivery(db: Queryable, id: string): Promise<Delivery> {
  return showRow(db, await mustFind(db, id));
}

async function showRow(db: Queryable, row: DeliveryRow): Promise<Delivery> {
  const approvals = await loadApprovals(db, row.id);
  const waves = await loadWaves(db, row.id, row.state);
  return {
    ...presentDelivery(row),
    ...(approvals.length === 0 ? {} : { approvals }),
    ...(waves.length === 0 ? {} : { waves }),
  };
}
