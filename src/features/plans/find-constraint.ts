/** Why a delivery or a message is not further: the facts from the database, the answer from core/shaping/explain.ts. */
import type { ConstraintAnswer } from "../../contract/shaping.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { formatKey, type MessageKey } from "../../core/delivery/status.ts";
import { effectiveOf, indexRestrictions, type RestrictionIndex } from "../../core/shaping/effective.ts";
import {
  byWaiting,
  explainDelivery,
  explainMessage,
  type Explanation,
  type LaneFact,
} from "../../core/shaping/explain.ts";
import type { Restriction } from "../../core/shaping/restriction.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { findDomainSite, listLanesTo, loadRestrictions, loadSenders, presentLane } from "../lanes/index.ts";
import { loadSources } from "../sources/index.ts";
import { type ChosenSource, chooseSources } from "./choose-sources.ts";
import { type DeliveryNow, findDeliveryNow, findMessageNow, isAnySending } from "./constraint-store.ts";
import { splitDomains } from "./split-domains.ts";
import { countBySite } from "./store.ts";

/** Sites with fewer messages hold nothing up that the others do not. */
const SITES_MAX = 50;

export async function findDeliveryConstraint(db: Db, id: number, now: Instant): Promise<ConstraintAnswer> {
  const row = await findDeliveryNow(db, id, now);
  if (row === null) throw appError("not-found", { what: "delivery", id });
  const { explanation, lanes } = await explain(db, row, now);
  return present(explanation, lanes);
}

export async function findMessageConstraint(db: Db, key: MessageKey, now: Instant): Promise<ConstraintAnswer> {
  const row = await findMessageNow(db, key);
  const delivery = row && (await findDeliveryNow(db, row.delivery_id, now));
  if (!row || !delivery) throw appError("not-found", { what: "message", id: formatKey(key) });
  const { explanation } = await explain(db, delivery, now);
  const lanes = await lanesOfMessage(db, delivery, row.domain ?? domainOf(row.address), now);
  const answer = explainMessage({
    now,
    status: row.status,
    relayed: row.relayed,
    validUntil: delivery.valid_until,
    nextAttemptAt: row.next_attempt_at,
    lastReply: row.last_reply,
    isLeased: row.leased,
    partDueAt: row.due_at,
    delivery: { ...explanation, state: delivery.state },
    lane: lanes.find(({ constraint }) => constraint !== "none") ?? lanes[0] ?? null,
  });
  return present(answer, lanes);
}

async function explain(
  db: Db,
  row: DeliveryNow,
  now: Instant,
): Promise<{ readonly explanation: Explanation; readonly lanes: readonly LaneFact[] }> {
  const senders = (await loadSenders(db, now)).length;
  const sources = chooseSources(row.settings, await loadSources(db), senders);
  const isOpen = row.state === "in-progress" || row.state === "pausing" || row.state === "paused";
  const sites = isOpen ? await sitesOf(db, row) : [];
  const standing = await loadRestrictions(db, now);
  const { lanes: all, acceptedLastMinute } = await loadLanes(
    db,
    row,
    sources,
    { loads: sites, standing, domain: null },
    now,
  );
  const { routes } = row.settings;
  const lanes = byWaiting(await splitDomains(db, row.id, all, standing, (domain) => routes?.[domain] ?? routes?.["*"]));
  const explanation = explainDelivery({
    now,
    state: row.state,
    holdReason: row.hold_reason,
    stoppedBy:
      row.stopped_by === null || row.stopped_at === null ? null : { actor: row.stopped_by, at: row.stopped_at },
    pending: row.pending,
    retrying: row.retrying,
    nextRetryAt: row.next_due_at,
    leasedParts: row.leased,
    senders: senders > 0 ? senders : Number(await isAnySending(db, now)),
    sources: sources.length,
    pool: row.settings.pool ?? null,
    waitingFor: row.waiting_for,
    speed: row.settings.speed ?? null,
    acceptedLastMinute,
    lanes,
  });
  return { explanation: betweenWaves(row) ?? explanation, lanes };
}

/** Nothing is due, and nobody holds anything. */
function betweenWaves({ state, leased, next_due_at: due, next_wave_at: wave }: DeliveryNow): Explanation | null {
  if (state !== "in-progress" || leased > 0 || due !== null || wave === null) return null;
  return { constraint: "none", why: `Its next wave begins at ${formatInstant(wave)}`, until: wave };
}

type Load = { readonly site: string; readonly waiting: number };

type Where = {
  readonly loads: readonly Load[];
  readonly standing: readonly Restriction[];
  /** Of the one message that is asked about. */
  readonly domain: string | null;
};

