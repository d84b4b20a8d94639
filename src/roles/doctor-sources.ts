/** What `envoi doctor` says of sources: whether mail can leave from them here, and whether their names agree. */
import { resolve4, resolve6, reverse } from "node:dns/promises";
import { createServer } from "node:net";

import type { Source } from "../core/shaping/source.ts";
import { loadSources } from "../features/sources/index.ts";
import type { Config } from "../platform/config.ts";
import type { Db } from "../platform/db.ts";
import { errorCode, errorText } from "../platform/errors.ts";
import { parseIp } from "../platform/network.ts";
import type { Finding } from "./finding.ts";

export type NameLookUps = {
  readonly addressesOf: (name: string, family: 4 | 6) => Promise<string[]>;
  readonly namesOf: (address: string) => Promise<string[]>;
};

const SYSTEM: NameLookUps = {
  addressesOf: (name, family) => (family === 4 ? resolve4(name) : resolve6(name)),
  namesOf: reverse,
};

/** One finding for each address. Names are asked for where mail goes out by itself: a relay is greeted by its own rules. */
export async function checkSources(
  { db, config }: { readonly db: Db; readonly config: Pick<Config, "transport"> },
  lookUps: NameLookUps = SYSTEM,
): Promise<Finding[]> {
  const { sources } = await loadSources(db);
  const asked = config.transport === "direct" ? lookUps : null;
  const findings = sources.flatMap((source) =>
    [source.addressV4, source.addressV6]
      .filter((address) => address !== null)
      .map((address) => checkAddress(source, address, asked)),
  );
  return Promise.all(findings);
}

async function checkAddress(
  { name, helo, enabled }: Source,
  address: string,
  lookUps: NameLookUps | null,
): Promise<Finding> {
  const say = (level: Finding["level"], detail: string): Finding => ({ check: `source ${name}`, level, detail });
  if (!enabled) return say("ok", `${address}: disabled`);
  const problem = await bindTo(address);
  if (problem !== null) {
    return say("warning", `${address}: ${problem}; right only if the sender of this source runs elsewhere`);
  }
  if (lookUps === null) return say("ok", `${address} is an address of this machine`);
  const disagreement = await compareNames(address, helo, lookUps);
  return disagreement === null ? say("ok", `${address} and ${helo} name each other`) : say("error", disagreement);
}

/** Null: connections can be opened from it. */
function bindTo(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) =>
      resolve(errorCode(error) === "EADDRNOTAVAIL" ? "no address of this machine" : errorText(error)),
    );
    server.listen({ port: 0, host: address }, () => server.close(() => resolve(null)));
  });
}

/** Receivers want an address to have a name that leads back to it (RFC 1912 §2.1), and the greeting to be that name. */
async function compareNames(address: string, helo: string, lookUps: NameLookUps): Promise<string | null> {
  const names = await lookUps.namesOf(address).catch(noRecords);
  if (typeof names === "string") return `${address}: its reverse name cannot be asked for (${names})`;
  const greeted = names.some((name) => name.toLowerCase().replace(/\.$/, "") === helo);
  if (!greeted) {
    const found = names.length === 0 ? "has no reverse name" : `is ${names.join(", ")} in reverse`;
    return `${address} ${found} and greets as ${helo}; set its reverse name (PTR) to that at your provider`;
  }
  const addresses = await lookUps.addressesOf(helo, address.includes(":") ? 6 : 4).catch(noRecords);
  if (typeof addresses === "string") return `${helo}: its address cannot be asked for (${addresses})`;
  if (addresses.some((found) => parseIp(found)?.toString() === parseIp(address)?.toString())) return null;
  const found = addresses.length === 0 ? "no such address" : addresses.join(", ");
  return `${helo} leads to ${found} and not to ${address}; publish it in DNS`;
}

/** That there is nothing is an answer; else the reason why there is none. */
function noRecords(error: unknown): string[] | string {
  const code = errorCode(error);
  return code === "ENOTFOUND" || code === "ENODATA" ? [] : code || errorText(error);
}
