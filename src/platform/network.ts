/** Addresses and ranges of addresses, IPv4 and IPv6. */
import ipaddr from "ipaddr.js";
import { isIP } from "node:net";

export type Ip = ipaddr.IPv4 | ipaddr.IPv6;

export type Network = { readonly first: Ip; readonly bits: number };

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. Null for anything else, and for a range that does not begin at its first address. */
export function parseNetwork(text: string): Network | null {
  const [address = "", bits, ...more] = text.split("/");
  const family = address.includes("%") ? 0 : isIP(address);
  if (family === 0 || more.length > 0) return null;
  const size = family === 4 ? 32 : 128;
  const length = bits === undefined ? size : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  if (length > size) return null;
  const first = ipaddr.parse(address);
  // An IPv4 address in the shape of IPv6: visitors are looked up by the address that it holds.
  if (first instanceof ipaddr.IPv6 && first.isIPv4MappedAddress()) return null;
  const bytes = first.toByteArray();
  const beyond = bytes.some((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, length - 8 * i)))) !== 0);
  return beyond ? null : { first, bits: length };
}

/** Null for what is no address. What holds an IPv4 address (`::ffff:192.0.2.1`) is that address. */
export function parseIp(text: string): Ip | null {
  return ipaddr.isValid(text) ? ipaddr.process(text) : null;
}

export function isWithin(address: Ip, { first, bits }: Network): boolean {
  return address.kind() === first.kind() && address.match(first, bits);
}
