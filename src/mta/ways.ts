/**
 * Which way a message can take: its destination, and the source for it. Domains for which there was none are remembered for a while, so that
 * no more of their messages are leased.
 */
import { formatKey } from "../core/delivery/status.ts";
import { chooseSource } from "../core/shaping/choose-source.ts";
import { type Duration, type Instant, MINUTE, SECOND } from "../core/time.ts";
import { errorText } from "../platform/errors.ts";
import { type Clock, dateOf, steadyOf } from "./clock.ts";
import type { HeldPart } from "./held-part.ts";
import { type Destination, routeDomain, type RoutingOptions } from "./routing.ts";
import { canReach } from "./session-options.ts";
import type { Shaper } from "./shaper.ts";
import type { SiteShaping } from "./site-shaping.ts";
import type { SendingSource, SourceBook } from "./source-book.ts";
import type { Task } from "./task.ts";
import { keyOf } from "./task-of.ts";

/** Another sender has this one's share of the site: give it time to take the part. */
const NO_SHARE_FOR: Duration = 5 * SECOND;
/** No source can be used: an operator has to do something, or a restriction has to end. */
const NO_SOURCE_FOR: Duration = 30 * SECOND;
/** Longest that a message is put off without another look: what held it up may be undone. */
export const PUT_OFF_MAX: Duration = 2 * MINUTE;
const DESTINATION_FOR: Duration = MINUTE;
const DESTINATIONS_MAX = 20_000;

export type Site = Extract<Destination, { kind: "site" }>;

export type Way =
  | { readonly kind: "way"; readonly source: SendingSource; readonly shaping: SiteShaping }
  /** A date. `isOwn`: it is this delivery that is restricted, and others may go there. */
  | { readonly kind: "later"; readonly until: Instant; readonly isOwn: boolean };

export type WaysOptions = {
  readonly routing: RoutingOptions;
  readonly shaper: Shaper;
  readonly sources: SourceBook;
  /** Where a recipient domain went: for plans. */
  readonly onRouted: (domain: string, site: string, provider: string, mxHosts: readonly string[]) => void;
  readonly clock: Clock;
};

type Wished = Pick<HeldPart["delivery"], "id" | "wish">;

export type Ways = {
  /** Never throws. */
  destinationOf(task: Task): Promise<Destination>;
  /** The relay that is well and whose turn it is; the same for a message as long as it is well. */
  chooseSmarthost(task: Task, destination: Extract<Destination, { kind: "smarthosts" }>): Site;
  /** The source for it; or from which date on there may be one. */
  choose(task: Task, destination: Site): Way;
  /** New leases should leave the domain of this message alone until then (a date). */
  avoid(task: Task, until: Instant, isOwn?: boolean): void;
  avoidedDomains(delivery: Wished): string[];
  forgetAvoided(): void;
};

