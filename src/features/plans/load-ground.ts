/** Everything that a plan is made from, read in a handful of statements whose cost follows domains and sites, never messages. */
import type { Settings } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { weightOf } from "../../core/delivery/priority.ts";
import { validityFrom } from "../../core/delivery/validity.ts";
import { indexRestrictions } from "../../core/shaping/effective.ts";
import { providerOf } from "../../core/shaping/match.ts";
import type { PlanAllowance, PlanInput } from "../../core/shaping/plan-input.ts";
import type { Provider, ShapingFiles } from "../../core/shaping/rule.ts";
import { curveOf, hourlyAllowance } from "../../core/shaping/warm-up.ts";
import { DAY, HOUR, MINUTE, parseDuration, readInstant, SECOND, type Duration, type Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { loadPins, loadRestrictions, loadSenders, type DomainSite } from "../lanes/index.ts";
import { loadSettings } from "../settings/index.ts";
import { loadOperatorRules } from "../shaping/index.ts";
import { loadSources, loadWarmUps } from "../sources/index.ts";
import { type ChosenSource, chooseSources } from "./choose-sources.ts";
import { type Acceptance, groupSites, laneKey, type SiteLoad } from "./group-sites.ts";
import * as store from "./store.ts";

/** Where these domains' mail goes, of what was found within the time. */
export type LookUpSites = (
  domains: readonly string[],
  within: Duration,
) => Promise<readonly Pick<DomainSite, "domain" | "site" | "mx">[]>;

export type PlanDeps = {
  readonly files: Pick<ShapingFiles, "providers" | "rules">;
  readonly lookUpSites: LookUpSites;
  /** Keeps what was found for the next plan. */
  readonly remember: (rows: readonly DomainSite[]) => Promise<void>;
};

/** A sender makes and signs some 3,000 messages a second on a quiet machine (bench/README.md); half of it is what to count on. */
const MESSAGES_PER_SECOND = 1500;
const LOOK_UP_FOR: Duration = 2 * SECOND;
const LOOK_UP_MAX = 1000;
/** Where nothing is known: a round trip or two, and a server that thinks about it. */
const SECONDS_PER_MESSAGE = 0.5;
/** Fewer answers say nothing about a provider. */
const ENOUGH_ANSWERS = 20;
/** The middle of the first wait (core/delivery/retry-plan.ts). */
const FIRST_RETRY_AFTER: Duration = 7.5 * MINUTE;
/** Where mail goes that nobody knows the site of: no provider, and no rule but the last, is for it. */
const UNKNOWN_SITE = "";
const UNKNOWN_MX: readonly string[] = [""];

export async function loadGround(
  db: Queryable,
  delivery: store.PlannedDeliveryRow,
  deps: PlanDeps,
  now: Instant,
): Promise<PlanInput> {
  const { settings } = delivery;
  const senders = await loadSenders(db, now);
  const sources = chooseSources(settings, await loadSources(db), senders.length);
  const acceptance = acceptanceBy(deps.files.providers, await store.sampleAttempts(db));
  const lanes = await store.loadLanesNow(
    db,
    sources.map(({ name }) => name),
    now,
  );
  const loads = await loadLoads(db, delivery, deps);
  const { groups, throttles } = groupSites(
    {
      ...deps.files,
      rules: [...(await loadOperatorRules(db)), ...deps.files.rules],
      sources,
      restrictions: indexRestrictions(await loadRestrictions(db, now)),
      lanes: new Map(lanes.map((lane) => [laneKey(lane.source, lane.site), lane])),
      pins: new Map((await loadPins(db)).map((pin) => [laneKey(pin.source, pin.site), pin])),
      deliveryId: delivery.id,
      dkimDomains: [settings.dkim?.domain.toLowerCase() ?? domainOf(delivery.sender_address)],
      acceptanceOf: (provider) =>
        acceptance.get(provider) ?? { deferredFirst: 0, secondsPerMessage: SECONDS_PER_MESSAGE },
      now,
    },
    loads,
  );
  const providers = new Set(groups.map(({ provider }) => provider));
  const startAt = delivery.started_at === null ? Math.max(now, delivery.start_at ?? now) : now;
  const waves = await store.listWaves(db, delivery.id);
  return {
    startAt,
    waves: waves.map(({ starts_at: at, after_ms: after, messages }) => ({
      at: Math.max(startAt, at ?? startAt + after),
      messages,
    })),
    validUntil: delivery.valid_until ?? startAt + (await validityOf(db, settings, startAt)),
    speed: settings.speed ?? null,
    weight: weightOf(settings.priority),
    cpuPerHour: (Math.max(1, senders.length) * MESSAGES_PER_SECOND * HOUR) / SECOND,
    firstRetryAfter: FIRST_RETRY_AFTER,
    sources,
    throttles,
    allowances: await loadAllowances(db, sources, deps.files.providers, [...providers], { now, startAt }),
    groups,
  };
}

function domainOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed.kind === "valid" ? parsed.domain : "";
}

async function validityOf(db: Queryable, settings: Partial<Settings>, start: Instant): Promise<Duration> {
  const { validityCap } = await loadSettings(db);
  const period = parseDuration(settings.validity ?? "5d") ?? 0;
  const until = readInstant(settings.validUntil ?? "");
  return Math.max(0, validityFrom({ period, until }, parseDuration(validityCap) ?? 0, start));
}

