/**
 * The real dispatch in drawn worlds. `SIM_SEED=123` plays one world and tells its story to stderr, `SIM_WORLDS=1000` plays so many;
 * a failing test prints how to play its world again. What was found becomes an entry of seeds.ts.
 */
import { describe, expect, test } from "vitest";

import { DAY, HOUR, MINUTE } from "../../src/core/time.ts";
import { dispatchEngine } from "./dispatch-engine.ts";
import { naiveEngine } from "./naive-engine.ts";
import { randomOf } from "./random.ts";
import { FOUND } from "./seeds.ts";
import { simulate, type SimulateOptions } from "./simulate.ts";
import { drawWorld, type Incident, type World } from "./world.ts";

const ONE = process.env["SIM_SEED"];
const WORLDS = Number(process.env["SIM_WORLDS"] ?? 20);
const PATIENCE = 120_000;
const TRACE: SimulateOptions = { trace: (line) => void process.stderr.write(line) };

async function play(world: World, options: SimulateOptions = {}) {
  const report = await simulate(world, dispatchEngine, options);
  const again = `SIM_SEED=${world.seed} npx vitest run --project unit test/sim/worlds`;
  expect(report.violations, `to play it again: ${again}`).toEqual([]);
  return report;
}

describe.skipIf(ONE === undefined)("one world", () => {
  test(`world ${ONE}`, async () => void (await play(drawWorld(Number(ONE)), TRACE)), PATIENCE);
});

describe.skipIf(ONE !== undefined)("worlds", () => {
  test.each(Object.entries(FOUND))("%s (%i)", async (_, seed) => void (await play(drawWorld(seed))), PATIENCE);

  test.each(Array.from({ length: WORLDS }, (_, i) => i + 100))(
    "world %i",
    async (seed) => void (await play(drawWorld(seed))),
    PATIENCE,
  );

  test("the same seed gives the same world to the last byte", async () => {
    const digests = [];
    for (const seed of [3, 3, 4]) digests.push((await play(drawWorld(seed))).digest);
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });

  test("a right sender of another make keeps the promises in the same worlds", async () => {
    for (let seed = 100; seed < 110; seed++)
      expect((await simulate(drawWorld(seed), naiveEngine())).violations).toEqual([]);
  });
});

describe.skipIf(ONE !== undefined)("a clock that somebody sets", () => {
  test.each([200, 201, 202, 203, 204, 205])("changes nothing but dates (world %i)", async (seed) => {
    await play(withJumps(drawWorld(seed)));
  });

  test.each([DAY, -DAY])("neither a rush nor a standstill after %i ms", async (by) => {
    // Nothing is put off here, so that no date decides anything.
    const calm = calmWorld();
    const still = await play(calm);
    const jumped = await play({ ...calm, incidents: [{ at: 2 * MINUTE, kind: "jump", by }] });
    expect(jumped.lasted).toBeGreaterThan(0.95 * still.lasted);
    expect(jumped.lasted).toBeLessThan(1.05 * still.lasted + MINUTE);
    expect(jumped.rows.every(({ status }) => status === "sent")).toBe(true);
  });
});

/** Deliveries of worlds with jumps have time enough for a day that is taken from them. */
function withJumps(world: World): World {
  const random = randomOf(world.seed).fork("jumps");
  const jumps = Array.from(
    { length: random.int(1, 3) },
    (): Incident => ({
      at: random.int(MINUTE, 3 * HOUR),
      kind: "jump",
      by: random.pick([DAY, -DAY]),
    }),
  );
  return { ...world, incidents: [...world.incidents, ...jumps].sort((a, b) => a.at - b.at) };
}

function calmWorld(): World {
  const world = drawWorld(1);
  const [provider] = world.providers;
  if (!provider) throw new Error("a world without providers");
  const rule = { ...provider.rule, messagesPerHour: { min: 3600, max: 3600 }, connectionsPerMinute: null };
  const well = { outages: [], blocked: null, greylists: false, brokenTls: false, unknownShare: 0, refusedShare: 0 };
  const hidden = { connections: null, perHour: null, perConnection: null };
  const breaks = { before: 0, after: 0 };
  const domain = provider.sites[0]?.domains[0] ?? "";
  return {
    ...world,
    providers: [{ ...provider, ...well, hidden, breaks, latency: { min: 20, max: 40 }, rule }],
    sources: ["source-1"],
    deliveries: [
      {
        id: 1,
        startsAt: 0,
        validFor: 5 * DAY,
        priority: "normal",
        inDoubtPolicy: "retry",
        pool: ["source-1"],
        recipients: [[domain, 600]],
        partSize: 200,
      },
    ],
    incidents: [],
  };
}
