/** The envelope's return path (RFC 5321 §4.4), with the message's tag in it where bounces are to find their message again. */
import { type AddressResult, parseAddress, type ValidAddress } from "../address/parse-address.ts";

/** `local+TAG@domain`; a tag that makes the local part longer than 64 octets comes back as invalid. Null: no tag. */
export function returnPath(address: ValidAddress, tag: string | null): AddressResult {
  return tag === null ? address : parseAddress(withTag(address.envelope, tag));
}

/** Subaddressing (RFC 5233 §1), in a quoted local part before the closing quote. */
export function withTag(address: string, tag: string): string {
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  const tagged = local.endsWith('"') ? `${local.slice(0, -1)}+${tag}"` : `${local}+${tag}`;
  return tagged + address.slice(at);
}
