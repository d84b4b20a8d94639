/** Who deliveries write as when they say nothing, and which addresses are allowed: as texts of a form. */
import type { PlatformSettings } from "../../../src/contract/index.ts";
import { wordsOf } from "./words.ts";

type Senders = Pick<PlatformSettings, "sender" | "senderMasks">;

export type SenderDraft = {
  senderName: string;
  senderAddress: string;
  replyToName: string;
  replyTo: string;
  /** Parted by commas. */
  addressMasks: string;
  errorMasks: string;
};

export function senderDraft({ sender, senderMasks }: Senders): SenderDraft {
  return {
    senderName: sender.name,
    senderAddress: sender.address,
    replyToName: sender.replyToName,
    replyTo: sender.replyTo,
    addressMasks: senderMasks.address.join(", "),
    errorMasks: senderMasks.errorAddress.join(", "),
  };
}

export function senderRequest(draft: SenderDraft): Senders {
  return {
    sender: {
      name: draft.senderName.trim(),
      address: draft.senderAddress.trim(),
      replyToName: draft.replyToName.trim(),
      replyTo: draft.replyTo.trim(),
    },
    senderMasks: { address: wordsOf(draft.addressMasks), errorAddress: wordsOf(draft.errorMasks) },
  };
}
