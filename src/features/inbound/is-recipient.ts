/** For whom mail is taken: all others are refused before their mail is sent, so that nobody is answered by mail. */
import type { PlatformSettings } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Tracker } from "../tracking/index.ts";

type Addresses = Pick<PlatformSettings, "bounceDomain" | "errorAddress" | "unsubscribeAddress" | "feedbackAddress">;

/**
 * The bounce domain, and the mailboxes for errors, unsubscribing and complaints, also with a tag behind `+`. In the bounce domain a tag
 * that is none of ours is refused: nobody but us makes such addresses.
 */
export async function isOurRecipient(text: string, settings: Addresses, readTag: Tracker["readTag"]): Promise<boolean> {
  const parsed = parseAddress(text);
  if (parsed.kind !== "valid") return false;
  const { base, tag } = split(parsed.matchKey);
  const mailboxes = [settings.errorAddress, settings.unsubscribeAddress, settings.feedbackAddress].flatMap(baseOf);
  const isMailbox = mailboxes.includes(base);
  if (parsed.domain !== settings.bounceDomain || settings.bounceDomain === "") return isMailbox;
  return tag === null || (await readTag(tag)) !== null;
}

function baseOf(text: string): string[] {
  const parsed = parseAddress(text);
  return parsed.kind === "valid" ? [split(parsed.matchKey).base] : [];
}

function split(address: string): { readonly base: string; readonly tag: string | null } {
  const at = address.lastIndexOf("@");
  const plus = address.lastIndexOf("+", at);
  if (plus <= 0) return { base: address.toLowerCase(), tag: null };
  return { base: (address.slice(0, plus) + address.slice(at)).toLowerCase(), tag: address.slice(plus + 1, at) };
}
