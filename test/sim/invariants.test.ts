/** Each promise that worlds check can be broken: a sender that is wrong in one way breaks that one, and the same sender without the fault none. */
import { describe, expect, test } from "vitest";

import { DAY, HOUR } from "../../src/core/time.ts";
import { type Fault, naiveEngine } from "./naive-engine.ts";
import { simulate } from "./simulate.ts";
import type { Invariant } from "./witness.ts";
import { drawWorld, type Incident, providerOf, ruleOf, type World } from "./world.ts";

const BREAKS: readonly (readonly [Fault, Invariant])[] = [
  ["one-connection-more", "connections"],
  ["one-message-more", "messages-per-connection"],
  ["no-rate", "message-rate"],
  ["rate-by-the-minute", "message-rate"],
  ["full-bucket-at-start", "message-rate"],
  ["old-rules", "message-rate"],
  ["no-connection-rate", "connection-rate"],
  ["late", "validity"],
  ["pause-ignored", "paused"],
  ["loses-some", "nothing-lost"],
  ["settles-twice", "one-final-state"],
  ["says-sent", "truth"],
  ["never-again", "no-starvation"],
  ["timer-for-each", "memory"],
];

/** One world in which every promise can be broken: limits of all kinds, trouble, a restart, a rule that changes, a pause. */
const provider = providerOf("p0", {
  rule: ruleOf("p0", {
    connections: { min: 1, max: 3 },
    messagesPerConnection: 20,
    messagesPerHour: { min: 600, max: 3000 },
    connectionsPerMinute: 30,
  }),
  latency: { min: 100, max: 300 },
  greylists: true,
  outages: [
    { kind: "deferring", from: 4 * HOUR, to: 5 * HOUR },
    { kind: "shut", from: 5 * HOUR, to: 6 * HOUR },
  ],
  unknownShare: 0.1,
});
const slower = { ...provider.rule, messagesPerHour: { min: 300, max: 600 } };
const incidents: readonly Incident[] = [
  { at: 1_200_000, kind: "restart" },
  { at: 30_000, kind: "pause", delivery: 1, lasts: 300_000 },
  { at: 60_000, kind: "rule", rule: slower },
];
const recipients = [["d0-s0-p0.example", 150] as const, ["d1-s0-p0.example", 100] as const];
const delivery = { startsAt: 0, priority: "normal", inDoubtPolicy: "retry", pool: ["source-1"], partSize: 50 } as const;
const WORLD: World = {
  seed: 1,
  sources: ["source-1"],
  providers: [provider],
  deliveries: [
    { ...delivery, id: 1, validFor: 2 * DAY, recipients },
    { ...delivery, id: 2, validFor: HOUR / 4, recipients },
    { ...delivery, id: 3, startsAt: 4 * HOUR, validFor: 2 * DAY, recipients },
  ],
  incidents,
};

describe("a wrong sender is found out", () => {
  test("a right one keeps every promise", async () => {
    expect((await simulate(WORLD, naiveEngine())).violations).toEqual([]);
  });

  test.each(BREAKS)("%s breaks %s", async (fault, invariant) => {
    expect((await simulate(WORLD, naiveEngine(fault))).broken).toContain(invariant);
  });

  test("a sender with randomness of its own does not do the same twice", async () => {
    const world = drawWorld(5);
    const digestOf = async (fault: Fault | null) => (await simulate(world, naiveEngine(fault))).digest;
    expect(await digestOf(null)).toBe(await digestOf(null));
    expect(await digestOf("real-random")).not.toBe(await digestOf("real-random"));
  });
});
