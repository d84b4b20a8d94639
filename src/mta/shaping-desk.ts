/**
 * Between shaping and the database: what operators decided comes in (at once by NOTIFY, else every few seconds), what shaping did goes
 * out: events, the state of lanes, warm-ups, where domains went. Nothing here stops a lane; without the database they go on as they know.
 */
import { randomUUID } from "node:crypto";

import type { Outage } from "../core/shaping/breakers.ts";
import type { Constraint } from "../core/shaping/restriction.ts";
import type { ShapingFiles } from "../core/shaping/rule.ts";
import { type Duration, type Instant, SECOND } from "../core/time.ts";
import {
  loadLaneStates,
  loadPins,
  loadReleases,
  loadRestrictions,
  loadSenders,
  type LaneRow,
  recordShapingEvents,
  rememberDomainSites,
  saveLanes,
  touchSender,
} from "../features/lanes/index.ts";
import { releaseOutage } from "../features/quarantine/index.ts";
import { loadOperatorRules } from "../features/shaping/index.ts";
import { loadSources } from "../features/sources/index.ts";
import { type Db, isTransientDbError } from "../platform/db.ts";
import type { ComplaintNote } from "../platform/events.ts";
import { errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { type Clock, steadyOf } from "./clock.ts";
import type { LaneState } from "./lane.ts";
import { laneFigures, type LastReply } from "./lane-figures.ts";
import { createShaper, type Shaper } from "./shaper.ts";
import type { SiteShaping } from "./site-shaping.ts";
import { createSourceBook, type SourceBook } from "./source-book.ts";
import { createWarmUpGates } from "./warm-up-gates.ts";

const READ_EVERY: Duration = 5 * SECOND;
const SAVE_EVERY: Duration = 2 * SECOND;
/** Releases by operators are asked for with some overlap: clocks of processes differ. */
const OVERLAP: Duration = 10 * SECOND;
const ROUTED_MAX = 20_000;
/** What an outage quarantined is let go again and again for so long: when it is noticed, the last of it is not committed yet. */
const RELEASE_FOR: Duration = 10 * SECOND;
const REPLY_MAX = 500;
/** Rows of one statement. */
const LANES_AT_ONCE = 1000;
const NOTHING: LaneState = { waiting: 0, connections: 0, wanting: 0, held: 0 };

export type ShapingDeskOptions = {
  readonly db: Db;
  readonly log: Log;
  readonly sender: string;
  readonly index: number;
  readonly of: number;
  readonly files: ShapingFiles;
  readonly clock: Clock;
  /** What was decided may let messages go that were put off. */
  readonly onDecided: () => void;
  readonly onGranted: () => void;
};

export type ShapingDesk = {
  readonly shaper: Shaper;
  readonly sources: SourceBook;
  /** What was decided is to be read at the next `tick`. */
  noteDecision(): void;
  noteReply(site: SiteShaping, text: string): void;
  /** Somebody complained about a message, of this sender or of another. */
  noteComplaint(note: ComplaintNote): void;
  noteRoute(domain: string, site: string, provider: string, mxHosts: readonly string[]): void;
  /** Reads and writes what is due. `lanes`: what they do, by site. */
  tick(lanes: () => ReadonlyMap<SiteShaping, LaneState>, outside: Constraint | null): Promise<void>;
  /** The last words: what is granted and not used goes back. */
  close(): Promise<void>;
};

export async function openShapingDesk(options: ShapingDeskOptions): Promise<ShapingDesk> {
  const { db, log, sender, clock } = options;
  const { now } = clock;
  const sources = createSourceBook(options.index, options.of);
  const replies = new WeakMap<SiteShaping, LastReply>();
  const saved = new Map(
    (await loadLaneStates(db, sender, now())).map((row) => [`${row.source} ${row.site}`, row.state]),
  );
  const written = new WeakMap<SiteShaping, LaneRow>();
  let routed = new Map<string, { domain: string; site: string; provider: string; mx: readonly string[] }>();
  let outages: { provider: string; site: string | null; since: Instant; until: Instant }[] = [];
  /** What the last read brought, to see what is new. */
  let knownSources = "";
  let standingUntil = new Map<string, Instant | null>();
  const released = new Map<string, Instant>();
  let isDecided = true;
  let readAt = 0;
  let savedAt = 0;
  let releasesSince = now() - OVERLAP;
  const onError = (what: string) => (error: unknown) => log.warn({ error: errorText(error) }, what);
  const gates = createWarmUpGates({ ...options, onError: onError("the warm-up of a source cannot be asked for") });

  /** Once: a lane that is forgotten later, because nothing is wrong with it, must not go back to what it was at the start. */
  const takeSaved = (source: string, site: string): unknown => {
    const key = `${source} ${site}`;
    const state = saved.get(key);
    saved.delete(key);
    return state;
  };

  const onOutage = (outage: Outage, since: Instant) => {
    log.warn(
      { provider: outage.provider, evidence: outage.evidence },
      "a provider's outage: nobody is quarantined for it",
    );
    const site = outage.scope.kind === "lane" ? outage.scope.site : null;
    outages.push({ provider: outage.provider, site, since, until: clock.steady() + RELEASE_FOR });
  };

  const shaper = createShaper({
    ...options,
    newId: randomUUID,
    warmUpOf: gates.gateOf,
    saved: takeSaved,
    onOutage,
  });

  /** Says whether something that was put off before may go now. */
  async function read(isAnnounced: boolean): Promise<boolean> {
    await touchSender(db, sender, options.index, options.of, now());
    const [operatorRules, known, senders, pins, standing, releases] = await Promise.all([
      loadOperatorRules(db),
      loadSources(db),
      loadSenders(db, now()),
      loadPins(db),
      loadRestrictions(db, now()),
      loadReleases(db, releasesSince),
    ]);
    releasesSince = now() - OVERLAP;
    const alive = senders.map(({ index }) => index);
    sources.update(known, alive);
    const restrictions = standing.map((restriction) => ({
      ...restriction,
      since: steadyOf(clock, restriction.since),
      until: restriction.until === null ? null : steadyOf(clock, restriction.until),
    }));
    const isFreer = shaper.decide({ operatorRules, pins, restrictions, releases: releases.filter(isNews) });
    const isExplained = noteStanding(standing);
    const text = JSON.stringify([known, alive]);
    const isSteered = text !== knownSources || (isAnnounced && !isFreer && !isExplained);
    knownSources = text;
    // Whatever it was that somebody changed and that cannot be seen here: it may have been a warm-up.
    if (isSteered) gates.forget();
    return isFreer || isSteered;
  }

  /** The overlap brings them again. */
  function isNews({ source, site, at }: { source: string; site: string; at: Instant }): boolean {
    for (const [key, then] of released) if (then < releasesSince - OVERLAP) released.delete(key);
    const key = `${source} ${site} ${at}`;
    const isNew = !released.has(key);
    released.set(key, at);
    return isNew;
  }

  /** Restrictions began, or ended before their time: that explains an announcement, most of which are our own. */
  function noteStanding(standing: readonly { readonly id: string; readonly until: Instant | null }[]): boolean {
    const ids = new Map(standing.map(({ id, until }) => [id, until]));
    const isMore = standing.some(({ id }) => !standingUntil.has(id));
    const isLess = [...standingUntil].some(([id, until]) => !ids.has(id) && (until === null || until > now()));
    standingUntil = ids;
    return isMore || isLess;
  }

  /** Each by itself: what one refuses must not keep the others from being written. Without a database there is nothing to try. */
  async function write(lanes: ReadonlyMap<SiteShaping, LaneState>, outside: Constraint | null): Promise<void> {
    for (const part of [writeEvents, () => writeLanes(lanes, outside), gates.write, writeRoutes, releaseOutages]) {
      try {
        await part();
      } catch (error) {
        onError("what shaping does cannot be written down")(error);
        if (isTransientDbError(error)) return;
      }
    }
  }

  async function writeEvents(): Promise<void> {
    const told = shaper.log.takeAll();
    if (told.events.length + told.ended.length === 0) return;
    try {
      await recordShapingEvents(db, sender, told.events, told.ended);
    } catch (error) {
      shaper.log.putBack(told);
      throw error;
    }
    shaper.saved(told);
    for (const { kind, scope, cause, evidence, effect, until } of told.events) {
      const level = kind === "alert" ? "warn" : kind === "restricted" ? "info" : "debug";
      log[level]({ kind, scope, rule: cause.rule, evidence, effect, until }, "shaping");
    }
  }

  async function writeRoutes(): Promise<void> {
    const sites = [...routed.values()];
    if (sites.length === 0) return;
    const written = routed;
    routed = new Map();
    try {
      await rememberDomainSites(db, sites, now());
    } catch (error) {
      routed = new Map([...written, ...routed]);
      throw error;
    }
  }

  /** After the routes: by them it is known whose the addresses are. */
  async function releaseOutages(): Promise<void> {
    const at = clock.steady();
    for (const { until: _, ...outage } of outages) await releaseOutage(db, outage, now());
    outages = outages.filter(({ until }) => until > at);
  }

  /** Only what changed, which is looked at without making texts: most lanes of many thousands do nothing. */
  async function writeLanes(lanes: ReadonlyMap<SiteShaping, LaneState>, outside: Constraint | null): Promise<void> {
    const changed: { site: SiteShaping; row: LaneRow }[] = [];
    for (const site of shaper.sites()) {
      const { source, site: name, provider } = site.place;
      const state = lanes.get(site) ?? NOTHING;
      const figures = laneFigures(site, state, replies.get(site) ?? null, outside, clock);
      const row = { source, site: name, provider, rule: site.rule().name, state: site.controller(), figures };
      if (!isSame(written.get(site), row)) changed.push({ site, row });
    }
    for (let from = 0; from < changed.length; from += LANES_AT_ONCE) {
      const some = changed.slice(from, from + LANES_AT_ONCE);
      await saveLanes(
        db,
        sender,
        some.map(({ row }) => row),
        now(),
      );
      for (const { site, row } of some) written.set(site, row);
    }
  }

  await read(false);
  return {
    shaper,
    sources,
    noteDecision: () => {
      isDecided = true;
    },
    noteReply: (site, text) => void replies.set(site, { text: text.slice(0, REPLY_MAX), at: now() }),
    noteComplaint: ({ partId, sourceId, ...at }) => {
      // What several senders send from together is weighed by one of them, each time by another.
      if (sourceId === null ? partId % options.of === options.index : sources.isBound(sourceId)) shaper.complained(at);
    },
    noteRoute: (domain, site, provider, mx) => {
      if (routed.size < ROUTED_MAX) routed.set(domain, { domain, site, provider, mx });
    },
    tick: async (lanes, outside) => {
      const steady = clock.steady();
      if (isDecided || steady - readAt >= READ_EVERY) {
        const isAnnounced = isDecided;
        isDecided = false;
        readAt = steady;
        try {
          if (await read(isAnnounced)) options.onDecided();
        } catch (error) {
          isDecided ||= isAnnounced;
          onError("what operators decided cannot be read")(error);
        }
      }
      if (clock.steady() - savedAt < SAVE_EVERY) return;
      savedAt = clock.steady();
      await write(lanes(), outside);
      void gates.giveBack(false);
    },
    close: async () => {
      await gates.giveBack(true);
      await write(new Map(), null);
    },
  };
}

/** Figures are numbers and texts; a controller that did not change is the same object. */
function isSame(before: LaneRow | undefined, row: LaneRow): boolean {
  if (before === undefined || before.state !== row.state || before.rule !== row.rule) return false;
  const [old, young] = [before.figures as Record<string, unknown>, row.figures as Record<string, unknown>];
  for (const name in young) if (old[name] !== young[name]) return false;
  return true;
}
