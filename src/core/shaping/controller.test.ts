import { describe, expect, it } from "vitest";

import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import {
  accepted,
  type Controller,
  type ControllerLimits,
  connectionRefused,
  fewerConnections,
  initialController,
  rebased,
  siteFailed,
  suspended,
  throttled,
  withLimits,
} from "./controller.ts";

const NOW = Date.UTC(2026, 2, 1);
const FREE: ControllerLimits = { connections: { min: 1, max: 20 }, messagesPerHour: null };
const RATED: ControllerLimits = { connections: { min: 2, max: 20 }, messagesPerHour: { min: 100, max: 10_000 } };

/** Accepted messages at these offsets. */
function acceptedAt(c: Controller, limits: ControllerLimits, from: number, to: number, every: number): Controller {
  let state = c;
  for (let at = from; at <= to; at += every) state = accepted(state, limits, NOW + at);
  return state;
}

describe("up", () => {
  it("a lane begins at the most that its rule allows", () => {
    expect(initialController(FREE, NOW)).toMatchObject({ connections: 20, messagesPerHour: null, suspendedUntil: 0 });
    expect(initialController(RATED, NOW)).toMatchObject({ connections: 20, messagesPerHour: 10_000 });
  });

  it("one connection a minute, and 5 % of the range of the rate every five minutes", () => {
    let c = throttled(initialController(RATED, NOW), RATED, { perHour: 9000, open: 20 }, NOW);
    expect(c).toMatchObject({ connections: 10, messagesPerHour: 5000 });
    expect(accepted(c, RATED, NOW + 59 * SECOND)).toBe(c);
    c = acceptedAt(c, RATED, MINUTE, 5 * MINUTE, SECOND);
    expect(c).toMatchObject({ connections: 15, messagesPerHour: 5000 + 495 });
  });

  it("a lane of hundreds of connections grows by 1 % of its most", () => {
    const limits: ControllerLimits = { connections: { min: 1, max: 2000 }, messagesPerHour: null };
    const c = throttled(initialController(limits, NOW), limits, { perHour: 0, open: 2000 }, NOW);
    expect(accepted(c, limits, NOW + MINUTE).connections).toBe(1020);
  });

  it("one acceptance after a quiet day is one step", () => {
    const c = throttled(initialController(RATED, NOW), RATED, { perHour: 9000, open: 20 }, NOW);
    expect(accepted(c, RATED, NOW + DAY)).toMatchObject({ connections: 11, messagesPerHour: 5495 });
  });

  it("nothing is made anew when no step is due", () => {
    const c = initialController(RATED, NOW);
    expect(accepted(c, RATED, NOW + HOUR)).toBe(c);
  });
});

describe("down", () => {
  it("half, and a rest of ten seconds for what is on its way", () => {
    const c = throttled(initialController(RATED, NOW), RATED, { perHour: 9000, open: 20 }, NOW);
    expect(c.suspendedUntil).toBe(NOW + 10 * SECOND);
    const burst = throttled(c, RATED, { perHour: 9000, open: 10 }, NOW + 5 * SECOND);
    expect(burst).toMatchObject({ connections: 10, messagesPerHour: 5000, suspendedUntil: NOW + 15 * SECOND });
    const again = throttled(burst, RATED, { perHour: 4000, open: 10 }, NOW + MINUTE);
    expect(again).toMatchObject({ connections: 5, messagesPerHour: 2500 });
  });

  it("at most what was open when the site complained", () => {
    expect(throttled(initialController(FREE, NOW), FREE, { perHour: 0, open: 3 }, NOW).connections).toBe(3);
  });

  it("a throttled minute is not clean: growth begins anew", () => {
    let c = throttled(initialController(FREE, NOW), FREE, { perHour: 0, open: 20 }, NOW);
    c = throttled(c, FREE, { perHour: 0, open: 10 }, NOW + 50 * SECOND);
    expect(accepted(c, FREE, NOW + 70 * SECOND).connections).toBe(10);
    expect(accepted(c, FREE, NOW + 110 * SECOND).connections).toBe(11);
  });

  it("a refused connection beside five open ones lowers to five at once, and no further one is opened for ten seconds", () => {
    const c = throttled(initialController(FREE, NOW), FREE, { perHour: 0, open: 20 }, NOW);
    expect(connectionRefused(c, FREE, 5, NOW + SECOND)).toMatchObject({ connections: 5, openAfter: NOW + 11 * SECOND });
    expect(connectionRefused(initialController(FREE, NOW), FREE, 0, NOW).connections).toBe(1);
    expect(connectionRefused(initialController(RATED, NOW), RATED, 1, NOW).connections).toBe(2);
    expect(connectionRefused(c, FREE, 30, NOW + SECOND).connections).toBe(10);
  });

  it("a reaction takes connections away, once a minute and not below the least", () => {
    let c = fewerConnections(initialController(FREE, NOW), FREE, 3, NOW);
    expect(c.connections).toBe(17);
    c = fewerConnections(c, FREE, 3, NOW + 30 * SECOND);
    expect(c.connections).toBe(17);
    expect(fewerConnections(c, FREE, 50, NOW + MINUTE).connections).toBe(1);
  });
});

