/**
 * Where a recipient domain's mail goes: the delivery's routes, then the platform's, then the transport. The answer names
 * the site (what a lane is for), its servers and the MX names that shaping rules look at.
 */
import { orderTargets, siteName, type MxTarget } from "../core/shaping/mx.ts";
import type { Trouble } from "../core/smtp/outcome.ts";
import type { Relay, Routes, Transport } from "../platform/config.ts";
import type { Target } from "./session-port.ts";

/** What DNS says; handed in by the composition root (adapters/dns). */
export type Resolver = {
  resolveMx(
    domain: string,
  ): Promise<
    | { readonly kind: "found"; readonly targets: readonly MxTarget[] }
    | { readonly kind: "no-such-domain" | "unavailable"; readonly detail: string }
  >;
  resolveAddresses(
    host: string,
  ): Promise<
    | { readonly kind: "found"; readonly addresses: readonly string[] }
    | { readonly kind: "no-address" | "unavailable"; readonly detail: string }
  >;
};

export type Destination =
  | {
      readonly kind: "site";
      readonly site: string;
      readonly mxHosts: readonly string[];
      readonly relay: Relay | null;
      /** One server for everything: what it says about us concerns the whole delivery, not one domain. */
      readonly isSmarthost: boolean;
      /** In the order to try them, drawn anew for each connection. */
      readonly targets: (random: () => number) => readonly Target[];
    }
  | { readonly kind: "failed"; readonly trouble: Extract<Trouble, "dns" | "no-such-domain">; readonly detail: string };

export type RoutingOptions = {
  readonly transport: Transport;
  readonly relay: Relay | null;
  readonly routes: Routes;
  /** Null unless the transport is the sandbox. */
  readonly sandboxRoutes: Routes | null;
  readonly resolver: Resolver;
};

const SMTP_PORT = 25;

export async function routeDomain(
  domain: string,
  deliveryRoutes: Routes,
  options: RoutingOptions,
): Promise<Destination> {
  const route = find(deliveryRoutes, domain) ?? find(options.routes, domain);
  if (route) return single(`${route.host}:${route.port}`, route.host, route.port, { isSmarthost: route.isWildcard });
  if (options.transport === "relay" && options.relay) {
    const { host, port } = options.relay;
    return single(`relay ${host}:${port}`, host, port, { isSmarthost: true, relay: options.relay });
  }
  if (options.sandboxRoutes) {
    const sandbox = find(options.sandboxRoutes, domain);
    // One simulated provider is not another, although all of them are one server.
    if (sandbox) {
      return single(`sandbox ${domain}`, sandbox.host, sandbox.port, { isSmarthost: false, name: `mx.${domain}` });
    }
  }
  return routeByMx(domain, options.resolver);
}

/** A server that somebody named, with its own login. */
export function toServer(relay: Relay): Extract<Destination, { kind: "site" }> {
  const { host, port } = relay;
  return single(`server ${host}:${port}`, host, port, { isSmarthost: true, relay });
}

async function routeByMx(domain: string, resolver: Resolver): Promise<Destination> {
  const answer = await resolver.resolveMx(domain);
  if (answer.kind !== "found") {
    return { kind: "failed", trouble: answer.kind === "unavailable" ? "dns" : "no-such-domain", detail: answer.detail };
  }
  const addresses = new Map<string, readonly string[]>();
  let detail = "";
  await Promise.all(
    answer.targets.map(async ({ host }) => {
      const found = await resolver.resolveAddresses(host);
      if (found.kind === "found") addresses.set(host, found.addresses);
      else detail = found.detail;
    }),
  );
  // A mail host without an address may be a mistake of an hour: try again later.
  if (addresses.size === 0) return { kind: "failed", trouble: "dns", detail };
  return {
    kind: "site",
    site: siteName(answer.targets),
    mxHosts: answer.targets.map(({ host }) => host),
    relay: null,
    isSmarthost: false,
    targets: (random) =>
      orderTargets(answer.targets, random).flatMap(({ host }) =>
        (addresses.get(host) ?? []).map((address) => ({ host, address, port: SMTP_PORT })),
      ),
  };
}

function find(routes: Routes, domain: string) {
  const named = Object.hasOwn(routes, domain) ? routes[domain] : undefined;
  const route = named ?? routes["*"];
  return route && { ...route, isWildcard: named === undefined };
}

type SingleOptions = { readonly isSmarthost: boolean; readonly relay?: Relay; readonly name?: string };

/** One server, known by `name` in the log. */
function single(
  site: string,
  host: string,
  port: number,
  { isSmarthost, relay, name = host }: SingleOptions,
): Extract<Destination, { kind: "site" }> {
  const targets: readonly Target[] = [{ host: name, address: name === host ? null : host, port }];
  return { kind: "site", site, mxHosts: [name], relay: relay ?? null, isSmarthost, targets: () => targets };
}
