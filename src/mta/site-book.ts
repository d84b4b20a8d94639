/**
 * The sites that a sender goes to, by source: each with the MX rule, the pin and the throttles that hold for it now. What is long idle is
 * forgotten. Inside it is the steady clock.
 */
import { assertNever } from "../core/never.ts";
import { mxRuleOf, providerOf } from "../core/shaping/match.ts";
import type { Place } from "../core/shaping/place.ts";
import type { Pin, Scope } from "../core/shaping/restriction.ts";
import type { MxRule, ShapingFiles } from "../core/shaping/rule.ts";
import { shareOf } from "../core/shaping/share.ts";
import { type Duration, HOUR, type Instant, MINUTE } from "../core/time.ts";
import type { Clock } from "./clock.ts";
import type { ShapingLog } from "./shaping-log.ts";
import { type SharedThrottle, shareThrottle } from "./shared-throttle.ts";
import { createSiteShaping, type SiteShaping } from "./site-shaping.ts";
import type { SendingSource } from "./source-book.ts";
import type { StandingRestrictions } from "./standing-restrictions.ts";
import type { WarmUpGate } from "./warm-up-gate.ts";

/** What a lane learnt is kept so long although nothing goes there. */
const REMEMBER: Duration = 12 * HOUR;
const FORGET_PRISTINE: Duration = 10 * MINUTE;
/** Sites whose provider is remembered. */
const PROVIDERS_MAX = 50_000;

/** Where a message is about to go. */
export type Going = { readonly site: string; readonly mxHosts: readonly string[] };

export type DecidedRules = {
  readonly operatorRules: readonly MxRule[];
  readonly pins: readonly Pin[];
  /** Lanes that an operator let go again, since it was asked last. */
  readonly releases: readonly { readonly source: string; readonly site: string }[];
};

export type SiteBookOptions = {
  readonly index: number;
  readonly of: number;
  readonly files: ShapingFiles;
  readonly clock: Clock;
  /** Null: the source is not in warm-up. */
  readonly warmUpOf: (source: SendingSource, provider: string) => WarmUpGate | null;
  /** States of lanes from before a restart. */
  readonly saved: (source: string, site: string) => unknown;
};

export type SiteBook = {
  readonly providerOf: (going: Going) => string;
  placeOf(source: SendingSource, going: Going): Place;
  /** Null: this sender has no share of the site's limits. */
  readonly siteOf: (source: SendingSource, going: Going) => SiteShaping | null;
  sitesUnder(scope: Scope): Iterable<SiteShaping>;
  /** New rules and pins act on running lanes at once, released lanes go. True: what was put off before may go now. */
  decide(decided: DecidedRules): boolean;
  forgetIdle(now: Instant): void;
  readonly sites: () => Iterable<SiteShaping>;
};

type Known = { readonly shaping: SiteShaping; usedAt: Instant };

