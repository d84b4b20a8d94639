/**
 * All that a sender knows and does about limits: rules, sites, restrictions, reactions to replies, sweeps over ratios, breakers. It tells
 * everything it does as events (shaping-log.ts). Decisions are core/shaping's; here they meet the lanes. Inside it is the steady clock.
 */
import { assertNever } from "../core/never.ts";
import type { Verdict } from "../core/bounce/verdict.ts";
import { formatKey } from "../core/delivery/status.ts";
import {
  createOutageBreaker,
  type Outage,
  outageAnswer,
  outageVerdict,
  restoreOutages,
} from "../core/shaping/breakers.ts";
import { effectiveOf, indexRestrictions, type RestrictionIndex } from "../core/shaping/effective.ts";
import { shareOf } from "../core/shaping/share.ts";
import { mxRuleOf, providerOf } from "../core/shaping/match.ts";
import type { Place, ReplyPlace } from "../core/shaping/place.ts";
import { count, createRatios, sweep } from "../core/shaping/ratios.ts";
import { compileReactions, createReactor, react, type Triggered } from "../core/shaping/reactions.ts";
import {
  restrictionOf,
  restrictionOfOutage,
  restrictionOfSweep,
  stepOf,
  type Wish,
  wishOf,
} from "../core/shaping/restrict.ts";
import type { Pin, Restriction, Scope } from "../core/shaping/restriction.ts";
import type { MxRule, ShapingFiles } from "../core/shaping/rule.ts";
import { type Outcome, replyText } from "../core/smtp/outcome.ts";
import { type Duration, HOUR, type Instant, MINUTE, SECOND } from "../core/time.ts";
import type { Clock } from "./clock.ts";
import { dateOf } from "./clock.ts";
import type { SessionFacts } from "./session-port.ts";
import { createShapingLog, type ShapingLog, type Told } from "./shaping-log.ts";
import { createSiteShaping, type SharedThrottle, shareThrottle, type SiteShaping } from "./site-shaping.ts";
import type { SendingSource } from "./source-book.ts";
import type { Task } from "./task.ts";
import type { WarmUpGate } from "./warm-up-gate.ts";

/** Name of the bounce rule (rules/bounces). */
const GREYLISTED = "greylisted";
const SWEEP_EVERY: Duration = MINUTE;
/** What a lane learnt is kept so long although nothing goes there. */
const REMEMBER: Duration = 12 * HOUR;
/** What a limit on a delivery or a domain lets into lanes at once: what it allows within this time. */
const AT_ONCE: Duration = 15 * SECOND;
const FORGET_PRISTINE: Duration = 10 * MINUTE;
/** Sites whose provider is remembered. */
const PROVIDERS_MAX = 50_000;

/** What operators and other senders decided; dates are steady instants already. */
export type Decided = {
  readonly operatorRules: readonly MxRule[];
  readonly pins: readonly Pin[];
  readonly restrictions: readonly Restriction[];
  /** Lanes that an operator let go again, since it was asked last. */
  readonly releases: readonly { readonly source: string; readonly site: string }[];
};

/** Where a message is about to go. */
export type Going = { readonly site: string; readonly mxHosts: readonly string[] };

export type ShaperOptions = {
  readonly index: number;
  readonly of: number;
  readonly files: ShapingFiles;
  readonly clock: Clock;
  /** Unique in the installation. */
  readonly newId: () => string;
  /** Null: the source is not in warm-up. */
  readonly warmUpOf: (source: SendingSource, provider: string) => WarmUpGate | null;
  /** States of lanes from before a restart. */
  readonly saved: (source: string, site: string) => unknown;
  /** Addresses that a provider's outage quarantined since then (a date) are to be let go. */
  readonly onOutage: (outage: Outage, since: Instant) => void;
};

/** The verdict as shaping has it, and how long the message should wait at least (null: as usual). */
export type Heard = { readonly verdict: Verdict | null; readonly wait: Duration | null };