describe("a rate of its own, where the rule has none", () => {
  it.each<[string, number, number, number | null]>([
    ["half of what the lane did", 6000, 20, 3000],
    ["nothing for a lane that did little: connections are what is too much", 300, 20, null],
    ["but at the least of connections only the rate is left", 300, 1, 150],
    ["never below one a minute", 0, 1, 60],
  ])("%s", (_, perHour, max, expected) => {
    const limits: ControllerLimits = { connections: { min: 1, max }, messagesPerHour: null };
    const c = throttled(initialController(limits, NOW), limits, { perHour, open: 1 }, NOW);
    expect(c.messagesPerHour).toBe(expected);
  });

  it("halves again, and is dropped once it has grown to four times what the site complained about", () => {
    let c = throttled(initialController(FREE, NOW), FREE, { perHour: 8000, open: 20 }, NOW);
    c = throttled(c, FREE, { perHour: 4000, open: 10 }, NOW + MINUTE);
    expect(c).toMatchObject({ messagesPerHour: 2000, complainedAt: 4000 });
    let last = 0;
    let minutes = 1;
    while (c.messagesPerHour !== null && minutes < 1000) {
      last = c.messagesPerHour;
      c = accepted(c, FREE, NOW + ++minutes * MINUTE);
    }
    expect(last).toBeLessThan(16_000);
    expect(last).toBeGreaterThan(14_000);
    expect(minutes).toBeLessThan(100);
    expect(c.complainedAt).toBeNull();
  });

  it("a rule that comes with a rate takes over", () => {
    const c = throttled(initialController(FREE, NOW), FREE, { perHour: 8000, open: 20 }, NOW);
    expect(withLimits(c, RATED, NOW)).toMatchObject({ messagesPerHour: 4000, complainedAt: null });
    expect(withLimits(initialController(FREE, NOW), RATED, NOW).messagesPerHour).toBe(10_000);
    expect(withLimits(initialController(RATED, NOW), FREE, NOW).messagesPerHour).toBeNull();
  });
});