export function createSiteBook(options: SiteBookOptions, standing: StandingRestrictions, log: ShapingLog): SiteBook {
  const { files } = options;
  const { steady } = options.clock;
  const sites = new Map<string, Known>();
  const groups = new Map<string, SharedThrottle>();
  const providers = new Map<string, string>();
  let rules: readonly MxRule[] = files.rules;
  let operatorRules = "[]";
  let pins = new Map<string, Pin>();

  const providerAt = ({ site, mxHosts }: Going): string => {
    let known = providers.get(site);
    if (known === undefined) providers.set(site, (known = providerOf(files.providers, mxHosts)));
    return known;
  };

  const placeOf = (source: SendingSource, going: Going): Place => ({
    source: source.key,
    sourceAddress: source.v4 ?? source.v6,
    site: going.site,
    provider: providerAt(going),
    domain: null,
    deliveryId: null,
    dkimDomains: [],
    urlDomains: [],
  });

  /** Limits are a source's own where the source is this sender's alone. What is counted together is divided in one way. */
  const shareFor = (source: SendingSource, site: string, rule: MxRule) => (limit: number) =>
    source.id !== null && !rule.isShared
      ? limit
      : shareOf(limit, options.index, options.of, rule.countedPer === "rule" ? rule.name : site);

  const groupOf = (source: SendingSource, site: string, rule: MxRule): SharedThrottle | null => {
    if (rule.countedPer === "site" && !rule.isShared) return null;
    const { origin, name, countedPer, isShared } = rule;
    const key = [origin, name, countedPer === "rule" ? "" : site, isShared ? "" : source.key].join("\n");
    let group = groups.get(key);
    if (!group) groups.set(key, (group = shareThrottle(steady())));
    return group;
  };

  function makeSite(source: SendingSource, going: Going): SiteShaping {
    const place = placeOf(source, going);
    const key = `${source.key} ${going.site}`;
    let seen: { rules: readonly MxRule[]; now: { rule: MxRule; group: SharedThrottle | null } } | null = null;
    const ruleNow = () => {
      if (seen?.rules !== rules) {
        const rule = mxRuleOf(rules, going.mxHosts, source.id);
        seen = { rules, now: { rule, group: groupOf(source, going.site, rule) } };
      }
      return seen.now;
    };
    return createSiteShaping({
      place,
      rule: ruleNow,
      restrictions: standing.index,
      pin: () => (pins.size === 0 ? null : (pins.get(key) ?? null)),
      share: (limit) => shareFor(source, going.site, ruleNow().rule)(limit),
      laneShare: (limit) => (source.id === null ? shareOf(limit, options.index, options.of, going.site) : limit),
      warmUp: options.warmUpOf(source, place.provider),
      saved: options.saved(source.key, going.site),
      onChange: (change) => log.changed(place, change),
      steady,
    });
  }

  const siteOf = (source: SendingSource, going: Going): SiteShaping | null => {
    const key = `${source.key} ${going.site}`;
    const now = steady();
    let known = sites.get(key);
    if (!known) sites.set(key, (known = { shaping: makeSite(source, going), usedAt: now }));
    known.usedAt = now;
    return known.shaping.connections(now) > 0 ? known.shaping : null;
  };

  /** Rules that stay the same stay the same objects: finding the one of a site costs something. */
  function decideRules(operators: readonly MxRule[], now: Instant): boolean {
    const text = JSON.stringify(operators);
    if (text === operatorRules) return false;
    operatorRules = text;
    rules = [...operators, ...files.rules];
    // Connections of lanes where nothing happens at the moment count under their new rule, too.
    for (const { shaping } of sites.values()) shaping.effective(now);
    return true;
  }

  function forgetIdle(now: Instant): void {
    const used = new Set<SharedThrottle | null>();
    for (const [key, { shaping, usedAt }] of sites) {
      const idle = now - usedAt;
      const isForgotten = idle > REMEMBER || (idle > FORGET_PRISTINE && shaping.isPristine());
      if (isForgotten && !shaping.isConnected()) sites.delete(key);
      else used.add(shaping.group());
    }
    for (const [key, group] of groups) if (!used.has(group)) groups.delete(key);
    if (providers.size > PROVIDERS_MAX) providers.clear();
  }

  return {
    providerOf: providerAt,
    placeOf,
    siteOf,
    sitesUnder: function* (scope) {
      for (const { shaping } of sites.values()) if (isUnder(shaping.place, scope)) yield shaping;
    },
    decide: ({ operatorRules: operators, pins: decided, releases }) => {
      const now = steady();
      let isFreer = decideRules(operators, now);
      const fixed = new Map(decided.map((pin) => [`${pin.source} ${pin.site}`, pin]));
      isFreer ||= JSON.stringify([...fixed]) !== JSON.stringify([...pins]);
      pins = fixed;
      for (const { source, site } of releases) sites.get(`${source} ${site}`)?.shaping.release(now);
      return isFreer || releases.length > 0;
    },
    forgetIdle,
    sites: function* () {
      for (const { shaping } of sites.values()) yield shaping;
    },
  };
}

function isUnder(place: Place, scope: Scope): boolean {
  switch (scope.kind) {
    case "lane":
      return place.source === scope.source && place.site === scope.site;
    case "provider":
      return (scope.source === null || place.source === scope.source) && place.provider === scope.provider;
    case "source":
      return place.source === scope.source;
    case "netblock":
    case "dkim-domain":
    case "url-domain":
    case "delivery":
      return place.provider === scope.provider;
    case "domain":
      return false;
    default:
      return assertNever(scope);
  }
}
