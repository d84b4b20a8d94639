/** Where domains' mail goes, for plans: the way senders take, many domains at once, and no longer than somebody wants to wait. */
import { setTimeout as wait } from "node:timers/promises";

import { createDns } from "../adapters/dns/create-dns.ts";
import { siteName } from "../core/shaping/mx.ts";
import type { LookUpSites } from "../features/plans/index.ts";
import { routeDomain, type RoutingOptions } from "../mta/routing.ts";
import type { Config, Routes } from "../platform/config.ts";
import { dnsOptions } from "./dns-options.ts";

const AT_ONCE = 50;

type Found = Awaited<ReturnType<LookUpSites>>[number];

/** Asking real DNS. Where the sandbox runs in another process nothing is asked: its domains are nobody's. */
export function openSiteLookUp(
  config: Parameters<typeof createSiteLookUp>[0] & Parameters<typeof dnsOptions>[0],
  sandboxRoutes: Routes | null,
): LookUpSites {
  if (config.transport === "sandbox" && sandboxRoutes === null) return () => Promise.resolve([]);
  return createSiteLookUp(config, sandboxRoutes, createDns(dnsOptions(config)));
}

export function createSiteLookUp(
  config: Pick<Config, "transport" | "relays" | "relayProfile" | "routes">,
  sandboxRoutes: Routes | null,
  resolver: RoutingOptions["resolver"],
): LookUpSites {
  const { transport, relays, relayProfile, routes } = config;
  // How TLS is spoken there is nothing to a plan.
  const stsPolicyFor = () => Promise.resolve(null);
  const options: RoutingOptions = { transport, relays, relayProfile, routes, sandboxRoutes, resolver, stsPolicyFor };
  return async (domains, within) => {
    const found: Found[] = [];
    const over = new AbortController();
    let next = 0;
    const work = async () => {
      for (let domain = domains[next++]; domain !== undefined && !over.signal.aborted; domain = domains[next++]) {
        const site = await siteOf(domain, options);
        if (site !== null && !over.signal.aborted) found.push(site);
      }
    };
    const all = Promise.all(Array.from({ length: Math.min(AT_ONCE, domains.length) }, work));
    const deadline = wait(within, null, { signal: over.signal }).catch(() => null);
    await Promise.race([all, deadline]);
    over.abort();
    return found;
  };
}

/** Null: it cannot be known now. */
async function siteOf(domain: string, options: RoutingOptions): Promise<Found | null> {
  const destination = await routeDomain(domain, { routes: {}, transport: "platform" }, options);
  if (destination.kind === "failed") return null;
  if (destination.kind === "site") return { domain, site: destination.site, mx: destination.mxHosts };
  // Several relays take everything: to a plan they are one site.
  const mx = destination.choices.flatMap((choice) => choice.destination.mxHosts);
  return { domain, site: siteName(mx.map((host) => ({ host, preference: 0 }))), mx };
}
