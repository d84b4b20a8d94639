/**
 * Between shaping and the database: what operators decided comes in (at once by NOTIFY, else every few seconds), what shaping did goes
 * out: events, the state of lanes, warm-ups, where domains went. Nothing here stops a lane; without the database they go on as they know.
 */
import { randomUUID } from "node:crypto";

import type { Outage } from "../core/shaping/breakers.ts";
import type { Constraint } from "../core/shaping/restriction.ts";
import type { ShapingFiles } from "../core/shaping/rule.ts";
import { curveOf } from "../core/shaping/warm-up.ts";
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
import { loadSources, recordWarmUp, reserveWarmUp, returnWarmUp } from "../features/sources/index.ts";
import type { Db } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { type Clock, steadyOf } from "./clock.ts";
import type { LaneState } from "./lane.ts";
import { laneFigures, type LastReply } from "./lane-figures.ts";
import { createShaper, type Shaper } from "./shaper.ts";
import type { SiteShaping } from "./site-shaping.ts";
import { createSourceBook, type SendingSource, type SourceBook } from "./source-book.ts";
import { createWarmUpGate, type WarmUpGate } from "./warm-up-gate.ts";

const READ_EVERY: Duration = 5 * SECOND;
const SAVE_EVERY: Duration = 2 * SECOND;
/** Releases by operators are asked for with some overlap: clocks of processes differ. */
const OVERLAP: Duration = 10 * SECOND;
const ROUTED_MAX = 20_000;

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
  noteRoute(domain: string, site: string, provider: string, mxHosts: readonly string[]): void;
  /** Reads and writes what is due. `lanes`: what they do, by site. */
  tick(lanes: () => ReadonlyMap<SiteShaping, LaneState>, outside: Constraint | null): Promise<void>;
  /** The last words: what is granted and not used goes back. */
  close(): Promise<void>;
};

