/** The match key of an address that is known to be valid, quickly: most addresses are what they are compared by, but for their case. */
import { parseAddress } from "./parse-address.ts";

/** Nothing in these needs more than lower case: no quotes, no letters beyond ASCII. */
const PLAIN = /^[!#-~]+$/;

/** Of what is no address, the text in lower case. */
export function matchKeyOf(address: string): string {
  if (PLAIN.test(address)) return address.toLowerCase();
  const parsed = parseAddress(address);
  return parsed.kind === "valid" ? parsed.matchKey : address.toLowerCase();
}
