/** What has to be true when a world is over. */
import { type Duration, HOUR, type Instant } from "../../src/core/time.ts";
import type { SimInternet } from "./internet.ts";
import { isWaiting, type Ledger, type Part, type Row } from "./ledger.ts";
import type { Witness } from "./witness.ts";
import { type ProviderPlan, recoveryOf, START, type World } from "./world.ts";

/** The longest wait between two attempts (core/delivery/retry-plan.ts: six hours and its jitter), and the longest suspension by a reply. */
const LONGEST_WAIT: Duration = 8 * HOUR;
const LONGEST_SUSPENSION: Duration = 8 * HOUR;

export type EndOptions = {
  readonly world: World;
  readonly ledger: Ledger;
  readonly internet: SimInternet;
  readonly witness: Witness;
  /** When a message was first offered after its provider's troubles were over. */
  readonly firstOfferAfter: ReadonlyMap<string, Instant>;
  readonly startedAt: (deliveryId: number) => Instant;
  readonly jumped: boolean;
};

export function checkEnd(options: EndOptions): void {
  const { ledger, witness } = options;
  for (const row of ledger.unfinished()) witness.broken("nothing-lost", `${row.tag} is ${row.status} at the end`);
  for (const part of ledger.parts) {
    for (const row of part.rows) {
      checkTruth(options, part, row);
      if (!options.jumped) checkAttended(options, part, row);
    }
  }
}

/** The log must say what the servers know. */
function checkTruth({ internet, witness, world }: EndOptions, part: Part, row: Row): void {
  const truth = internet.truths.get(row.tag) ?? { taken: 0, doubts: 0 };
  const say = (what: string) => {
    witness.broken(
      "truth",
      `${row.tag} is ${row.status}, taken ${truth.taken} times, in doubt ${truth.doubts}: ${what}`,
    );
  };
  if (truth.taken > 1 + truth.doubts) say("delivered twice and nobody knows");
  if (row.status === "sent" && truth.taken === 0) say("no server has it");
  if (row.status === "failed" && truth.taken > truth.doubts) say("a server has it");
  if (row.status === "in-doubt") {
    const policy = world.deliveries.find(({ id }) => id === part.deliveryId)?.inDoubtPolicy;
    if (policy !== "hold" || truth.doubts === 0) say("there is no doubt");
  }
  if (!isWaiting(row) && row.status !== "in-doubt" && row.finalAt === null) say("final, and nobody knows since when");
}

/** No starvation: once its provider and we are well, every message is tried within a time that its limits explain. */
function checkAttended({ world, witness, firstOfferAfter, startedAt }: EndOptions, part: Part, row: Row): void {
  const plan = world.deliveries.find(({ id }) => id === part.deliveryId);
  const provider = world.providers.find(({ sites }) => sites.some(({ domains }) => domains.includes(row.domain)));
  if (!plan || !provider) return;
  const recovered = START + recoveryOf(world, provider.name);
  const until = recovered + boundOf(world, provider);
  if (row.finalAt !== null && row.finalAt <= until) return;
  const tried = firstOfferAfter.get(row.tag);
  const validUntil = startedAt(plan.id) + plan.validFor;
  if (validUntil < until || row.status === "in-doubt") return;
  if (tried === undefined || tried > until) {
    const hours = ((tried ?? Number.NaN) - recovered) / HOUR;
    witness.broken("no-starvation", `${row.tag} (${row.domain}) was tried ${hours} hours after all was well`);
  }
}

/** Long enough for all that waits for this provider at the least rate that it may have, from one source. */
function boundOf({ deliveries }: World, { rule, latency, sites, hidden }: ProviderPlan): Duration {
  const domains = new Set(sites.flatMap((site) => site.domains));
  const all = deliveries.flatMap(({ recipients }) => recipients.filter(([domain]) => domains.has(domain)));
  const messages = all.reduce((sum, [, count]) => sum + count, 0);
  const perHour = Math.min(
    rule.messagesPerHour?.min ?? Number.POSITIVE_INFINITY,
    hidden.perHour ?? Number.POSITIVE_INFINITY,
  );
  const byRate = (messages / perHour) * HOUR;
  const byLatency = messages * latency.max * 3;
  const byConnections =
    rule.connectionsPerMinute === null
      ? 0
      : (messages / rule.messagesPerConnection / rule.connectionsPerMinute) * 60_000;
  return LONGEST_WAIT + LONGEST_SUSPENSION + 3 * (byRate + byLatency + byConnections);
}