describe("rest and slow start", () => {
  it("a site that cannot be reached is left alone for 30 s, then twice as long each time, at most 15 min", () => {
    let c = initialController(FREE, NOW);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      c = siteFailed(c, FREE, NOW);
      waits.push((c.suspendedUntil - NOW) / SECOND);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
    expect(accepted(c, FREE, NOW + SECOND).failures).toBe(0);
  });

  it("an archive may rest by other figures", () => {
    const rest = { first: SECOND, longest: 4 * SECOND };
    let c = initialController(FREE, NOW);
    for (let i = 0; i < 5; i++) c = siteFailed(c, FREE, NOW, rest);
    expect(c.suspendedUntil).toBe(NOW + 4 * SECOND);
  });

  it("one failure costs time only; a site that was down comes back through a slow start to half, then one by one", () => {
    let c = siteFailed(initialController(FREE, NOW), FREE, NOW);
    expect(c.connections).toBe(20);
    c = siteFailed(siteFailed(c, FREE, NOW + MINUTE), FREE, NOW + 2 * MINUTE);
    c = siteFailed(c, FREE, NOW + 10 * MINUTE);
    const back = c.suspendedUntil - NOW;
    const seen: number[] = [];
    for (let minute = 0; minute <= 6; minute++) {
      c = accepted(c, FREE, NOW + back + minute * MINUTE);
      seen.push(c.connections);
    }
    expect(seen).toEqual([1, 2, 4, 8, 10, 11, 12]);
    expect(c.slowStart).toBeNull();
  });

  it("after a suspension the rate doubles each minute up to half of the old one", () => {
    let c = suspended(initialController(RATED, NOW), RATED, NOW + HOUR, NOW);
    expect(c).toMatchObject({ connections: 2, messagesPerHour: 100, suspendedUntil: NOW + HOUR });
    c = accepted(c, RATED, NOW + 30 * MINUTE);
    expect(c.messagesPerHour).toBe(100);
    const seen: (number | null)[] = [];
    for (let minute = 1; minute <= 7; minute++) {
      c = accepted(c, RATED, NOW + HOUR + minute * MINUTE);
      seen.push(c.messagesPerHour);
    }
    expect(seen).toEqual([200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it("suspended twice before anything was accepted, a lane remembers what it had", () => {
    let c = suspended(initialController(FREE, NOW), FREE, NOW + MINUTE, NOW);
    c = suspended(c, FREE, NOW + HOUR, NOW + 2 * MINUTE);
    expect(c).toMatchObject({ slowStart: { connections: 10 }, suspendedUntil: NOW + HOUR });
  });

  it("an operator's release: an instant that is over ends the suspension", () => {
    const c = suspended(initialController(FREE, NOW), FREE, NOW + HOUR, NOW);
    expect(suspended(c, FREE, NOW + MINUTE, NOW + MINUTE).suspendedUntil).toBe(NOW + MINUTE);
  });

  it("no controller waits longer than a day", () => {
    const c = suspended(initialController(FREE, NOW), FREE, Number.POSITIVE_INFINITY, NOW);
    expect(c.suspendedUntil).toBe(NOW + DAY);
  });
});

describe("a rule that changes", () => {
  const wider: ControllerLimits = { connections: { min: 1, max: 50 }, messagesPerHour: { min: 1, max: 90_000 } };
  it("a free lane goes to the new most at once; one that was slowed stays where it is", () => {
    expect(withLimits(initialController(RATED, NOW), wider, NOW)).toMatchObject({
      connections: 50,
      messagesPerHour: 90_000,
    });
    const slowed = throttled(initialController(RATED, NOW), RATED, { perHour: 1, open: 20 }, NOW);
    expect(withLimits(slowed, wider, NOW)).toMatchObject({ connections: 10, messagesPerHour: 5000 });
  });

  it("narrower ranges hold at once", () => {
    const narrow: ControllerLimits = { connections: { min: 1, max: 3 }, messagesPerHour: { min: 5, max: 10 } };
    expect(withLimits(initialController(RATED, NOW), narrow, NOW)).toMatchObject({
      connections: 3,
      messagesPerHour: 10,
    });
  });

  it("the same object when nothing changes", () => {
    const c = initialController(RATED, NOW);
    expect(withLimits(c, { ...RATED }, NOW + HOUR)).toBe(c);
  });
});

describe("a clock that jumps", () => {
  const c = suspended(initialController(FREE, NOW), FREE, NOW + 15 * MINUTE, NOW);
  it("back: the wait is as long as it was meant to be, also for a lane that is only looked at", () => {
    expect(rebased(c, NOW - DAY).suspendedUntil).toBe(NOW - DAY + 15 * MINUTE);
    expect(rebased(c, NOW + MINUTE)).toBe(c);
  });

  it("ahead: waits end", () => {
    expect(accepted(c, FREE, NOW + DAY).connections).toBe(2);
  });
});
