/** What a lane does with messages that it cannot move, and with connections that others need: fake clock. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { FACTS, laneIn, REFUSED, taskOf } from "../../test/lane-rig.ts";
import { TEST_RULE } from "../../test/mx-rule.ts";
import { indexRestrictions } from "../core/shaping/effective.ts";
import type { MxRule } from "../core/shaping/rule.ts";
import type { Refusal } from "../core/shaping/throttle.ts";
import { HOUR, MINUTE, SECOND } from "../core/time.ts";
import { createPlainShaping, type LaneShaping } from "./lane-shaping.ts";
import { type SharedThrottle, shareThrottle } from "./shared-throttle.ts";
import { createSiteShaping } from "./site-shaping.ts";

const LIMITS = { connections: 3, messagesPerConnection: 10, messagesPerHour: null };
const UP = { comesUp: () => true, replyMs: 20 };

/** A lane whose shaping says what the test wants; what it hands back. */
function lane(
  changes: Partial<LaneShaping>,
  world: Parameters<typeof laneIn>[0] = UP,
  more: Parameters<typeof laneIn>[1] = {},
) {
  const back: { seq: number; until: number }[] = [];
  const shaping = { ...createPlainShaping(LIMITS, Date.now()), ...changes };
  const rig = laneIn(world, {
    shaping,
    handBack: (tasks, until) => void back.push(...tasks.map(({ seq }) => ({ seq, until }))),
    ...more,
  });
  const fill = (count: number) => {
    for (let seq = 0; seq < count; seq++) rig.lane.add(taskOf(seq));
    rig.lane.pump();
  };
  return { ...rig, back, fill };
}

describe("a lane that cannot move its messages", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("hands them back when it is suspended for long, and keeps them through a short rest", async () => {
    let until = 0;
    const { back, fill, lane: one, seen } = lane({ suspendedUntil: () => until }, { ...UP, replyMs: 1000 });
    fill(50);
    await vi.advanceTimersByTimeAsync(100);
    until = performance.timeOrigin + performance.now() + 10 * SECOND;
    one.pump();
    expect(back).toEqual([]);
    until = performance.timeOrigin + performance.now() + HOUR;
    one.pump();
    await vi.advanceTimersByTimeAsync(2000);
    expect(back.length + seen.sentAt.length).toBe(50);
    expect(new Set(back.map(({ seq }) => seq)).size).toBe(back.length);
    expect(one.isIdle()).toBe(true);
  });

  test("hands them back when its source has no allowance for the next hour", async () => {
    const refusal = (now: number): Refusal => ({ until: now + HOUR, constraint: "warm-up" });
    const { back, fill } = lane({ refusal, take: refusal });
    fill(20);
    await vi.advanceTimersByTimeAsync(1000);
    expect(back).toHaveLength(20);
  });

  test("hands them back when its share of connections is gone, or no server may be used", async () => {
    const none = lane({ connections: () => 0 });
    none.fill(20);
    expect(none.back).toHaveLength(20);
    const nowhere = lane({}, UP, { targets: () => [] });
    nowhere.fill(20);
    expect(nowhere.back).toHaveLength(20);
  });

  test("keeps what fits when it is slowed down", async () => {
    let perHour: number | null = null;
    const rate = (now: number) =>
      perHour === null ? null : { until: now + HOUR / perHour, constraint: "rate" as const };
    const { back, fill, lane: one } = lane({ messagesPerHour: () => perHour, refusal: rate, take: rate });
    one.add(taskOf(0));
    fill(1000);
    await vi.advanceTimersByTimeAsync(1);
    const before = one.waiting();
    perHour = 1200;
    one.pump();
    expect(one.waiting()).toBeLessThanOrEqual(20);
    expect(back).toHaveLength(before - one.waiting());
  });

  test("lets go what was paused, although no connection ever asks for it", async () => {
    let mayLeave = true;
    const dropped = new Set<number>();
    const { fill, lane: one } = lane(
      {},
      { comesUp: () => null, replyMs: 1 },
      {
        admit: ({ seq }) => {
          if (!mayLeave) dropped.add(seq);
          return mayLeave;
        },
      },
    );
    fill(20);
    await vi.advanceTimersByTimeAsync(10_000);
    mayLeave = false;
    one.pump();
    expect([one.waiting(), dropped.size]).toEqual([0, 20]);
  });

  test("gives a site up although one of its connections never says anything, and not before that had its time", async () => {
    const { fill, settled, lane: one } = lane({}, { comesUp: (attempt) => (attempt === 0 ? null : false), replyMs: 1 });
    fill(20);
    await vi.advanceTimersByTimeAsync(50_000);
    expect(settled).toEqual([]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(settled.filter(({ outcome }) => outcome === REFUSED)).toHaveLength(20);
    expect(one.isIdle()).toBe(true);
  });
});