export function createWays({ routing, shaper, sources, onRouted, clock }: WaysOptions): Ways {
  const destinations = new Map<string, { until: Instant; destination: Promise<Destination> }>();
  /** By wish and domain, until a steady instant: a wall clock that jumps back must not keep anybody out for a day. */
  const avoided = new Map<string, Instant>();

  function destinationOf(task: Task): Promise<Destination> {
    const { routes, transport } = task.part.delivery;
    const owner = Object.keys(routes).length > 0 ? task.part.lease.deliveryId : transport;
    const key = `${owner} ${task.domain}`;
    const known = destinations.get(key);
    if (known && known.until > clock.steady()) return known.destination;
    const destination = routeDomain(task.domain, { routes, transport }, routing).catch(unexpected);
    destinations.set(key, { until: clock.steady() + DESTINATION_FOR, destination });
    void destination.then((found) => {
      // What one delivery wishes says nothing about where the domain's mail goes.
      if (found.kind === "site" && transport === "platform")
        onRouted(task.domain, found.site, shaper.providerOf(found), found.mxHosts);
    });
    if (destinations.size > DESTINATIONS_MAX) destinations.delete(destinations.keys().next().value ?? "");
    return destination;
  }

  function chooseSmarthost(task: Task, { choices }: Extract<Destination, { kind: "smarthosts" }>): Site {
    const isWell = (site: Site) => {
      const source = sources.candidates(task.part.delivery.wish)[0];
      const shaping = source && shaper.siteOf(source, site);
      return shaping === null || shaping === undefined || shaping.suspendedUntil(clock.steady()) <= clock.steady();
    };
    const members = choices.map(({ weight }, source) => ({ source, weight }));
    const choose = (mayUse: (site: Site) => boolean) => {
      const number = chooseSource({ members }, formatKey(keyOf(task)), (i) => {
        const choice = choices[i];
        return choice !== undefined && mayUse(choice.destination);
      });
      return number === null ? undefined : choices[number]?.destination;
    };
    const chosen = choose(isWell) ?? choose(() => true);
    if (!chosen) throw new Error("a choice of relays without relays");
    return chosen;
  }

  function choose(task: Task, destination: Site): Way {
    const steady = clock.steady();
    let until: Instant | null = null;
    let isOwn = false;
    const source = sources.choose(task.part.delivery.wish, task.matchKey, (candidate) => {
      const blocked = blockedUntil(candidate, destination, steady);
      const held = blocked === null ? heldUntil(task, candidate, destination) : null;
      isOwn ||= held !== null;
      const later = blocked ?? held;
      if (later !== null) until = Math.min(until ?? Number.POSITIVE_INFINITY, later);
      return blocked === null && held === null;
    });
    const shaping = source && shaper.siteOf(source, destination);
    if (source && shaping) return { kind: "way", source, shaping };
    return { kind: "later", until: dateOf(clock, until ?? steady + NO_SOURCE_FOR), isOwn };
  }

  /** Steady; null: nothing that the message is part of is restricted there. */
  function heldUntil(task: Task, source: SendingSource, destination: Site): Instant | null {
    const site = shaper.siteOf(source, destination);
    return site && shaper.heldUntil(task, site);
  }

  /** Steady; null: this source can take messages there now. */
  function blockedUntil(source: SendingSource, destination: Site, steady: Instant): Instant | null {
    const avoidedUntil = shaper.avoidedUntil(source, destination);
    if (avoidedUntil !== null && avoidedUntil > steady) return avoidedUntil;
    const site = shaper.siteOf(source, destination);
    if (site === null) return steady + NO_SHARE_FOR;
    const suspended = site.suspendedUntil(steady);
    if (suspended > steady) return suspended;
    const exhausted = site.warmUp?.exhaustedUntil(steady) ?? null;
    if (exhausted !== null) return exhausted;
    // A source without an address of the site's families cannot reach it.
    return canReach(destination, source, site.rule()) ? null : steady + NO_SOURCE_FOR;
  }

  return {
    destinationOf,
    chooseSmarthost,
    choose,
    avoid: (task, until, isOwn = false) => {
      // What is in the way may end before its time, and not all that ends is told.
      const end = Math.min(until, clock.now() + PUT_OFF_MAX);
      const { delivery } = task.part;
      avoided.set(`${isOwn ? keyOfOwn(delivery) : keyOfWish(delivery)}${task.domain}`, steadyOf(clock, end));
    },
    avoidedDomains: (delivery) => {
      const prefixes = [keyOfWish(delivery), keyOfOwn(delivery)];
      const domains: string[] = [];
      for (const [key, until] of avoided) {
        if (until <= clock.steady()) avoided.delete(key);
        const prefix = prefixes.find((start) => key.startsWith(start));
        if (prefix !== undefined && avoided.has(key)) domains.push(key.slice(prefix.length));
      }
      return domains;
    },
    forgetAvoided: () => avoided.clear(),
  };
}

function keyOfWish({ wish: { pool, source } }: Wished): string {
  return `${source ?? ""}\n${pool ?? ""}\n`;
}

function keyOfOwn({ id }: Wished): string {
  return `${id}\n\n\n`;
}

/** A mistake of ours must not cost the message: it is tried again, and the log says why. */
function unexpected(error: unknown): Destination {
  return { kind: "failed", trouble: "dns", detail: `unexpected: ${errorText(error)}` };
}