export type Shaper = {
  providerOf(going: Going): string;
  /** Null: this sender has no share of the site's limits. */
  siteOf(source: SendingSource, going: Going): SiteShaping | null;
  /** Until when the source is not to be used there; null: it may be. Steady. */
  avoidedUntil(source: SendingSource, going: Going): Instant | null;
  /** Until when this message has to wait for what its delivery or domain did; null: it need not. Steady. */
  heldUntil(task: Task, site: SiteShaping): Instant | null;
  /** It need not wait, and goes: it counts for limits on its delivery or domain. */
  passed(task: Task, site: SiteShaping): void;
  /** Takes note of an answer. */
  heard(site: SiteShaping, task: Task, outcome: Outcome, facts: SessionFacts, verdict: Verdict | null): Heard;
  /** Somebody complained about a message that was accepted there. */
  complained(at: Pick<Place, "source" | "site" | "provider" | "domain">): void;
  /** New rules, pins, restrictions: they act on running lanes at once. True: what was put off before may go now. */
  decide(decided: Decided): boolean;
  /** These restrictions, and these ends of them, are where `decide` gets them from. */
  saved(told: Told): void;
  /** Looks at ratios now and then, forgets what is long idle. */
  pump(): void;
  readonly sites: () => Iterable<SiteShaping>;
  readonly log: ShapingLog;
};

const ACCEPTED: Heard = { verdict: null, wait: null };

type Known = { readonly shaping: SiteShaping; usedAt: Instant };

