/**
 * A destination is away for hours while a great many messages are put off, and comes back: they drain within the limits and without a
 * stampede. 20,000 here; `SIM_SLOW=1` makes it 200,000.
 */
import { expect, test } from "vitest";

import { DAY, HOUR, SECOND } from "../../src/core/time.ts";
import { dispatchEngine } from "./dispatch-engine.ts";
import type { StartEngine } from "./engine.ts";
import { Series } from "./meters.ts";
import { naiveEngine } from "./naive-engine.ts";
import { type Report, simulate } from "./simulate.ts";
import { providerOf, ruleOf, START, type World } from "./world.ts";

const IS_SLOW = process.env["SIM_SLOW"] === "1";
const MESSAGES = IS_SLOW ? 200_000 : 20_000;
const PATIENCE = IS_SLOW ? 3_600_000 : 300_000;
const AWAY = 1.5 * HOUR;

/** Three times as many an hour as there are: less than come due at once when a wave of retries does. */
const perHourOf = (messages: number) => 3 * messages;

const worldOf = (messages: number): World => ({
  seed: 11,
  sources: ["source-1"],
  providers: [
    providerOf("p0", {
      rule: ruleOf("p0", {
        connections: { min: 5, max: 20 },
        messagesPerConnection: 100,
        messagesPerHour: { min: messages, max: perHourOf(messages) },
      }),
      outages: [{ kind: "deferring", from: 0, to: AWAY }],
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
      recipients: [["d0-s0-p0.example", messages]],
      partSize: 1000,
    },
  ],
  incidents: [],
});

/** Offers after the destination came back, second by second. */
function secondsAfter({ offers }: Report): Series {
  const series = new Series(SECOND);
  for (const { at } of offers) if (at >= START + AWAY) series.note(at);
  return series;
}

const play = (start: StartEngine, messages: number) => simulate(worldOf(messages), start, { keepOffers: true });

/** Two seconds' worth: a second of the wall is not a second of the bucket. */
const mostInASecond = (messages: number) => 2 * Math.ceil((perHourOf(messages) / HOUR) * SECOND) + 1;

test(
  `${MESSAGES} messages that were put off drain`,
  async () => {
    const report = await play(dispatchEngine, MESSAGES);
    expect(report.violations).toEqual([]);
    expect(report.rows.every(({ status }) => status === "sent")).toBe(true);
    const seconds = secondsAfter(report);
    expect(seconds.peak()).toBeLessThanOrEqual(mostInASecond(MESSAGES));
    // The last wait before it came back was six hours and a fifth at most; then they stand in line.
    expect(report.lasted).toBeLessThan(AWAY + 7.2 * HOUR + HOUR);
  },
  PATIENCE,
);

test(
  "a sender without a rate is found out",
  async () => {
    const seconds = secondsAfter(await play(naiveEngine("no-rate"), 2000));
    expect(seconds.peak()).toBeGreaterThan(mostInASecond(2000));
  },
  PATIENCE,
);
