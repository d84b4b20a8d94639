/**
 * Where the mail of a domain goes: MX records, implicit MX (RFC 5321 §5.1), null MX (RFC 7505), then addresses, through
 * c-ares. A domain that does not exist is told apart from a resolver that does not answer: the first is final, the second
 * is tried again.
 */
import { Resolver } from "node:dns/promises";
import { BlockList } from "node:net";

import type { MxTarget } from "../../core/shaping/mx.ts";
import { type Duration, type Instant, MINUTE, SECOND } from "../../core/time.ts";
import { ask, canonical } from "./ask.ts";
import { cachedLookup, createSlots } from "./lookup-cache.ts";

export type DnsOptions = {
  /** `1.2.3.4` or `1.2.3.4:5353`; null: those of the system. */
  readonly servers: readonly string[] | null;
  /** A strange domain may name this machine as its MX; only tests want mail to go there. */
  readonly allowsLoopback: boolean;
  /** For one try of two. */
  readonly timeout: Duration;
};

export const DEFAULT_DNS_OPTIONS: DnsOptions = { servers: null, allowsLoopback: false, timeout: 5 * SECOND };

type MxAnswer =
  | {
      readonly kind: "found";
      /** Not ordered; at least one. */
      readonly targets: readonly MxTarget[];
      /** The domain has no MX record and stands for itself. */
      readonly isImplicit: boolean;
    }
  /** It does not exist, or takes no mail. */
  | { readonly kind: "no-such-domain"; readonly detail: string }
  | { readonly kind: "unavailable"; readonly detail: string };

type AddressAnswer =
  /** IPv4 first. */
  | { readonly kind: "found"; readonly addresses: readonly string[] }
  | { readonly kind: "no-address"; readonly detail: string }
  | { readonly kind: "unavailable"; readonly detail: string };

export type Dns = {
  /** `domain` is ASCII. */
  resolveMx(domain: string): Promise<MxAnswer>;
  resolveAddresses(host: string): Promise<AddressAnswer>;
  /** Ends look-ups that are under way: they answer `unavailable`. */
  close(): void;
};

const TRIES = 2;
const AT_ONCE = 64;
const MAX_ENTRIES = 50_000;
const keepFor = ({ kind }: MxAnswer | AddressAnswer): Duration => (kind === "found" ? 10 * MINUTE : MINUTE);

export function createDns(options: DnsOptions, now: () => Instant = () => performance.now()): Dns {
  const resolver = new Resolver({ timeout: options.timeout, tries: TRIES });
  if (options.servers) resolver.setServers(options.servers);
  const isUsable = (address: string) => options.allowsLoopback || !isThisMachine(address);
  // Each kind has its own slots: an MX look-up that asks for addresses must not wait for its own slot.
  const common = { keepFor, maxEntries: MAX_ENTRIES, now };
  const resolveAddresses = cachedLookup<AddressAnswer>({
    ...common,
    slots: createSlots(AT_ONCE),
    lookUp: (host) => lookUpAddresses(resolver, host, isUsable),
  });
  const resolveMx = cachedLookup<MxAnswer>({
    ...common,
    slots: createSlots(AT_ONCE),
    lookUp: (domain) => lookUpMx(resolver, domain, resolveAddresses),
  });
  return {
    resolveMx: (domain) => resolveMx(canonical(domain)),
    resolveAddresses: (host) => resolveAddresses(canonical(host)),
    close: () => resolver.cancel(),
  };
}

async function lookUpMx(
  resolver: Resolver,
  domain: string,
  resolveAddresses: (host: string) => Promise<AddressAnswer>,
): Promise<MxAnswer> {
  const records = await ask(() => resolver.resolveMx(domain));
  switch (records.kind) {
    case "records":
      return mxAnswer(domain, records.records);
    case "no-such-name":
      return { kind: "no-such-domain", detail: `${domain} does not exist` };
    case "failed":
      return { kind: "unavailable", detail: `no answer about the MX of ${domain}: ${records.detail}` };
    case "no-records":
      break;
  }
  const itself = await resolveAddresses(domain);
  if (itself.kind === "unavailable") return itself;
  if (itself.kind === "found") {
    return { kind: "found", targets: [{ host: domain, preference: 0 }], isImplicit: true };
  }
  return { kind: "no-such-domain", detail: `${domain} has neither MX nor address` };
}

function mxAnswer(domain: string, records: readonly { exchange: string; priority: number }[]): MxAnswer {
  const preferences = new Map<string, number>();
  for (const { exchange, priority } of records) {
    const host = canonical(exchange);
    // RFC 7505 §3: a null MX stands alone; beside others it means nothing.
    if (host !== "") preferences.set(host, Math.min(priority, preferences.get(host) ?? priority));
  }
  if (preferences.size === 0) return { kind: "no-such-domain", detail: `${domain} takes no mail (null MX)` };
  const targets = [...preferences].map(([host, preference]) => ({ host, preference }));
  return { kind: "found", targets, isImplicit: false };
}

async function lookUpAddresses(
  resolver: Resolver,
  host: string,
  isUsable: (address: string) => boolean,
): Promise<AddressAnswer> {
  const answers = await Promise.all([ask(() => resolver.resolve4(host)), ask(() => resolver.resolve6(host))]);
  const all = answers.flatMap((answer) => (answer.kind === "records" ? answer.records : []));
  const addresses = all.filter(isUsable);
  if (addresses.length > 0) return { kind: "found", addresses };
  const failed = answers.find((answer) => answer.kind === "failed");
  if (failed) return { kind: "unavailable", detail: `no answer about the addresses of ${host}: ${failed.detail}` };
  if (all.length > 0) return { kind: "no-address", detail: `${host} is ${all.join(", ")}, which is this machine` };
  return { kind: "no-address", detail: `${host} has no address` };
}

const THIS_MACHINE = new BlockList();
THIS_MACHINE.addSubnet("127.0.0.0", 8, "ipv4");
THIS_MACHINE.addSubnet("0.0.0.0", 8, "ipv4");
THIS_MACHINE.addAddress("::1", "ipv6");
THIS_MACHINE.addAddress("::", "ipv6");

/** An IPv4-mapped IPv6 address counts as the IPv4 address it maps. */
function isThisMachine(address: string): boolean {
  return THIS_MACHINE.check(address, address.includes(":") ? "ipv6" : "ipv4");
}
