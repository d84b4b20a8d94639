/** Reads what the checklist says about the copies of a delivery. */
import { chooseCopies } from "../deliveries/index.ts";
import type { ChosenArchives } from "../../core/archive/choose-archives.ts";
import type { WholeSender } from "../../core/delivery/sender.ts";
import { readMode } from "../../core/delivery/mode.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { ChecklistItem } from "../../contract/index.ts";
import type { Tx } from "../../platform/db.ts";
import type { DeliveryContent } from "../content/index.ts";
import { loadSettings } from "../settings/index.ts";
import { copyItems } from "./copy-items.ts";
import { findInTarget, loadArchiveFacts, sumDebt } from "./facts-store.ts";

/** After `computeTarget`. `sizes`: bytes of the sample messages that could be made. */
export async function checkCopies(
  tx: Tx,
  { sender, settings }: { readonly sender: WholeSender } & Pick<DeliveryContent, "settings">,
  toDeliver: number,
  sizes: readonly number[],
): Promise<ChecklistItem[]> {
  const { archive, nature, mode } = settings;
  const chosen = await chooseCopies(tx, { senderAddress: sender.address, archive, nature, mode: readMode(mode) });
  if (chosen.kind === "off") return [];
  const platform = await loadSettings(tx);
  const archives = await loadArchiveFacts(tx, namedBy(chosen));
  const keys = archives.flatMap(({ address }) => {
    const parsed = parseAddress(address ?? "");
    return parsed.kind === "valid" ? [parsed.matchKey] : [];
  });
  return copyItems({
    chosen,
    wantsStrict: archive?.strict === true,
    archives,
    toDeliver,
    messageBytes: median(sizes),
    recipients: new Set(await findInTarget(tx, keys)),
    sender: sender.address,
    replyTo: sender.replyTo,
    // RFC 5321 §4.4: without one of its own, bounces go to the sender.
    errorAddress: sender.errorAddress || sender.address,
    unsubscribeAddress: platform.unsubscribeAddress,
    bounceDomain: platform.bounceDomain,
    owed: await sumDebt(tx),
    debtLimit: platform.archive.debtLimit,
  });
}

function namedBy(chosen: Exclude<ChosenArchives, { kind: "off" }>): number[] {
  return chosen.kind === "chosen" ? [...chosen.archive.archives] : chosen.unknown.map(Number);
}

/** The samples are chosen for their extremes. */
function median(sizes: readonly number[]): number | null {
  return [...sizes].sort((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? null;
}