/** Messages of the delivery and of all others, by site. */
async function loadLoads(db: Queryable, delivery: store.PlannedDeliveryRow, deps: PlanDeps): Promise<SiteLoad[]> {
  const loads = new Map<string, SiteLoad>();
  const loadOf: LoadOf = (site, mx, sites = 1) => {
    const known = loads.get(site);
    if (known) return known;
    const load: SiteLoad = { site, sites, mx, messages: 0, notLookedUp: 0, others: new Map() };
    loads.set(site, load);
    return load;
  };
  const routes = new Map(Object.entries(delivery.settings.routes ?? {}));
  const routed = [...routes.keys()].filter((domain) => domain !== "*");
  for (const { domain, messages } of await store.countDomains(db, delivery.id, routed)) {
    const target = routes.get(domain) ?? "";
    loadOf(target, [hostOf(target)]).messages += messages;
  }
  const everything = routes.get("*");
  for (const row of await store.countBySite(db, delivery.id, routed)) {
    const { site, mx, messages } = row;
    if (everything !== undefined) loadOf(everything, [hostOf(everything)]).messages += messages;
    else if (site !== null) loadOf(site, mx ?? UNKNOWN_MX).messages += messages;
    else await addUnknown(db, delivery.id, { ...row, except: routed }, deps, loadOf);
  }
  for (const { delivery: id, priority, site, mx, domains, messages } of await store.countBacklog(db, delivery.id)) {
    const load = site === null ? loadOf(UNKNOWN_SITE, UNKNOWN_MX, domains) : loadOf(site, mx ?? UNKNOWN_MX);
    load.others.set(id, { weight: weightOf(priority ?? undefined), messages });
  }
  return [...loads.values()];
}

type LoadOf = (site: string, mx: readonly string[], sites?: number) => SiteLoad;

/** Of `host:port`. */
function hostOf(target: string): string {
  return target.replace(/:\d+$/, "");
}

/** Domains that nobody was at: the largest are looked up, the others are planned as so many sites that no provider has. */
async function addUnknown(
  db: Queryable,
  deliveryId: number,
  unknown: { readonly domains: number; readonly messages: number; readonly except: readonly string[] },
  deps: PlanDeps,
  loadOf: LoadOf,
): Promise<void> {
  const largest = await store.listUnknownDomains(db, deliveryId, unknown.except, LOOK_UP_MAX);
  const asked = largest.map(({ domain }) => domain);
  const found = new Map((await deps.lookUpSites(asked, LOOK_UP_FOR)).map((row) => [row.domain, row]));
  await deps.remember(
    [...found.values()].map((row) => ({ ...row, provider: providerOf(deps.files.providers, row.mx) })),
  );
  let { messages: left, domains } = unknown;
  for (const { domain, messages } of largest) {
    const row = found.get(domain);
    if (!row) continue;
    loadOf(row.site, row.mx).messages += messages;
    left -= messages;
    domains--;
  }
  if (left <= 0) return;
  const rest = loadOf(UNKNOWN_SITE, UNKNOWN_MX, Math.max(1, domains));
  rest.messages += left;
  rest.notLookedUp += left;
}

/** What providers did with messages lately; too few answers say nothing. */
function acceptanceBy(
  providers: readonly Provider[],
  samples: readonly store.Accepted[],
): ReadonlyMap<string, Acceptance> {
  const groups = Map.groupBy(samples, ({ mx }) => providerOf(providers, [mx]));
  const known = new Map<string, Acceptance>();
  for (const [provider, rows] of groups) {
    const sum = (of: (row: store.Accepted) => number) => rows.reduce((total, row) => total + of(row), 0);
    const accepted = sum((row) => row.accepted);
    const firsts = sum((row) => row.firsts);
    if (accepted < ENOUGH_ANSWERS) continue;
    known.set(provider, {
      deferredFirst: firsts === 0 ? 0 : sum((row) => row.deferred) / firsts,
      secondsPerMessage: sum((row) => (row.seconds ?? 0) * row.accepted) / accepted,
    });
  }
  return known;
}

/** Sources in warm-up at the providers of the delivery; pairs that have not begun are at their first day. */
async function loadAllowances(
  db: Queryable,
  sources: readonly ChosenSource[],
  providers: readonly Provider[],
  names: readonly string[],
  { now, startAt }: { readonly now: Instant; readonly startAt: Instant },
): Promise<PlanAllowance[]> {
  const cold = sources.flatMap((source, index) =>
    source.id !== null && source.warmUp === "automatic" ? [{ index, id: source.id }] : [],
  );
  if (cold.length === 0) return [];
  const curveFor = (name: string) => curveOf(providers.find((provider) => provider.name === name));
  const today = new Map((await loadWarmUps(db, curveFor, now)).map((row) => [`${row.sourceId} ${row.provider}`, row]));
  return cold.flatMap(({ index, id }) =>
    names.flatMap((provider) => {
      const curve = curveFor(provider);
      const step = today.get(`${id} ${provider}`);
      if (step?.state === "done") return [];
      const first = step?.allowance ?? curve[0] ?? 0;
      const later = curve.slice(step?.day ?? 1).map(dayOf);
      const used = Math.floor(startAt / DAY) === Math.floor(now / DAY) ? (step?.used ?? 0) : 0;
      const left = { messages: Math.max(0, first - used), perHour: hourlyAllowance(first) };
      return [{ source: index, provider, days: [left, ...later] }];
    }),
  );
}

function dayOf(messages: number) {
  return { messages, perHour: hourlyAllowance(messages) };
}
