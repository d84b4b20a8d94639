/**
 * What the restrictions that stand mean for a lane or a message. Asked at every look at a lane: the index leads from a place to its
 * own restrictions by tables, so that hundreds of them cost nothing where they do not bind.
 */
import { assertNever } from "../never.ts";
import type { Instant } from "../time.ts";
import { type Block, isWithinBlock, parseBlock } from "./address-block.ts";
import type { Place } from "./place.ts";
import type { Restriction } from "./restriction.ts";

type Table = Map<string | number, Map<string, Restriction[]>>;

export type RestrictionIndex = {
  readonly size: number;
  /** By source and site. */
  readonly lanes: Table;
  /** By provider and source; every source is the empty one. */
  readonly providers: Table;
  readonly sources: Table;
  readonly domains: Table;
  /** By domain and provider. */
  readonly dkimDomains: Table;
  readonly urlDomains: Table;
  /** By number and provider. */
  readonly deliveries: Table;
  /** By provider. */
  readonly netblocks: Map<string, { readonly block: Block; readonly restriction: Restriction }[]>;
};

export type Effective = {
  /** 0: not suspended. Infinity: until somebody ends it. */
  readonly suspendedUntil: Instant;
  /** What suspends longest; else what avoids; else what limits. */
  readonly why: Restriction | null;
  /** The source is not to be chosen there, until `avoidUntil`. */
  readonly avoid: boolean;
  readonly avoidUntil: Instant;
  /** The lowest of all that bind; null: not limited by a restriction. */
  readonly messagesPerHour: number | null;
  readonly connections: number | null;
  readonly messagesPerConnection: number | null;
  /** All that bind. */
  readonly ids: readonly string[];
};

const UNRESTRICTED: Effective = {
  suspendedUntil: 0,
  why: null,
  avoid: false,
  avoidUntil: 0,
  messagesPerHour: null,
  connections: null,
  messagesPerConnection: null,
  ids: [],
};

/** To be made anew when one begins or ends. With `now`: what began after it, by a clock that went back since, begins now. */
export function indexRestrictions(
  restrictions: readonly Restriction[],
  now: Instant = Number.POSITIVE_INFINITY,
): RestrictionIndex {
  const index: RestrictionIndex = {
    size: restrictions.length,
    lanes: new Map(),
    providers: new Map(),
    sources: new Map(),
    domains: new Map(),
    dkimDomains: new Map(),
    urlDomains: new Map(),
    deliveries: new Map(),
    netblocks: new Map(),
  };
  for (const restriction of restrictions) enter(index, rebased(restriction, now));
  return index;
}

function rebased(restriction: Restriction, now: Instant): Restriction {
  const ahead = restriction.since - now;
  if (ahead <= 0) return restriction;
  return { ...restriction, since: now, until: restriction.until === null ? null : restriction.until - ahead };
}

function enter(index: RestrictionIndex, restriction: Restriction): void {
  const { scope } = restriction;
  switch (scope.kind) {
    case "lane":
      return push(index.lanes, scope.source, scope.site, restriction);
    case "provider":
      return push(index.providers, scope.provider, scope.source ?? "", restriction);
    case "source":
      return push(index.sources, scope.source, "", restriction);
    case "domain":
      return push(index.domains, scope.domain, "", restriction);
    case "dkim-domain":
      return push(index.dkimDomains, scope.domain, scope.provider, restriction);
    case "url-domain":
      return push(index.urlDomains, scope.domain, scope.provider, restriction);
    case "delivery":
      return push(index.deliveries, scope.deliveryId, scope.provider, restriction);
    case "netblock": {
      const block = parseBlock(scope.block);
      const list = index.netblocks.get(scope.provider) ?? [];
      if (block !== null) index.netblocks.set(scope.provider, [...list, { block, restriction }]);
      return;
    }
    default:
      return assertNever(scope);
  }
}

function push(table: Table, first: string | number, second: string, restriction: Restriction): void {
  const row = table.get(first) ?? new Map<string, Restriction[]>();
  table.set(first, row);
  const list = row.get(second);
  if (list) list.push(restriction);
  else row.set(second, [restriction]);
}

/** For a lane's place only what holds for all of it; for a message's place also what holds for its delivery, domains and links. */
export function effectiveOf(index: RestrictionIndex, place: Place, now: Instant): Effective {
  if (index.size === 0) return UNRESTRICTED;
  const { source, site, provider } = place;
  let found: Restriction[] | null = null;
  const add = (list: readonly Restriction[] | undefined) => {
    for (const restriction of list ?? []) {
      if (restriction.until === null || restriction.until > now) (found ??= []).push(restriction);
    }
  };
  add(index.lanes.get(source)?.get(site));
  add(index.providers.get(provider)?.get(source));
  add(index.providers.get(provider)?.get(""));
  add(index.sources.get(source)?.get(""));
  add(netblocksOf(index, place));
  if (place.domain !== null) add(index.domains.get(place.domain)?.get(""));
  if (place.deliveryId !== null) add(index.deliveries.get(place.deliveryId)?.get(provider));
  for (const domain of place.dkimDomains) add(index.dkimDomains.get(domain)?.get(provider));
  for (const domain of place.urlDomains) add(index.urlDomains.get(domain)?.get(provider));
  return found === null ? UNRESTRICTED : combine(found);
}

function netblocksOf(index: RestrictionIndex, { provider, sourceAddress }: Place): Restriction[] | undefined {
  const blocks = index.netblocks.get(provider);
  if (blocks === undefined || sourceAddress === null) return undefined;
  const own = parseBlock(sourceAddress);
  return own === null ? undefined : blocks.filter((b) => isWithinBlock(own, b.block)).map((b) => b.restriction);
}

function combine(restrictions: readonly Restriction[]): Effective {
  const suspend = longest(restrictions.filter(({ effect }) => effect.kind === "suspend"));
  const avoid = longest(restrictions.filter(({ effect }) => effect.kind === "avoid"));
  const limits = restrictions.flatMap(({ effect }) => (effect.kind === "limit" ? [effect] : []));
  const lowest = (key: "messagesPerHour" | "connections" | "messagesPerConnection") =>
    limits.reduce<number | null>((low, limit) => {
      const value = limit[key];
      return value === null || (low !== null && low <= value) ? low : value;
    }, null);
  return {
    suspendedUntil: suspend === null ? 0 : endOf(suspend),
    why: suspend ?? avoid ?? restrictions[0] ?? null,
    avoid: avoid !== null,
    avoidUntil: avoid === null ? 0 : endOf(avoid),
    messagesPerHour: lowest("messagesPerHour"),
    connections: lowest("connections"),
    messagesPerConnection: lowest("messagesPerConnection"),
    ids: restrictions.map(({ id }) => id),
  };
}

function longest(restrictions: readonly Restriction[]): Restriction | null {
  return restrictions.reduce<Restriction | null>((a, b) => (a === null || endOf(b) > endOf(a) ? b : a), null);
}

function endOf({ until }: Restriction): Instant {
  return until ?? Number.POSITIVE_INFINITY;
}
