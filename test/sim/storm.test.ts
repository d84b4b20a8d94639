/** A provider that takes all its users for unknown for an hour: it is left alone, and nobody is quarantined for it. */
import { expect, test } from "vitest";

import { DAY, HOUR } from "../../src/core/time.ts";
import { dispatchEngine } from "./dispatch-engine.ts";
import type { StartEngine } from "./engine.ts";
import { naiveEngine } from "./naive-engine.ts";
import { fateOf } from "./random.ts";
import { simulate } from "./simulate.ts";
import { providerOf, ruleOf, type World } from "./world.ts";

const UNKNOWN = 0.02;
const WORLD: World = {
  seed: 11,
  sources: ["source-1"],
  providers: [
    providerOf("p0", {
      rule: ruleOf("p0", { messagesPerHour: { min: 600, max: 1200 } }),
      unknownShare: UNKNOWN,
      outages: [{ kind: "unknown", from: HOUR, to: 2 * HOUR }],
    }),
  ],
  deliveries: [
    {
      id: 1,
      startsAt: 0,
      validFor: 3 * DAY,
      priority: "normal",
      inDoubtPolicy: "retry",
      pool: ["source-1"],
      recipients: [["d0-s0-p0.example", 3000]],
      partSize: 1000,
    },
  ],
  incidents: [],
};

const exists = (address: string) => fateOf(WORLD.seed, "unknown", address) >= UNKNOWN;

async function wronged(start: StartEngine) {
  const { rows, violations } = await simulate(WORLD, start);
  expect(violations).toEqual([]);
  const people = rows.filter(({ address }) => exists(address));
  return {
    failed: people.filter(({ status }) => status === "failed").length,
    quarantined: people.filter(({ isQuarantined }) => isQuarantined).length,
    unknown: rows.filter(({ address, isQuarantined }) => !exists(address) && isQuarantined).length,
  };
}

test("the breaker stops it within a few dozen messages and quarantines nobody who exists", async () => {
  const { failed, quarantined, unknown } = await wronged(dispatchEngine);
  expect(quarantined).toBe(0);
  expect(failed).toBeLessThan(60);
  // Those who really do not exist are quarantined as ever.
  expect(unknown).toBeGreaterThan(30);
});

test("a sender without a breaker is found out", async () => {
  const { failed, quarantined } = await wronged(naiveEngine());
  expect(quarantined).toBeGreaterThan(500);
  expect(failed).toBeGreaterThan(500);
});
