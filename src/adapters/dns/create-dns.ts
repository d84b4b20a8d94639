/**
 * What a sender asks DNS: where the mail of a domain goes (MX records, implicit MX of RFC 5321 §5.1, null MX of RFC 7505),
 * the addresses of those hosts, their TLSA records, TXT records. A domain that does not exist is told apart from servers that
 * do not answer: the first is final, the second is tried again. Nothing throws. How long what is kept: docs/dns.md.
 */
import type { TlsaAnswer } from "../../core/smtp/dane.ts";
import { DAY, type Duration, HOUR, type Instant, MINUTE, SECOND } from "../../core/time.ts";
import { canonical, type Records } from "./ask.ts";
import { createClient } from "./create-client.ts";
import type { TrustAd } from "./dns-servers.ts";
import { cachedLookup, createSlots } from "./lookup-cache.ts";
import { type AddressAnswer, lookUpAddresses } from "./look-up-addresses.ts";
import { lookUpMx, type MxAnswer } from "./look-up-mx.ts";
import { lookUpTlsa } from "./look-up-tlsa.ts";
import { resolveRecords } from "./resolve-records.ts";
import { addressCheck, canonicalAddress } from "./unusable-address.ts";

export type DnsOptions = {
  /** `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:5353`; null: those of the system. */
  readonly servers: readonly string[] | null;
  /** For one try; each server gets two. */
  readonly timeout: Duration;
  /** Networks (CIDR) that mail may go to although they are not public. */
  readonly allowedNetworks: readonly string[];
  /** Names and addresses under which this installation takes mail itself: MX records that lead here make loops. */
  readonly ownHosts: readonly string[];
  readonly ownAddresses: readonly string[];
  readonly trustAd: TrustAd;
};

export const DEFAULT_DNS_OPTIONS: DnsOptions = {
  servers: null,
  timeout: 5 * SECOND,
  allowedNetworks: [],
  ownHosts: [],
  ownAddresses: [],
  trustAd: "loopback",
};

export type Dns = {
  /** `domain` is ASCII. */
  resolveMx(domain: string): Promise<MxAnswer>;
  resolveAddresses(host: string): Promise<AddressAnswer>;
  /** For port 25. Costs no query where no server validates. */
  tlsaFor(host: string): Promise<TlsaAnswer>;
  txt(name: string): Promise<Records<string>>;
  /** Ends look-ups that are under way: they answer `unavailable` or `failed`. */
  close(): void;
};

/** Look-ups of one kind; dead domains hold a slot for 10 s and more. */
const AT_ONCE = 256;
const MAX_ENTRIES = 50_000;
/** RFC 8767 §5: what somebody who waits is ready to wait. */
const PATIENCE: Duration = 1.8 * SECOND;
const FAILURE_TTL: Duration = 30 * SECOND;

export function createDns(options: DnsOptions, now: () => Instant = () => performance.now()): Dns {
  const client = createClient({ ...options, now });
  const checkAddress = addressCheck(options.allowedNetworks);
  const ownHosts = new Set(options.ownHosts.map(canonical));
  const ownAddresses = new Set(options.ownAddresses.map(canonicalAddress));

  const cache = <A extends Kept>(lookUp: (name: string) => Promise<A>) => {
    const cached = cachedLookup<A>({
      lookUp,
      keepFor,
      maxEntries: MAX_ENTRIES,
      now,
      // Each kind has its own slots: an MX look-up that asks for addresses must not wait for its own slot.
      slots: createSlots(AT_ONCE),
      stale: { isFailure, mayGoOn: isPositive, patience: PATIENCE },
    });
    return (name: string) => cached(canonical(name));
  };
  const resolveAddresses = cache((host) => lookUpAddresses(client, host, checkAddress));
  const resolveMx = cache((domain) => lookUpMx(client, domain, { resolveAddresses, ownHosts, ownAddresses }));
  const tlsa = cache(async (host) => lookUpTlsa(client, host, await resolveAddresses(host)));
  const txt = cache((name) => lookUpTxt(name));

  const lookUpTxt = async (name: string): Promise<Records<string> & Kept> => {
    const resolved = await resolveRecords(client, name, "TXT");
    return resolved.kind === "failed" ? { ...resolved, ttl: null } : resolved;
  };
  return {
    resolveMx,
    resolveAddresses,
    tlsaFor: (host) => (client.validates() ? tlsa(host) : Promise.resolve({ kind: "none" })),
    txt,
    close: () => client.close(),
  };
}

/** `ttl`: as DNS said; null: it did not. */
type Kept = { readonly kind: string; readonly ttl: Duration | null };

const isFailure = ({ kind, ttl }: Kept): boolean => (kind === "unavailable" || kind === "failed") && ttl === null;
const isPositive = ({ kind }: Kept): boolean => kind === "found" || kind === "records";

/** RFC 2308 §5 and §7 bound what is not there and what failed. */
function keepFor(answer: Kept): Duration {
  if (isFailure(answer)) return FAILURE_TTL;
  if (isPositive(answer)) return between(30 * SECOND, answer.ttl ?? 0, DAY);
  return between(MINUTE, answer.ttl ?? 0, HOUR);
}

function between(least: Duration, value: Duration, most: Duration): Duration {
  return Math.min(Math.max(value, least), most);
}