const RULE: MxRule = { ...TEST_RULE, messagesPerConnection: 1000 };

/** Lanes of different sites under one rule, or of one site. */
function sites(count: number, rule: () => MxRule, group: SharedThrottle | null) {
  const index = indexRestrictions([]);
  return Array.from({ length: count }, (_, i) =>
    createSiteShaping({
      place: {
        source: "a",
        sourceAddress: null,
        site: `mx${i}.example.org`,
        provider: "other",
        domain: null,
        deliveryId: null,
        dkimDomains: [],
        urlDomains: [],
      },
      rule: () => ({ rule: rule(), group }),
      restrictions: () => index,
      pin: () => null,
      share: (limit) => limit,
      laneShare: (limit) => limit,
      warmUp: null,
      saved: undefined,
      onChange: () => {},
      steady: () => performance.timeOrigin + performance.now(),
    }),
  );
}

describe("lanes under one limit", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("many lanes take turns with few connections, without waiting for idle ones and without more than may be", async () => {
    const group = shareThrottle(0);
    const rule = { ...RULE, countedPer: "rule" as const, connections: { min: 1, max: 2 } };
    const lanes = sites(40, () => rule, group).map((shaping) => lane(shaping, { comesUp: () => true, replyMs: 10 }));
    let open = 0;
    for (const one of lanes) one.fill(3);
    for (let ms = 0; ms < 3000; ms += 5) {
      await vi.advanceTimersByTimeAsync(5);
      open = Math.max(
        open,
        lanes.reduce((sum, { seen }) => sum + seen.open, 0),
      );
    }
    expect(lanes.map(({ settled }) => settled.length)).toEqual(lanes.map(() => 3));
    expect(open).toBe(2);
  });

  test("a lane alone under a full limit keeps its connections", async () => {
    const group = shareThrottle(0);
    const rule = { ...RULE, countedPer: "rule" as const, connections: { min: 1, max: 2 } };
    const [shaping] = sites(1, () => ({ ...rule, connections: { min: 1, max: 2 } }), group);
    if (!shaping) throw new Error("no site");
    // The rule counts one that is another's.
    group.open = 1;
    const { fill, seen, settled } = lane({ ...shaping, connections: () => 2 }, { comesUp: () => true, replyMs: 10 });
    fill(200);
    await vi.advanceTimersByTimeAsync(4000);
    expect(settled).toHaveLength(200);
    expect(seen.attempts).toBe(1);
  });

  test("a limit that was lowered holds for lanes that differ only in their TLS, and only the surplus goes", async () => {
    let max = 6;
    const [shaping] = sites(1, () => ({ ...RULE, connections: { min: 1, max } }), null);
    if (!shaping) throw new Error("no site");
    const lanes = [0, 1].map(() => lane(shaping, { comesUp: () => true, replyMs: 50 }));
    for (const one of lanes) one.fill(2000);
    // Time enough for the one that came first to give the other its half.
    await vi.advanceTimersByTimeAsync(5000);
    const open = () => lanes.reduce((sum, { seen }) => sum + seen.open, 0);
    expect(open()).toBe(6);
    const attempts = () => lanes.reduce((sum, { seen }) => sum + seen.attempts, 0);
    const before = attempts();
    max = 4;
    await vi.advanceTimersByTimeAsync(1000);
    expect(open()).toBe(4);
    // One may change hands, where both that left were of the same lane.
    expect(attempts() - before).toBeLessThanOrEqual(1);
  });

  test("a connection that is made anew in plain counts against the rate of new ones", async () => {
    const [shaping] = sites(1, () => ({ ...RULE, connectionsPerMinute: 6 }), null);
    if (!shaping) throw new Error("no site");
    const opened: number[] = [];
    const { fill } = lane(shaping, UP, {
      openSession: (_, callbacks) => {
        opened.push(Date.now());
        callbacks.onReconnect?.();
        setTimeout(() => callbacks.onEnd({ kind: "failed", outcome: REFUSED, facts: FACTS }), 5 * MINUTE);
        return { wake: () => {}, quit: () => {} };
      },
    });
    fill(50);
    await vi.advanceTimersByTimeAsync(55 * SECOND);
    // Each costs two of one every ten seconds.
    expect(opened.length).toBeLessThanOrEqual(3);
    expect(opened.length).toBeGreaterThan(1);
  });
});
