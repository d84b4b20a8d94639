/**
 * What a sender does about limits: reactions to replies, sweeps over ratios, breakers, on the sites it knows (site-book.ts) and under the
 * restrictions that stand (standing-restrictions.ts). It tells everything it does as events (shaping-log.ts). Decisions are core/shaping's;
 * here they meet the lanes. Inside it is the steady clock.
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
import { effectiveOf } from "../core/shaping/effective.ts";
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
import type { Restriction } from "../core/shaping/restriction.ts";
import { type Outcome, replyText } from "../core/smtp/outcome.ts";
import { type Duration, type Instant, MINUTE } from "../core/time.ts";
import { dateOf } from "./clock.ts";
import { createMessageLimits } from "./message-limits.ts";
import type { SessionFacts } from "./session-port.ts";
import { createShapingLog, type ShapingLog, type Told } from "./shaping-log.ts";
import { createSiteBook, type DecidedRules, type Going, type SiteBookOptions } from "./site-book.ts";
import type { SiteShaping } from "./site-shaping.ts";
import type { SendingSource } from "./source-book.ts";
import { createStandingRestrictions } from "./standing-restrictions.ts";
import type { Task } from "./task.ts";

/** Name of the bounce rule (rules/bounces). */
const GREYLISTED = "greylisted";
const SWEEP_EVERY: Duration = MINUTE;

/** What operators and other senders decided; dates are steady instants already. */
export type Decided = DecidedRules & { readonly restrictions: readonly Restriction[] };

export type ShaperOptions = SiteBookOptions & {
  /** Unique in the installation. */
  readonly newId: () => string;
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

export function createShaper(options: ShaperOptions): Shaper {
  const { files, clock, newId } = options;
  const { steady } = clock;
  const log = createShapingLog(clock, newId);
  const reactor = createReactor(compileReactions(files.reactions, files.providers, {}));
  const ratios = createRatios();
  const breaker = createOutageBreaker();
  const standing = createStandingRestrictions(steady);
  const limits = createMessageLimits(standing, options.of, steady);
  const book = createSiteBook(options, standing, log);
  let isFirst = true;
  /** Restrictions that stand for outages, by the outage. */
  const outages = new Map<string, string>();
  let sweptAt = steady();

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
    const restricting = outages.get(key);
    if (change.kind !== "tripped") {
      outages.delete(key);
      if (restricting === undefined) return;
      standing.end(restricting);
      return log.ended(restricting, change.kind);
    }
    const restriction = restrictionOfOutage(change.outage, steady(), newId());
    outages.set(key, restriction.id);
    standing.add(restriction);
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
    if (step) for (const other of book.sitesUnder(triggered.scope)) other.step(step, reaction.name, evidence);
    const restriction = restrictionOf(triggered, place, steady(), newId());
    if (restriction) {
      standing.add(restriction);
      log.restricted(restriction, place);
    }
    if (reaction.alert || reaction.action.kind === "alert") log.alert(triggered, place);
  }

  function sweepRatios(now: Instant): void {
    for (const found of sweep(ratios, files.sweeps, now)) {
      const { sweep: rule, scope, evidence } = found;
      const step = stepOf(rule.action);
      if (step) for (const site of book.sitesUnder(scope)) site.step(step, rule.name, evidence);
      const restriction = restrictionOfSweep(found, now, newId());
      if (restriction) {
        standing.add(restriction);
        log.swept(restriction, found);
      } else if (rule.action.kind === "alert") {
        log.swept(null, found);
      }
    }
  }

  return {
    providerOf: book.providerOf,
    siteOf: book.siteOf,
    avoidedUntil: (source, going) => {
      if (standing.isEmpty()) return null;
      const { avoid, avoidUntil } = effectiveOf(standing.index(), book.placeOf(source, going), steady());
      return avoid ? avoidUntil : null;
    },
    heldUntil: (task, { place }) => limits.heldUntil(task, place),
    passed: (task, { place }) => limits.passed(task, place),
    heard,
    complained: (at) => count(ratios, "complaint", at, steady()),
    decide: (decided) => {
      const isLifted = standing.replace(decided.restrictions);
      if (isFirst) restoreOutages(breaker, standing.all(), steady());
      isFirst = false;
      return book.decide(decided) || isLifted;
    },
    saved: standing.saved,
    pump: () => {
      const now = steady();
      if (now - sweptAt < SWEEP_EVERY) return;
      sweptAt = now;
      sweepRatios(now);
      book.forgetIdle(now);
      limits.forgetOver(now);
    },
    sites: book.sites,
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
