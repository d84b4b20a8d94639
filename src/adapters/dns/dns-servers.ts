/**
 * The DNS servers to ask, in which order, and whose word about DNSSEC counts. One that stays silent several times in a row goes to
 * the end for a while; when all are in trouble, the system is asked whether it knows others by now (another network).
 */
import { Resolver } from "node:dns";
import { BlockList, isIPv6 } from "node:net";

import { type Duration, type Instant, SECOND } from "../../core/time.ts";

export type Server = {
  readonly address: string;
  readonly port: number;
  /** It validates, and nobody sits between it and us (RFC 7672 §2.1.1). */
  readonly isTrusted: boolean;
};

/**
 * Whose AD bit is believed. `loopback`: of a server on this machine; `always`: of all of them, for operators whose way to
 * the server is safe too; `never`: of none, which switches DANE off.
 */
export type TrustAd = "loopback" | "always" | "never";

export type Servers = {
  /** Best first. One that rested may be first for one question, which finds out whether it is back. */
  inOrder(): readonly Server[];
  /** Whether one of them is trusted. */
  validates(): boolean;
  answered(server: Server): void;
  wasSilent(server: Server): void;
};

const DNS_PORT = 53;
/** As many as resolv.conf can name. */
const MAX_SERVERS = 3;
const SILENT_TIMES = 3;
const REST: Duration = 30 * SECOND;

/** `configured`: as Node writes them (`192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:5353`); null: those of the system. */
export function createServers(configured: readonly string[] | null, trustAd: TrustAd, now: () => Instant): Servers {
  let servers = read(configured, trustAd);
  let readAt = now();
  const silence = new Map<string, { times: number; until: Instant }>();
  const isResting = (server: Server) => (silence.get(keyOf(server))?.until ?? -Infinity) > now();

  const isFirst = (server: Server): boolean => {
    const known = silence.get(keyOf(server));
    if (!known || known.times < SILENT_TIMES) return true;
    if (known.until > now()) return false;
    silence.set(keyOf(server), { ...known, until: now() + REST });
    return true;
  };

  return {
    inOrder: () => {
      if (configured === null && servers.every(isResting) && now() - readAt >= REST) {
        servers = read(null, trustAd);
        readAt = now();
      }
      const first = servers.filter(isFirst);
      return [...first, ...servers.filter((server) => !first.includes(server))];
    },
    validates: () => servers.some(({ isTrusted }) => isTrusted),
    answered: (server) => void silence.delete(keyOf(server)),
    wasSilent: (server) => {
      const times = (silence.get(keyOf(server))?.times ?? 0) + 1;
      silence.set(keyOf(server), { times, until: times >= SILENT_TIMES ? now() + REST : -Infinity });
    },
  };
}

const keyOf = ({ address, port }: Server) => `${address} ${port}`;

/**
 * Once there is a server whose validation counts, no other is asked: an attacker who makes it fail would otherwise choose
 * who answers.
 */
function read(configured: readonly string[] | null, trustAd: TrustAd): readonly Server[] {
  // Asked anew, it reads the system's configuration anew; given names, it refuses what is none.
  const resolver = new Resolver();
  if (configured) resolver.setServers(configured);
  const all = resolver.getServers().map((text) => parse(text, trustAd));
  const trusted = all.filter(({ isTrusted }) => isTrusted);
  return (trusted.length > 0 ? trusted : all).slice(0, MAX_SERVERS);
}

function parse(text: string, trustAd: TrustAd): Server {
  const withPort = /^\[(.+)\]:(\d+)$/.exec(text) ?? (isIPv6(text) ? null : /^(.+):(\d+)$/.exec(text));
  const address = withPort?.[1] ?? text;
  const isTrusted = trustAd === "always" || (trustAd === "loopback" && isOnThisMachine(address));
  return { address, port: withPort ? Number(withPort[2]) : DNS_PORT, isTrusted };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");
/** Docker's: it passes on what servers outside say, AD bit and all. */
const FORWARDER = "127.0.0.11";

function isOnThisMachine(address: string): boolean {
  return address !== FORWARDER && LOOPBACK.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
