/**
 * Where a recipient domain's mail goes: the delivery's routes, then the platform's, then the transport. The answer names
 * the site (what a lane is for), its servers and the MX names that shaping rules look at.
 */

import { type Families, addressesFor } from "../core/shaping/mx-addresses.ts";
import { orderTargets, siteName, type MxTarget } from "../core/shaping/mx.ts";
import { type Dane, daneFor, type TlsaAnswer } from "../core/smtp/dane.ts";
import type { Trouble } from "../core/smtp/outcome.ts";
import { mxAllowed, type StsPolicy, type StsVerdict } from "../core/smtp/tls-policy.ts";
import type { RelayProfile } from "../core/delivery/next.ts";
import type { Settings } from "../contract/index.ts";
import type { Relay, Routes, Smarthost, Transport } from "../platform/config.ts";
import type { Target } from "./session-port.ts";

/** What DNS says; handed in by the composition root (adapters/dns). */
export type Resolver = {
  resolveMx(
    domain: string,
  ): Promise<
    | { readonly kind: "found"; readonly targets: readonly MxTarget[]; readonly secure: boolean }
    | { readonly kind: "no-such-domain" | "unavailable"; readonly detail: string }
  >;
  resolveAddresses(
    host: string,
  ): Promise<
    | { readonly kind: "found"; readonly addresses: readonly string[] }
    | { readonly kind: "no-address" | "unavailable"; readonly detail: string }
  >;
  tlsaFor(host: string): Promise<TlsaAnswer>;
};

/** A server with what is known about speaking TLS to it (RFC 8461, RFC 7672). */
export type RoutedTarget = Target & { readonly sts: StsVerdict; readonly dane: Dane };

type SiteDestination = {
  readonly kind: "site";
  readonly site: string;
  readonly mxHosts: readonly string[];
  readonly relay: Relay | null;
  /** What an acceptance of a relay means; null: the server is the recipient's. */
  readonly relayProfile: RelayProfile | null;
  /** One server for everything: what it says about us concerns the whole delivery, not one domain. */
  readonly isSmarthost: boolean;
  /** Domains of one site whose TLS differs cannot share connections: not empty where this one is special. */
  readonly variant: string;
  /** In the order to try them, drawn anew for each connection. */
  readonly targets: (random: () => number, families?: Families) => readonly RoutedTarget[];
};

export type Destination =
  | SiteDestination
  /** Several relays that take everything, by weight. */
  | {
      readonly kind: "smarthosts";
      readonly choices: readonly { readonly destination: SiteDestination; readonly weight: number }[];
    }
  | { readonly kind: "failed"; readonly trouble: Extract<Trouble, "dns" | "no-such-domain">; readonly detail: string };

export type RoutingOptions = {
  readonly transport: Transport;
  readonly relays: readonly Smarthost[];
  readonly relayProfile: RelayProfile;
  readonly routes: Routes;
  /** Null unless the transport is the sandbox. */
  readonly sandboxRoutes: Routes | null;
  readonly resolver: Resolver;
  /** MTA-STS policy of a recipient domain; never another domain's. */
  readonly stsPolicyFor: (domain: string) => Promise<StsPolicy | null>;
};

const SMTP_PORT = 25;
const NO_DANE: Dane = { kind: "none" };

/** What a delivery says about the way of its messages. */
export type WishedWay = { readonly routes: Routes; readonly transport: Settings["transport"] };

export async function routeDomain(domain: string, wished: WishedWay, options: RoutingOptions): Promise<Destination> {
  const route = find(wished.routes, domain) ?? find(options.routes, domain);
  if (route) return single(`${route.host}:${route.port}`, route.host, route.port, { isSmarthost: route.isWildcard });
  if (transportOf(wished, options) === "relay") return toRelays(options);
  if (options.sandboxRoutes) {
    const sandbox = find(options.sandboxRoutes, domain);
    // One simulated provider is not another, although all of them are one server.
    if (sandbox) {
      return single(`sandbox ${domain}`, sandbox.host, sandbox.port, { isSmarthost: false, name: `mx.${domain}` });
    }
  }
  return routeByMx(domain, options);
}

