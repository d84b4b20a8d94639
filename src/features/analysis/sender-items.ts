/** What the checklist says of sender and error address that no mask of the platform allows. Pure. */
import { outsideMasks, type SenderMasks } from "../../core/delivery/sender.ts";
import type { ChecklistItem } from "../../contract/index.ts";

/** Of the delivery as it would leave now: with the platform's words where it has none. */
export function maskItems(
  sender: { readonly address: string; readonly errorAddress: string },
  masks: SenderMasks,
): ChecklistItem[] {
  return outsideMasks(sender, masks).map(({ field, address, masks: allowed }) => ({
    id: field === "address" ? "mask-from" : "mask-error",
    level: "error",
    title: field === "address" ? `Nobody may write as ${address}` : `Bounces may not go to ${address}`,
    detail: `The platform's settings allow ${allowed.join(", ")}. Choose such an address, or have the masks changed.`,
  }));
}
