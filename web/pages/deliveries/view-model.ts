/** What the list of deliveries decides without a DOM. */
import type { WaitingApproval } from "../../../src/contract/approvals.ts";
import type { DeliveryState, DeliverySummary } from "../../../src/contract/index.ts";
import { text } from "../../search.ts";

const PREPARING: readonly DeliveryState[] = ["editing", "analysing", "ready"];

/** A delivery that is still being prepared opens where it is prepared; any other one where it is watched. */
export const opensIn = (state: DeliveryState): "/deliveries/$id/content" | "/deliveries/$id" =>
  PREPARING.includes(state) ? "/deliveries/$id/content" : "/deliveries/$id";

const MOVING: readonly DeliveryState[] = ["analysing", "start-pending", "in-progress", "pausing", "stopping"];

/** Milliseconds until the list is asked again; false while nothing in it moves. */
export const refreshEvery = (rows: readonly DeliverySummary[]): number | false =>
  rows.some((row) => MOVING.includes(row.state)) ? 2000 : false;

/** Figures exist once an analysis has cut the target; before, a zero would be invented. */
export const isCounted = (row: Pick<DeliverySummary, "targeted">): boolean => row.targeted > 0;

/** One delivery may wait for two decisions. */
export const countWaiting = (waiting: readonly WaitingApproval[]): number =>
  new Set(waiting.map(({ delivery }) => delivery.id)).size;

export type DeliverySearch = {
  folder?: string | undefined;
  category?: string | undefined;
  /** The list of what waits for one's decision is open. */
  waiting?: true | undefined;
};
export const deliverySearch = (search: Record<string, unknown>): DeliverySearch => ({
  folder: text(search["folder"]),
  category: text(search["category"]),
  waiting: search["waiting"] === true || undefined,
});

export function matching(rows: readonly DeliverySummary[], words: string): DeliverySummary[] {
  const wanted = words.trim().toLocaleLowerCase();
  return wanted === "" ? [...rows] : rows.filter((row) => row.label.toLocaleLowerCase().includes(wanted));
}
