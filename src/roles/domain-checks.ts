/** Checks of sending domains against real DNS, for the API, the command line, doctor and analyses. */
import { hostname, networkInterfaces } from "node:os";

import { createRecordResolver } from "../adapters/dns/create-record-resolver.ts";
import type { DmarcDeps } from "../features/analysis/index.ts";
import {
  checkSendingDomain,
  createDmarcLookup,
  type DomainDeps,
  isPublicAddress,
  type SendingFacts,
} from "../features/domains/index.ts";
import type { Config } from "../platform/config.ts";
import type { Db } from "../platform/db.ts";

export function createDomainChecks(config: Config, db: Db): DomainDeps["checkDns"] {
  const resolver = createRecordResolver();
  const sending: SendingFacts = {
    way: sendingWay(config),
    host: (config.heloName ?? hostname()).toLowerCase(),
    publicUrl: config.publicUrl,
  };
  return (domain) => checkSendingDomain(db, { resolver, sending }, domain);
}

/** For analyses; null: nothing leaves the machine, so nobody applies a policy. */
export function createDmarcDeps({ transport }: Pick<Config, "transport">): DmarcDeps | null {
  if (transport !== "direct" && transport !== "relay") return null;
  return { ask: createDmarcLookup(createRecordResolver()), isRelayed: transport === "relay" };
}

/** For analyses; undefined: nothing leaves the machine. */
export function hasRelays({ transport, relays }: Pick<Config, "transport" | "relays">): boolean | undefined {
  return transport === "sandbox" ? undefined : relays.length > 0;
}

function sendingWay({ transport, relays }: Config): SendingFacts["way"] {
  if (transport === "relay") return { kind: "relay", host: relays.map(({ host }) => host).join(", ") };
  return transport === "sandbox" ? { kind: "sandbox" } : { kind: "direct", addresses: publicAddresses() };
}

/** Behind a translating router a machine does not see its public address. */
function publicAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return [...new Set(all.map(({ address }) => address).filter(isPublicAddress))];
}
