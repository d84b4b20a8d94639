/** Domains with their keys, as the API shows them. */
import type { Domain } from "../../contract/index.ts";
import type { Queryable } from "../../platform/db.ts";
import { presentKey } from "./key-record.ts";
import { listDomainNames, listKeys } from "./store.ts";

export type DomainKeys = Pick<Domain, "name" | "keys">;

/** At most `limit` domains whose names come after `after`. */
export async function listDomains(db: Queryable, after: string, limit: number): Promise<DomainKeys[]> {
  const names = await listDomainNames(db, after, limit);
  const keys = await listKeys(db, names);
  return names.map((name) => ({ name, keys: keys.filter((key) => key.domain === name).map(presentKey) }));
}

/** A domain without keys is one too. */
export async function loadDomain(db: Queryable, name: string): Promise<DomainKeys> {
  return { name, keys: (await listKeys(db, [name])).map(presentKey) };
}
