/** Addresses that a stranger's DNS may name and mail must not go to: this machine, its network, and nowhere. */
import ipaddr from "ipaddr.js";

const KINDS: Readonly<Record<string, string>> = {
  unspecified: "is no address of a machine",
  loopback: "is this machine",
  linkLocal: "is only valid on one link",
  uniqueLocal: "is private",
  private: "is private",
  carrierGradeNat: "is private",
  multicast: "is a group, no machine",
  broadcast: "is a group, no machine",
  ipv4Mapped: "is an IPv4 address in disguise",
  rfc6145: "is an IPv4 address in disguise",
  rfc6052: "is an IPv4 address in disguise",
};

export type AddressCheck = (address: string) => string | null;

/**
 * Says why mail must not go to an address; null: it may. `allowed` are networks (CIDR) of the operator that are not
 * public; it throws when one is none.
 */
export function addressCheck(allowed: readonly string[]): AddressCheck {
  const networks = allowed.map((network) => ipaddr.parseCIDR(network));
  return (text) => {
    if (!ipaddr.isValid(text)) return "is no address";
    const address = ipaddr.parse(text);
    if (networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits)))
      return null;
    const range = address.range();
    return range === "unicast" ? null : (KINDS[range] ?? "is reserved");
  };
}

/** As text can be compared: IPv6 in lower case, shortest form (RFC 5952). */
export function canonicalAddress(text: string): string {
  return ipaddr.isValid(text) ? ipaddr.parse(text).toString() : text;
}
