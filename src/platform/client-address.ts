/** Who counts as one client: an IPv4 address, or the /64 that a network hands to one customer in IPv6 (RFC 6177). */
import ipaddr from "ipaddr.js";

import { parseIp } from "./network.ts";

export function clientAddress(ip: string): string {
  const address = parseIp(ip.split("%")[0] ?? ip);
  if (!(address instanceof ipaddr.IPv6)) return address?.toString() ?? ip;
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}