/** Whatever a delivery wishes, nothing gets out of the sandbox. */
function transportOf({ transport }: WishedWay, options: RoutingOptions): Transport {
  return transport === "platform" || options.transport === "sandbox" ? options.transport : transport;
}

function toRelays({ relays, relayProfile }: RoutingOptions): Destination {
  // Not by MX instead: who asks for a relay has a reason, and an operator can mend this before the validity ends.
  if (relays.length === 0) return { kind: "failed", trouble: "dns", detail: "no relay is configured (ENVOI_RELAY)" };
  const choices = relays.map((relay) => {
    const { host, port, weight } = relay;
    return {
      destination: single(`relay ${host}:${port}`, host, port, { isSmarthost: true, relay, relayProfile }),
      weight,
    };
  });
  const [only] = choices;
  return only && choices.length === 1 ? only.destination : { kind: "smarthosts", choices };
}

/** A server that somebody named, with its own login. */
export function toServer(relay: Relay): SiteDestination {
  const { host, port } = relay;
  return single(`server ${host}:${port}`, host, port, { isSmarthost: true, relay });
}

async function routeByMx(domain: string, { resolver, stsPolicyFor }: RoutingOptions): Promise<Destination> {
  const [answer, policy] = await Promise.all([resolver.resolveMx(domain), stsPolicyFor(domain)]);
  if (answer.kind !== "found") {
    return { kind: "failed", trouble: answer.kind === "unavailable" ? "dns" : "no-such-domain", detail: answer.detail };
  }
  const addresses = new Map<string, readonly string[]>();
  const danes = new Map<string, Dane>();
  let detail = "";
  await Promise.all(
    answer.targets.map(async ({ host }) => {
      const [found, tlsa] = await Promise.all([resolver.resolveAddresses(host), resolver.tlsaFor(host)]);
      if (found.kind === "found") addresses.set(host, found.addresses);
      else detail = found.detail;
      danes.set(host, daneFor(tlsa, answer.secure));
    }),
  );
  // A mail host without an address may be a mistake of an hour: try again later.
  if (addresses.size === 0) return { kind: "failed", trouble: "dns", detail };
  const isDane = [...danes.values()].some(({ kind }) => kind !== "none");
  return {
    kind: "site",
    site: siteName(answer.targets),
    mxHosts: answer.targets.map(({ host }) => host),
    relay: null,
    relayProfile: null,
    isSmarthost: false,
    variant: `${policy?.mode === "enforce" ? ` sts ${domain}` : ""}${isDane ? " dane" : ""}`,
    targets: (random, families = { v4: true, v6: true, first: "v4" }) =>
      orderTargets(answer.targets, random).flatMap(({ host }) =>
        addressesFor(addresses.get(host) ?? [], families).map((address) => ({
          host,
          address,
          port: SMTP_PORT,
          sts: mxAllowed(policy, host),
          dane: danes.get(host) ?? NO_DANE,
        })),
      ),
  };
}

function find(routes: Routes, domain: string) {
  const named = Object.hasOwn(routes, domain) ? routes[domain] : undefined;
  const route = named ?? routes["*"];
  return route && { ...route, isWildcard: named === undefined };
}

type SingleOptions = {
  readonly isSmarthost: boolean;
  readonly relay?: Relay;
  readonly relayProfile?: RelayProfile;
  readonly name?: string;
};

/** One server, known by `name` in the log. */
function single(
  site: string,
  host: string,
  port: number,
  { isSmarthost, relay, relayProfile, name = host }: SingleOptions,
): SiteDestination {
  const target = { host: name, address: name === host ? null : host, port };
  const targets: readonly RoutedTarget[] = [{ ...target, sts: "no-policy", dane: NO_DANE }];
  return {
    kind: "site",
    site,
    mxHosts: [name],
    relay: relay ?? null,
    relayProfile: relay ? (relayProfile ?? "classic") : null,
    isSmarthost,
    variant: "",
    targets: () => targets,
  };
}
