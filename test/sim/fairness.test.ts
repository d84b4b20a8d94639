/** What deliveries and destinations do to each other: nothing, or what their priorities say. Each with a sender that does it wrong. */
import { describe, expect, test } from "vitest";

import { weightOf } from "../../src/core/delivery/priority.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/core/time.ts";
import { dispatchEngine } from "./dispatch-engine.ts";
import type { StartEngine } from "./engine.ts";
import { naiveEngine } from "./naive-engine.ts";
import { type Report, simulate } from "./simulate.ts";
import { type DeliveryPlan, type Outage, providerOf, type ProviderPlan, ruleOf, START, type World } from "./world.ts";

const SOURCES = ["source-1"];

function delivery(
  id: number,
  recipients: DeliveryPlan["recipients"],
  changes: Partial<DeliveryPlan> = {},
): DeliveryPlan {
  const plan = {
    id,
    startsAt: 0,
    validFor: 3 * DAY,
    priority: "normal",
    inDoubtPolicy: "retry",
    pool: SOURCES,
  } as const;
  return { ...plan, recipients, partSize: 200, ...changes };
}

function worldOf(providers: readonly ProviderPlan[], deliveries: readonly DeliveryPlan[]): World {
  return { seed: 7, sources: SOURCES, providers, deliveries, incidents: [] };
}

/** Milliseconds until so many of the provider's messages were offered; infinite when they never were. */
function reached({ offers }: Report, provider: string, count: number): number {
  const at = offers.filter((offer) => offer.provider === provider)[count - 1]?.at;
  return at === undefined ? Number.POSITIVE_INFINITY : at - START;
}

const always = (kind: Outage["kind"]): Outage => ({ kind, from: 0, to: 3 * DAY });
const TROUBLES: readonly (readonly [string, Partial<ProviderPlan>])[] = [
  ["is slow", { latency: { min: 10_000, max: 30_000 } }],
  ["cannot be reached", { outages: [always("unreachable")] }],
  ["says nothing", { outages: [always("silent")] }],
  ["puts everything off", { outages: [always("deferring")] }],
  ["throttles", { hidden: { connections: 1, perHour: 60, perConnection: 2 } }],
  ["is limited to next to nothing", { rule: ruleOf("bad", { messagesPerHour: { min: 60, max: 60 } }) }],
];

describe("one destination in trouble delays nobody else", () => {
  const many = 2000;
  const good = providerOf("good", { rule: ruleOf("good", { messagesPerHour: { min: 40_000, max: 40_000 } }) });
  const play = async (start: StartEngine, changes: Partial<ProviderPlan>) => {
    const bad = providerOf("bad", changes);
    // In the same mixed parts, and more of them than the window holds.
    const recipients = [["d0-s0-bad.example", 4000] as const, ["d0-s0-good.example", many] as const];
    const world = worldOf([good, bad], [delivery(1, recipients, { partSize: 250 })]);
    return reached(await simulate(world, start, { keepOffers: true, until: HOUR }), "good", many);
  };

  test.each(TROUBLES)("that %s", async (_, changes) => {
    const alone = await play(dispatchEngine, {});
    expect(await play(dispatchEngine, changes)).toBeLessThan(1.15 * alone + 30 * SECOND);
  });

  test("a sender with one set of connections for all is found out", async () => {
    const alone = await play(naiveEngine("connections-for-all"), {});
    const delayed = await play(naiveEngine("connections-for-all"), { latency: { min: 10_000, max: 30_000 } });
    expect(delayed).toBeGreaterThan(1.15 * alone + 30 * SECOND);
  });
});

describe("priorities", () => {
  const provider = providerOf("p0", { rule: ruleOf("p0", { messagesPerHour: { min: 7200, max: 7200 } }) });
  const people = [["d0-s0-p0.example", 1500] as const];
  const priorities = ["very-low", "normal", "very-high"] as const;
  /** Shares of the messages that were offered while all three had some waiting. */
  const sharesOf = async (start: StartEngine) => {
    const deliveries = priorities.map((priority, i) => delivery(i + 1, people, { priority }));
    const { offers: together } = await simulate(worldOf([provider], deliveries), start, {
      keepOffers: true,
      until: 10 * MINUTE,
    });
    const partsOfEach = Math.ceil(1500 / 200);
    const ofDelivery = (tag: string) => Math.floor((Number(tag.split("-")[0]) - 1) / partsOfEach);
    return priorities.map((_, i) => together.filter(({ tag }) => ofDelivery(tag) === i).length / together.length);
  };
  const all = priorities.reduce((sum, priority) => sum + weightOf(priority), 0);
  const isFair = (shares: readonly number[]) =>
    priorities.every((priority, i) => Math.abs((shares[i] ?? 0) - weightOf(priority) / all) < 0.05);

  test("deliveries that wait for the same destination share it by weight", async () => {
    const shares = await sharesOf(dispatchEngine);
    expect(isFair(shares), shares.join(", ")).toBe(true);
  });

  test("a sender that knows no weights is found out", async () => {
    expect(isFair(await sharesOf(naiveEngine("no-weights")))).toBe(false);
  });
});
