/**
 * Where a message goes from and to, as far as restrictions look at it, and which scope a reaction has there. A scope is never wider
 * than what we know of the message ourselves: a reply that names another domain or somebody else's network changes nothing.
 */
import { assertNever } from "../never.ts";
import { isWithinBlock, netblockOf, parseBlock } from "./address-block.ts";
import type { NamedObject } from "./named-object.ts";
import type { Scope, SourceKey } from "./restriction.ts";
import { OTHER_PROVIDER, type ScopeKind } from "./rule.ts";

/** A lane by itself has no domain, no delivery and empty lists. */
export type Place = {
  readonly source: SourceKey;
  /** Null: the system chooses. */
  readonly sourceAddress: string | null;
  readonly site: string;
  readonly provider: string;
  /** Of the recipient; lower case. */
  readonly domain: string | null;
  readonly deliveryId: number | null;
  /** `d=` of the signatures. */
  readonly dkimDomains: readonly string[];
  /** Host names of links as they stand in the message. */
  readonly urlDomains: readonly string[];
};

export type ReplyPlace = Place & {
  /** The address; null before RCPT. */
  readonly recipient: string | null;
  readonly messageKey: string | null;
};

/** Shorter prefixes are never restricted, whatever a reply says. */
const SHORTEST_PREFIX = { 32: 16, 128: 32 } as const;

export function laneScope({ source, site }: Pick<Place, "source" | "site">): Scope {
  return { kind: "lane", source, site };
}

/** This source at the provider. One of the many small sites that no provider names says nothing about the others: there, the lane. */
export function providerScope(place: Pick<Place, "source" | "site" | "provider">): Scope {
  const { source, provider } = place;
  return provider === OTHER_PROVIDER ? laneScope(place) : { kind: "provider", source, provider };
}

/** What a reaction with this scope is about. What the place does not know falls back to something wider, at most source and provider. */
export function scopeOf(kind: ScopeKind, place: Place, named: NamedObject | null): Scope {
  const { provider, domain, source } = place;
  switch (kind) {
    case "recipient":
    case "lane":
      return laneScope(place);
    case "provider":
      return providerScope(place);
    case "source":
      return { kind: "source", source };
    case "domain":
      return domain === null ? laneScope(place) : { kind: "domain", domain };
    case "netblock":
    case "dkim-domain":
    case "url-domain":
    case "delivery":
      return provider === OTHER_PROVIDER ? laneScope(place) : objectScope(kind, place, named);
    default:
      return assertNever(kind);
  }
}

function objectScope(
  kind: "netblock" | "dkim-domain" | "url-domain" | "delivery",
  place: Place,
  named: NamedObject | null,
): Scope {
  const { provider } = place;
  switch (kind) {
    case "netblock": {
      const block = ownNetblock(place.sourceAddress, named);
      return block === null ? providerScope(place) : { kind, block, provider };
    }
    case "dkim-domain": {
      const domain = ownDomain(place.dkimDomains, named) ?? place.dkimDomains[0];
      return domain === undefined ? providerScope(place) : { kind, domain, provider };
    }
    case "url-domain": {
      // Not named and not the only one: the delivery is what has these links together.
      const domain =
        ownDomain(place.urlDomains, named) ?? (place.urlDomains.length === 1 ? place.urlDomains[0] : undefined);
      return domain === undefined ? objectScope("delivery", place, named) : { kind, domain, provider };
    }
    case "delivery":
      return place.deliveryId === null
        ? providerScope(place)
        : { kind: "delivery", deliveryId: place.deliveryId, provider };
    default:
      return assertNever(kind);
  }
}

/** The block that the reply names if it is around our address and not absurdly wide; else the usual one. */
function ownNetblock(address: string | null, named: NamedObject | null): string | null {
  const own = address === null ? null : parseBlock(address);
  if (address === null || own === null) return null;
  const block = named?.kind === "netblock" && named.block !== null ? parseBlock(named.block) : null;
  const isOurs = block !== null && block.length >= SHORTEST_PREFIX[block.size] && isWithinBlock(own, block);
  return isOurs && named?.kind === "netblock" ? named.block : netblockOf(address);
}

/** The one of our domains that the reply names, or names a parent or child of. */
function ownDomain(domains: readonly string[], named: NamedObject | null): string | undefined {
  if (named === null || !("domain" in named) || named.domain === null) return undefined;
  const { domain } = named;
  return (
    domains.find((own) => own === domain) ??
    domains.find((own) => own.endsWith(`.${domain}`) || domain.endsWith(`.${own}`))
  );
}

/** One text for each object. Names hold no line ends. */
export function scopeKey(scope: Scope): string {
  switch (scope.kind) {
    case "lane":
      return `lane\n${scope.source}\n${scope.site}`;
    case "provider":
      return `provider\n${scope.source ?? ""}\n${scope.provider}`;
    case "source":
      return `source\n${scope.source}`;
    case "netblock":
      return `netblock\n${scope.block}\n${scope.provider}`;
    case "dkim-domain":
    case "url-domain":
      return `${scope.kind}\n${scope.domain}\n${scope.provider}`;
    case "delivery":
      return `delivery\n${scope.deliveryId}\n${scope.provider}`;
    case "domain":
      return `domain\n${scope.domain}`;
    default:
      return assertNever(scope);
  }
}
