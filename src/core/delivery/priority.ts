/** How large a delivery's share is when others wait too. Inside one delivery there is no order. */

export type Priority = "very-low" | "low" | "normal" | "high" | "very-high";

const WEIGHTS: Readonly<Record<Priority, number>> = { "very-low": 1, low: 2, normal: 4, high: 8, "very-high": 16 };

/** Deliveries from before there were priorities have none. */
export function weightOf(priority: Priority | undefined): number {
  return WEIGHTS[priority ?? "normal"];
}
