/** The SQL of what senders found out about sites. */
import type { Queryable } from "../../platform/db.ts";

/** MX hosts of a recipient domain as senders found them last. */
export async function findDomainMx(db: Queryable, domain: string): Promise<string[] | null> {
  const [row] = await db.query<{ mx: string[] }>("select mx from domain_sites where domain = $1", [domain]);
  return row?.mx ?? null;
}
