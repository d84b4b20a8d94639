/** How many mails of services, whatever the service and their kind, may go to one mailbox: anybody can type anybody's address. */
import { DAY, type Duration } from "../time.ts";

export const MAILBOX_MAILS_MAX = 10;
export const MAILBOX_MAILS_WITHIN: Duration = DAY;

/**
 * What mails are counted by. Many providers deliver `ann+a@` and `a.n.n@` where they deliver `ann@`, and whoever wants to fill a mailbox
 * knows that; where they do not, two people share a limit that is far away.
 */
export function mailboxOf(matchKey: string): string {
  const at = matchKey.lastIndexOf("@");
  const local = matchKey.slice(0, at);
  const [untagged = ""] = local.split("+");
  // Quoted, or nothing before the tag: as it is.
  if (local.startsWith('"') || untagged === "") return matchKey;
  return untagged.replaceAll(".", "") + matchKey.slice(at);
}
