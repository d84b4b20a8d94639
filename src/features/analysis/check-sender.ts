/** Reads what the checklist says about who writes: masks of the platform, signatures. */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { WholeSender } from "../../core/delivery/sender.ts";
import type { ChecklistItem, Settings } from "../../contract/index.ts";
import type { Tx } from "../../platform/db.ts";
import { loadSigner } from "../domains/index.ts";
import { loadSettings } from "../settings/index.ts";
import { alignmentItems } from "./checks-alignment.ts";
import { maskItems } from "./sender-items.ts";

type Sending = { readonly sender: WholeSender; readonly settings: Pick<Settings, "dkim"> };

export async function checkSender(tx: Tx, { sender, settings }: Sending): Promise<ChecklistItem[]> {
  const { senderMasks } = await loadSettings(tx);
  const address = parseAddress(sender.address);
  const domain = address.kind === "valid" ? address.domain : null;
  const named = settings.dkim ?? null;
  return [
    ...maskItems(sender, senderMasks),
    ...alignmentItems({ domain, ...(await loadSigner(tx, domain ?? "", named)) }),
  ];
}