/** Where most of what is left goes. */
async function sitesOf(db: Db, { id, settings }: DeliveryNow): Promise<Load[]> {
  const everything = settings.routes?.["*"];
  const sites = await countBySite(db, id, []);
  const loads = sites.map(({ site, messages }) => ({ site: everything ?? site ?? "", waiting: messages }));
  const merged = [...Map.groupBy(loads, ({ site }) => site)].map(([site, group]) => ({
    site,
    waiting: group.reduce((sum, { waiting }) => sum + waiting, 0),
  }));
  return merged
    .filter(({ site }) => site !== "")
    .sort((a, b) => b.waiting - a.waiting)
    .slice(0, SITES_MAX);
}

async function loadLanes(
  db: Db,
  delivery: DeliveryNow,
  sources: readonly ChosenSource[],
  { loads, standing, domain }: Where,
  now: Instant,
): Promise<{ lanes: LaneFact[]; acceptedLastMinute: number }> {
  const names = new Set(sources.map(({ name }) => name));
  const known = await listLanesTo(
    db,
    loads.map(({ site }) => site),
    now,
  );
  const restrictions = indexRestrictions(standing);
  const all = known.filter(({ source }) => names.has(source)).map(presentLane);
  const waiting = new Map(loads.map((load) => [load.site, load.waiting]));
  const lanes = all.map((lane): LaneFact => {
    const { id, provider, site, source, figures } = lane;
    const own: LaneFact = {
      laneId: id,
      provider,
      site,
      source,
      waiting: shareOf(waiting.get(site) ?? 0, source, sources),
      constraint: figures.constraint,
      why: figures.why,
      until: figures.suspendedUntil === null ? null : Date.parse(figures.suspendedUntil),
    };
    return restricted(own, delivery, sources, { restrictions, domain }, now);
  });
  return {
    lanes: byWaiting(overflow(lanes)),
    acceptedLastMinute: all.reduce((sum, { figures }) => sum + figures.acceptedLastMinute, 0),
  };
}

/** What one source may not take to a site leaves from the others that may. */
function overflow(lanes: readonly LaneFact[]): LaneFact[] {
  const isShut = ({ constraint }: LaneFact) => constraint === "warm-up" || constraint === "suspended";
  return [...Map.groupBy(lanes, ({ site }) => site).values()].flatMap((group) => {
    const sum = (some: readonly LaneFact[]) => some.reduce((total, { waiting }) => total + waiting, 0);
    const open = sum(group.filter((lane) => !isShut(lane)));
    if (open === 0) return group;
    const all = sum(group);
    return group.map((lane) => ({ ...lane, waiting: isShut(lane) ? 0 : Math.round((lane.waiting * all) / open) }));
  });
}

/** Messages of a site go to the sources of a pool by weight. */
function shareOf(messages: number, source: string, sources: readonly ChosenSource[]): number {
  const all = sources.reduce((sum, { weight }) => sum + weight, 0);
  const weight = sources.find(({ name }) => name === source)?.weight ?? 0;
  return Math.round((messages * weight) / Math.max(1, all));
}

/** What stands against this delivery or its signature holds back its messages in a lane that is free for others. */
function restricted(
  lane: LaneFact,
  delivery: DeliveryNow,
  sources: readonly ChosenSource[],
  { restrictions, domain }: { readonly restrictions: RestrictionIndex; readonly domain: string | null },
  now: Instant,
): LaneFact {
  const { source, site, provider } = lane;
  const bound = effectiveOf(
    restrictions,
    {
      source,
      site,
      provider,
      sourceAddress: sources.find(({ name }) => name === source)?.address ?? null,
      domain,
      deliveryId: delivery.id,
      dkimDomains: [delivery.settings.dkim?.domain.toLowerCase() ?? domainOf(delivery.sender_address)],
      urlDomains: [],
    },
    now,
  );
  if (bound.suspendedUntil <= now || lane.constraint === "suspended") return lane;
  const by = bound.why === null ? "" : ` by ${bound.why.cause.rule}: ${bound.why.evidence}`;
  const until = bound.suspendedUntil === Infinity ? null : bound.suspendedUntil;
  return { ...lane, constraint: "suspended", why: `Suspended${by}`, until };
}

async function lanesOfMessage(db: Db, delivery: DeliveryNow, domain: string, now: Instant): Promise<LaneFact[]> {
  const route = delivery.settings.routes?.[domain] ?? delivery.settings.routes?.["*"];
  const site = route ?? (await findDomainSite(db, domain))?.site;
  if (site === undefined) return [];
  const sources = chooseSources(delivery.settings, await loadSources(db), (await loadSenders(db, now)).length);
  const where = { loads: [{ site, waiting: 1 }], standing: await loadRestrictions(db, now), domain };
  return (await loadLanes(db, delivery, sources, where, now)).lanes;
}

function domainOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed.kind === "valid" ? parsed.domain : "";
}

function present({ constraint, why, until }: Explanation, lanes: readonly LaneFact[]): ConstraintAnswer {
  return {
    constraint,
    why,
    until: until === null ? null : formatInstant(until),
    lanes: lanes.map((lane) => ({ ...lane, until: lane.until === null ? null : formatInstant(lane.until) })),
  };
}
