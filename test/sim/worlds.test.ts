import { expect, test } from "vitest";
import { naiveEngine } from "./naive-engine.ts";
import { simulate } from "./simulate.ts";
import { drawWorld } from "./world.ts";

for (let seed = 1; seed <= Number(process.env["SIM_WORLDS"] ?? 5); seed++) {
  test(`world ${seed}`, async () => {
    const t = performance.now();
    const report = await simulate(drawWorld(seed), naiveEngine());
    console.log(
      seed,
      report.rows.length,
      report.lasted / 3600000,
      report.events,
      Math.round(performance.now() - t),
      report.broken,
    );
    expect(report.violations).toEqual([]);
  });
}
