/** What stands against a recipient domain holds back its messages in a lane that is free for the other domains of the site. */
import type { LaneFact } from "../../core/shaping/explain.ts";
import type { Restriction } from "../../core/shaping/restriction.ts";
import type { Db } from "../../platform/db.ts";
import { findDomainSite } from "../lanes/index.ts";
import { countDomains } from "./store.ts";

/** Domains with fewer messages hold nothing up that the others do not. */
const DOMAINS_MAX = 20;

type SuspendedDomain = { readonly domain: string; readonly messages: number; readonly by: Restriction };

/** The lanes, and beside each what of it waits for a domain. `siteOf`: where the delivery's own routes lead. */
export async function splitDomains(
  db: Db,
  deliveryId: number,
  lanes: readonly LaneFact[],
  standing: readonly Restriction[],
  siteOf: (domain: string) => string | undefined,
): Promise<LaneFact[]> {
  let all = [...lanes];
  for (const held of await suspendedDomains(db, deliveryId, standing)) {
    const site = siteOf(held.domain) ?? (await findDomainSite(db, held.domain))?.site;
    const total = all.reduce((sum, lane) => sum + (lane.site === site ? lane.waiting : 0), 0);
    all = all.flatMap((lane) => (lane.site === site && total > 0 ? split(lane, held, total) : [lane]));
  }
  return all;
}

async function suspendedDomains(db: Db, id: number, standing: readonly Restriction[]): Promise<SuspendedDomain[]> {
  const by = new Map<string, Restriction>();
  for (const restriction of standing) {
    const { scope, effect } = restriction;
    if (scope.kind === "domain" && effect.kind === "suspend") by.set(scope.domain, restriction);
  }
  if (by.size === 0) return [];
  const counts = await countDomains(db, id, [...by.keys()]);
  return counts
    .flatMap(({ domain, messages }) => {
      const restriction = by.get(domain);
      return restriction ? [{ domain, messages, by: restriction }] : [];
    })
    .toSorted((one, other) => other.messages - one.messages)
    .slice(0, DOMAINS_MAX);
}

/** Sources share the messages of a domain as they share those of its site. */
function split(lane: LaneFact, { domain, messages, by }: SuspendedDomain, total: number): LaneFact[] {
  const waiting = Math.min(lane.waiting, Math.round((messages * lane.waiting) / total));
  if (lane.constraint === "suspended" || waiting === 0) return [lane];
  const held: LaneFact = {
    ...lane,
    waiting,
    constraint: "suspended",
    why: `Suspended for ${domain} by ${by.cause.rule}: ${by.evidence}`,
    until: by.until,
  };
  return waiting === lane.waiting ? [held] : [held, { ...lane, waiting: lane.waiting - waiting }];
}