export function createShaper(options: ShaperOptions): Shaper {
  const { files, clock, newId } = options;
  const { steady } = clock;
  const log = createShapingLog(clock, newId);
  const reactor = createReactor(compileReactions(files.reactions, files.providers, {}));
  const ratios = createRatios();
  const breaker = createOutageBreaker();
  const sites = new Map<string, Known>();
  const groups = new Map<string, SharedThrottle>();
  /** By restrictions that limit deliveries or domains: when the next message may go by them. */
  const nextAt = new Map<string, Instant>();
  const providers = new Map<string, string>();
  let rules: readonly MxRule[] = files.rules;
  let pins = new Map<string, Pin>();
  let operatorRules = "[]";
  let restrictions: readonly Restriction[] = [];
  /** Decided and ended here, and not written down yet. */
  const unsaved = new Set<string>();
  const unsavedEnds = new Set<string>();
  let isFirst = true;
  let index: RestrictionIndex = indexRestrictions([], steady());
  /** Restrictions that stand for outages, by the outage. */
  const outages = new Map<string, string>();
  let sweptAt = steady();

  const restrict = (restriction: Restriction) => {
    const now = steady();
    restrictions = [...restrictions.filter(({ until }) => until === null || until > now), restriction];
    unsaved.add(restriction.id);
    index = indexRestrictions(restrictions, steady());
  };

  const lift = (id: string) => {
    restrictions = restrictions.filter((restriction) => restriction.id !== id);
    unsavedEnds.add(id);
    index = indexRestrictions(restrictions, steady());
  };

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
      restrictions: () => index,
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

  /** What restricts the message and not its whole lane. */
  function messageLimit(task: Task, place: Place): { readonly key: string; readonly every: Duration } | Instant | null {
    const now = steady();
    const { delivery, lease } = task.part;
    const { dkimDomains, urlDomains } = delivery;
    const at = { ...place, domain: task.domain, deliveryId: lease.deliveryId, dkimDomains, urlDomains };
    const effective = effectiveOf(index, at, now);
    if (effective.suspendedUntil > now) return effective.suspendedUntil;
    const perHour = effective.messagesPerHour;
    if (perHour === null) return null;
    const lane = effectiveOf(index, place, now);
    if (perHour === lane.messagesPerHour) return null;
    const key = effective.ids.filter((id) => !lane.ids.includes(id)).join(" ");
    // It holds wherever the delivery leaves from: each sender has its part, like the speed of a delivery.
    return { key, every: (HOUR / perHour) * options.of };
  }

  function heldUntil(task: Task, { place }: SiteShaping): Instant | null {
    const limit = restrictions.length === 0 ? null : messageLimit(task, place);
    if (limit === null || typeof limit === "number") return limit;
    const now = steady();
    const ahead = (nextAt.get(limit.key) ?? now) - now;
    return ahead >= AT_ONCE ? now + ahead - AT_ONCE / 2 : null;
  }

  function passed(task: Task, { place }: SiteShaping): void {
    const limit = restrictions.length === 0 ? null : messageLimit(task, place);
    if (limit === null || typeof limit === "number") return;
    nextAt.set(limit.key, Math.max(steady(), nextAt.get(limit.key) ?? 0) + limit.every);
  }

  function noteAcceptance(site: SiteShaping, task: Task): Heard {
    const now = steady();
    const { source, site: name, provider } = site.place;
    count(ratios, "accepted", { source, site: name, provider, domain: task.domain }, now);
    site.warmUp?.note("accepted");
    hearOutage(outageAnswer(breaker, site.place, false, now), site, task);
    return ACCEPTED;
  }

  function hearOutage(change: ReturnType<typeof outageAnswer>, site: SiteShaping, task: Task): void {
    if (change === null) return;
    const { key } = change.outage;
    const standing = outages.get(key);
    if (change.kind !== "tripped") {
      outages.delete(key);
      if (standing === undefined) return;
      lift(standing);
      return log.ended(standing, change.kind);
    }
    const restriction = restrictionOfOutage(change.outage, steady(), newId());
    outages.set(key, restriction.id);
    restrict(restriction);
    log.restricted(restriction, replyPlaceOf(site, task));
    options.onOutage(change.outage, dateOf(clock, change.outage.since));
  }

  const replyPlaceOf = ({ place }: SiteShaping, task: Task): ReplyPlace => ({
    ...place,
    domain: task.domain,
    deliveryId: task.part.lease.deliveryId,
    dkimDomains: task.part.delivery.dkimDomains,
    urlDomains: task.part.delivery.urlDomains,
    recipient: task.address,
    messageKey: formatKey({ partId: task.part.lease.partId, seq: task.seq }),
  });

  function heard(site: SiteShaping, task: Task, outcome: Outcome, facts: SessionFacts, verdict: Verdict | null): Heard {
    if (outcome.kind === "accepted" || verdict === null) return noteAcceptance(site, task);
    const now = steady();
    const at = { ...site.place, domain: task.domain };
    const isUnknown = verdict.reason === "user-unknown" && verdict.type === "hard";
    if (isUnknown || (verdict.action === "fail" && verdict.scope === "address")) {
      hearOutage(outageAnswer(breaker, at, isUnknown, now), site, task);
    }
    let judged = outageVerdict(breaker, at, verdict, now);
    let wait: Duration | null = null;
    if (outcome.kind === "refused") {
      const { code, enhanced } = outcome.reply;
      const answer = { stage: outcome.stage, code, enhanced, text: replyText(outcome.reply), mx: facts.mx };
      for (const triggered of react(reactor, { answer, verdict, place: replyPlaceOf(site, task) }, now)) {
        act(triggered, site, task);
        const wish = wishOf(triggered);
        if (wish === null) continue;
        judged = wished(wish.kind, judged, triggered.reaction.name);
        if (wish.after > 0) wait = wish.after;
      }
    }
    const what = judged.action === "fail" ? "refused" : "deferred";
    site.recent.note(what, now);
    // Greylisting is said to everybody the first time; it says nothing about a source.
    if (judged.rule !== GREYLISTED) site.warmUp?.note(what);
    count(ratios, isUnknown ? "unknown" : judged.action === "fail" ? "failed" : "deferred", at, now);
    return { verdict: judged, wait };
  }

  /** What a reaction does besides what it says about the message. */
  function act(triggered: Triggered, site: SiteShaping, task: Task): void {
    const place = replyPlaceOf(site, task);
    const { reaction, evidence } = triggered;
    const step = stepOf(reaction.action);
    if (step) for (const other of sitesUnder(triggered.scope)) other.step(step, reaction.name, evidence);
    const restriction = restrictionOf(triggered, place, steady(), newId());
    if (restriction) {
      restrict(restriction);
      log.restricted(restriction, place);
    }
    if (reaction.alert || reaction.action.kind === "alert") log.alert(triggered, place);
  }

  function* sitesUnder(scope: Scope): Iterable<SiteShaping> {
    for (const { shaping } of sites.values()) {
      const { place } = shaping;
      switch (scope.kind) {
        case "lane":
          if (place.source === scope.source && place.site === scope.site) yield shaping;
          break;
        case "provider":
          if ((scope.source === null || place.source === scope.source) && place.provider === scope.provider)
            yield shaping;
          break;
        case "source":
          if (place.source === scope.source) yield shaping;
          break;
        case "netblock":
        case "dkim-domain":
        case "url-domain":
        case "delivery":
          if (place.provider === scope.provider) yield shaping;
          break;
        case "domain":
          break;
        default:
          assertNever(scope);
      }
    }
  }

  function decide(decided: Decided): boolean {
    const now = steady();
    let isFreer = decideRules(decided.operatorRules, now);
    const fixed = new Map(decided.pins.map((pin) => [`${pin.source} ${pin.site}`, pin]));
    isFreer ||= JSON.stringify([...fixed]) !== JSON.stringify([...pins]);
    pins = fixed;
    // What was decided here may not be written down yet.
    const standing = decided.restrictions.filter(({ id }) => !unsavedEnds.has(id));
    const known = new Set(standing.map(({ id }) => id));
    const isOver = ({ until }: Restriction) => until !== null && until <= now;
    isFreer ||= restrictions.some((r) => !known.has(r.id) && !unsaved.has(r.id) && !isOver(r));
    restrictions = [...standing, ...restrictions.filter((r) => unsaved.has(r.id) && !known.has(r.id) && !isOver(r))];
    const all = new Set(restrictions.map(({ id }) => id));
    for (const id of unsaved) if (!all.has(id)) unsaved.delete(id);
    index = indexRestrictions(restrictions, now);
    if (isFirst) restoreOutages(breaker, restrictions, now);
    isFirst = false;
    for (const { source, site } of decided.releases) sites.get(`${source} ${site}`)?.shaping.release(now);
    return isFreer || decided.releases.length > 0;
  }

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
    for (const [key, at] of nextAt) if (at <= now) nextAt.delete(key);
    if (providers.size > PROVIDERS_MAX) providers.clear();
  }

  function sweepRatios(now: Instant): void {
    for (const found of sweep(ratios, files.sweeps, now)) {
      const { sweep: rule, scope, evidence } = found;
      const step = stepOf(rule.action);
      if (step) for (const site of sitesUnder(scope)) site.step(step, rule.name, evidence);
      const restriction = restrictionOfSweep(found, now, newId());
      if (restriction) {
        restrict(restriction);
        log.swept(restriction, found);
      } else if (rule.action.kind === "alert") {
        log.swept(null, found);
      }
    }
  }

  return {
    providerOf: providerAt,
    siteOf,
    avoidedUntil: (source, going) => {
      if (restrictions.length === 0) return null;
      const { avoid, avoidUntil } = effectiveOf(index, placeOf(source, going), steady());
      return avoid ? avoidUntil : null;
    },
    heldUntil,
    passed,
    heard,
    complained: (at) => count(ratios, "complaint", at, steady()),
    decide,
    saved: ({ events, ended }) => {
      for (const { id } of events) unsaved.delete(id);
      for (const { id } of ended) unsavedEnds.delete(id);
    },
    pump: () => {
      const now = steady();
      if (now - sweptAt < SWEEP_EVERY) return;
      sweptAt = now;
      sweepRatios(now);
      forgetIdle(now);
    },
    sites: function* () {
      for (const { shaping } of sites.values()) yield shaping;
    },
    log,
  };
}

function wished(kind: Wish["kind"], verdict: Verdict, rule: string): Verdict {
  switch (kind) {
    case "retry":
      return { ...verdict, type: verdict.type === "hard" ? "soft" : verdict.type, action: "retry", rule };
    case "fail":
      return { ...verdict, action: "fail", rule };
    case "same-source":
      // The choice of a source is stable for a message anyway.
      return verdict;
    default:
      return assertNever(kind);
  }
}