export async function openShapingDesk(options: ShapingDeskOptions): Promise<ShapingDesk> {
  const { db, log, sender, files, clock } = options;
  const { now } = clock;
  const sources = createSourceBook(options.index, options.of);
  const gates = new Map<string, { readonly sourceId: number; readonly provider: string; readonly gate: WarmUpGate }>();
  const replies = new Map<SiteShaping, LastReply>();
  const saved = new Map(
    (await loadLaneStates(db, sender, now())).map((row) => [`${row.source} ${row.site}`, row.state]),
  );
  const written = new Map<string, string>();
  let routed = new Map<string, { domain: string; site: string; provider: string; mx: readonly string[] }>();
  let isDecided = true;
  let readAt = 0;
  let savedAt = 0;
  let releasesSince = now() - OVERLAP;
  const onError = (what: string) => (error: unknown) => log.warn({ error: errorText(error) }, what);

  const warmUpOf = (source: SendingSource, provider: string): WarmUpGate | null => {
    if (source.id === null || source.warmUp === "off") return null;
    const key = `${source.id} ${provider}`;
    const known = gates.get(key);
    if (known) return known.gate;
    const pair = { sourceId: source.id, provider };
    const curve = curveOf(files.providers.find(({ name }) => name === provider));
    const gate = createWarmUpGate({
      reserve: (want) => reserveWarmUp(db, { ...pair, curve }, want, now()),
      giveBack: (unused, grantedAt) => returnWarmUp(db, pair, unused, grantedAt),
      onError: onError("the warm-up of a source cannot be asked for"),
      onGranted: options.onGranted,
      steady: clock.steady,
      now,
    });
    gates.set(key, { ...pair, gate });
    return gate;
  };

  const onOutage = (outage: Outage, since: Instant) => {
    log.warn(
      { provider: outage.provider, evidence: outage.evidence },
      "a provider's outage: nobody is quarantined for it",
    );
    const site = outage.scope.kind === "lane" ? outage.scope.site : null;
    releaseOutage(db, { provider: outage.provider, site, since }, now()).catch(
      onError("addresses that an outage quarantined are not let go"),
    );
  };

  const shaper = createShaper({
    ...options,
    newId: randomUUID,
    warmUpOf,
    saved: (source, site) => saved.get(`${source} ${site}`),
    onOutage,
  });

  async function read(): Promise<void> {
    const since = releasesSince;
    releasesSince = now() - OVERLAP;
    const [operatorRules, known, senders, pins, standing, releases] = await Promise.all([
      loadOperatorRules(db),
      loadSources(db),
      loadSenders(db, now()),
      loadPins(db),
      loadRestrictions(db, now()),
      loadReleases(db, since),
    ]);
    sources.update(
      known,
      senders.map(({ index }) => index),
    );
    const restrictions = standing.map((restriction) => ({
      ...restriction,
      since: steadyOf(clock, restriction.since),
      until: restriction.until === null ? null : steadyOf(clock, restriction.until),
    }));
    shaper.decide({ operatorRules, pins, restrictions, releases });
  }

  async function write(lanes: ReadonlyMap<SiteShaping, LaneState>, outside: Constraint | null): Promise<void> {
    const told = shaper.log.takeAll();
    if (told.events.length + told.ended.length > 0) {
      await recordShapingEvents(db, sender, told.events, told.ended).catch((error: unknown) => {
        shaper.log.putBack(told);
        throw error;
      });
    }
    await writeLanes(lanes, outside);
    const rows = [...gates.values()].flatMap(({ gate, ...pair }) => {
      const counts = gate.takeCounts();
      return counts === null ? [] : [{ ...pair, ...counts, complaints: 0, at: now() }];
    });
    if (rows.length > 0) await recordWarmUp(db, rows);
    const sites = [...routed.values()];
    routed = new Map();
    if (sites.length > 0) await rememberDomainSites(db, sites, now());
    for (const { gate } of gates.values()) gate.giveBack(clock.steady(), false);
  }

  async function writeLanes(lanes: ReadonlyMap<SiteShaping, LaneState>, outside: Constraint | null): Promise<void> {
    const rows: LaneRow[] = [];
    const texts = new Map<string, string>();
    for (const site of shaper.sites()) {
      const { source, site: name, provider } = site.place;
      const state = lanes.get(site) ?? { waiting: 0, connections: 0, wanting: 0 };
      const figures = laneFigures(site, state, replies.get(site) ?? null, outside, clock);
      const row = { source, site: name, provider, rule: site.rule().name, state: site.controller(), figures };
      const text = JSON.stringify(row);
      const key = `${source} ${name}`;
      if (written.get(key) === text) continue;
      texts.set(key, text);
      rows.push(row);
    }
    if (rows.length === 0) return;
    await saveLanes(db, sender, rows, now());
    for (const [key, text] of texts) written.set(key, text);
  }

  await touchSender(db, sender, options.index, options.of, now());
  await read();
  return {
    shaper,
    sources,
    noteDecision: () => {
      isDecided = true;
    },
    noteReply: (site, text) => replies.set(site, { text: text.slice(0, 500), at: now() }),
    noteRoute: (domain, site, provider, mx) => {
      if (routed.size < ROUTED_MAX) routed.set(domain, { domain, site, provider, mx });
    },
    tick: async (lanes, outside) => {
      const steady = clock.steady();
      if (isDecided || steady - readAt >= READ_EVERY) {
        const wasDecided = isDecided;
        isDecided = false;
        readAt = steady;
        await touchSender(db, sender, options.index, options.of, now());
        await read();
        if (wasDecided) {
          for (const { gate } of gates.values()) gate.forget();
          options.onDecided();
        }
      }
      if (steady - savedAt < SAVE_EVERY) return;
      savedAt = steady;
      await write(lanes(), outside);
    },
    close: async () => {
      for (const { gate } of gates.values()) gate.giveBack(clock.steady(), true);
      await write(new Map(), null);
    },
  };
}
