/**
 * Which verdicts count against an address. What a server thinks of us, of a message or of our haste says nothing about the
 * recipient; a domain that does not exist or cannot be reached does, because nobody there can be written to.
 */
import type { Verdict } from "./verdict.ts";

/** Whether an attempt that ended for good with this verdict is held against the address: at once when it is hard. */
export function countsAgainstAddress({ type, reason, scope }: Verdict): boolean {
  if (type !== "hard" && type !== "soft") return false;
  return scope === "address" || (scope === "domain" && (reason === "invalid-domain" || reason === "unreachable"));
}
