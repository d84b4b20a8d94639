/** How much each remote address may do: connections at once, mails in a time. An IPv6 network of 64 bits is one address. */
import ipaddr from "ipaddr.js";

export type Rates = {
  /** False: it has too many connections; `leave` is to be called all the same. */
  connect(address: string): boolean;
  leave(address: string): void;
  /** One mail; false: no more in this time. */
  take(address: string): boolean;
};

/** Addresses that are remembered; beyond it those that have no connection are forgotten. */
const REMEMBERED = 10_000;

type Entry = { connections: number; mails: number; since: number };

export function createRates(
  limits: { readonly connectionsEach: number; readonly mailsPerMinute: number },
  window: number,
  now: () => number = () => performance.now(),
): Rates {
  const entries = new Map<string, Entry>();
  const entryOf = (address: string): Entry => {
    const key = networkOf(address);
    let entry = entries.get(key);
    if (entry === undefined) {
      if (entries.size >= REMEMBERED) forgetIdle(entries);
      entry = { connections: 0, mails: 0, since: now() };
      entries.set(key, entry);
    }
    return entry;
  };
  return {
    connect: (address) => ++entryOf(address).connections <= limits.connectionsEach,
    leave: (address) => {
      const entry = entryOf(address);
      entry.connections = Math.max(0, entry.connections - 1);
    },
    take: (address) => {
      const entry = entryOf(address);
      if (now() - entry.since >= window) Object.assign(entry, { mails: 0, since: now() });
      return ++entry.mails <= limits.mailsPerMinute;
    },
  };
}

function forgetIdle(entries: Map<string, Entry>): void {
  for (const [key, { connections }] of entries) if (connections === 0) entries.delete(key);
}

function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return parsed.toByteArray().slice(0, 8).join(".");
}
