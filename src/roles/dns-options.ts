/** How names are resolved, as the configuration says. */
import { isIP } from "node:net";

import { DEFAULT_DNS_OPTIONS, type DnsOptions } from "../adapters/dns/create-dns.ts";
import type { Config } from "../platform/config.ts";

export function dnsOptions({
  dnsServers,
  dnsValidates,
  ownHosts,
}: Pick<Config, "dnsServers" | "dnsValidates" | "ownHosts">): DnsOptions {
  return {
    ...DEFAULT_DNS_OPTIONS,
    servers: dnsServers,
    trustAd: dnsValidates,
    ownHosts: ownHosts.filter((host) => isIP(host) === 0),
    ownAddresses: ownHosts.filter((host) => isIP(host) !== 0),
  };
}
