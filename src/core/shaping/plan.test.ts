import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { DAY, HOUR, MINUTE } from "../time.ts";
import { planDelivery } from "./plan.ts";
import type { Growing, PlanGroup, PlanInput, PlanLane, PlanThrottle } from "./plan-input.ts";

/** Nine in the morning UTC. */
const START = Date.UTC(2026, 10, 21, 9);

const fixed = (value: number): Growing => ({ now: value, max: value, perHour: 0 });
const throttle = (changes: Partial<PlanThrottle> = {}): PlanThrottle => ({
  rule: "default",
  times: 1,
  connections: fixed(1000),
  messagesPerHour: null,
  connectionsPerMinute: null,
  messagesPerConnection: 100,
  ...changes,
});
const lane = (changes: Partial<PlanLane> = {}): PlanLane => ({
  source: 0,
  throttle: 0,
  suspendedUntil: 0,
  avoidUntil: 0,
  why: null,
  ...changes,
});
const group = (changes: Partial<PlanGroup> = {}): PlanGroup => ({
  provider: "google",
  sites: 1,
  messages: 1000,
  others: [],
  deferredFirst: 0,
  secondsPerMessage: 1,
  secondsPerConnection: 0,
  lanes: [lane()],
  notLookedUp: 0,
  ...changes,
});
const input = (changes: Partial<PlanInput> = {}): PlanInput => ({
  startAt: START,
  waves: [],
  validUntil: START + 5 * DAY,
  speed: null,
  weight: 4,
  cpuPerHour: 10_000_000,
  firstRetryAfter: 8 * MINUTE,
  sources: [{ name: "a", weight: 1 }],
  throttles: [throttle()],
  allowances: [],
  groups: [group()],
  ...changes,
});
const rate = (perHour: number) => throttle({ messagesPerHour: fixed(perHour) });
/** The only row: hours until its end, and what binds. */
function only(changes: Partial<PlanInput>) {
  const [row] = planDelivery(input(changes)).rows;
  if (!row) throw new Error("no row");
  return { ...row, hours: row.endAt === null ? null : (row.endAt - START) / HOUR };
}

describe("one limit binds", () => {
  test.each<[string, Partial<PlanInput>, number, string, RegExp]>([
    ["messages an hour", { throttles: [rate(100)] }, 10, "rate", /At most 100 messages an hour \(MX rule default\)/],
    [
      "connections, by Little's law: 2 connections at 5 s make 1,440 an hour",
      {
        throttles: [throttle({ connections: fixed(2) })],
        groups: [group({ messages: 2880, secondsPerMessage: 5 })],
      },
      2,
      "connections",
      /2 connections at 5 s a message/,
    ],
    [
      "connections, opening them counts too",
      {
        throttles: [throttle({ connections: fixed(1), messagesPerConnection: 1 })],
        groups: [group({ messages: 3600, secondsPerMessage: 1, secondsPerConnection: 1 })],
      },
      2,
      "connections",
      /1 connections at 2 s/,
    ],
    [
      "new connections",
      { throttles: [throttle({ connectionsPerMinute: 1, messagesPerConnection: 5 })] },
      1000 / 300,
      "connection-rate",
      /1 new connections a minute of 5 messages/,
    ],
    ["the senders' CPU", { cpuPerHour: 500 }, 2, "cpu", /make 0 messages a second/],
    ["the delivery's speed", { speed: 250 }, 4, "delivery-speed", /speed is 250 messages an hour/],
    [
      "a suspension",
      { groups: [group({ lanes: [lane({ suspendedUntil: START + 3 * HOUR, why: "421 4.7.0" })] })] },
      3 + 1000 / 3_600_000,
      "suspended",
      /^Suspended until 2026-11-21T12:00:00.000Z: 421 4.7.0$/,
    ],
    [
      "deferrals cost an attempt and a wait",
      { throttles: [rate(100)], groups: [group({ deferredFirst: 0.5 })] },
      15 + 8 / 60,
      "rate",
      /100 messages/,
    ],
    [
      "sites that each have the limit for themselves",
      { throttles: [{ ...rate(10), times: 20 }], groups: [group({ sites: 20 })] },
      5,
      "rate",
      /10 messages an hour for each of 20 sites/,
    ],
    [
      "a controller that goes up, in steps of a quarter of an hour",
      {
        throttles: [throttle({ messagesPerHour: { now: 100, max: 400, perHour: 100 } })],
        groups: [group({ messages: 137.5 + 237.5 })],
      },
      2,
      "rate",
      /100 now, growing to 400/,
    ],
    [
      "a controller does not go up while it is suspended",
      {
        throttles: [throttle({ messagesPerHour: { now: 100, max: 400, perHour: 100 } })],
        groups: [group({ messages: 137.5 + 237.5, lanes: [lane({ suspendedUntil: START + HOUR, why: null })] })],
      },
      3,
      "rate",
      /growing/,
    ],
  ])("%s", (_, changes, hours, constraint, why) => {
    const row = only(changes);
    expect(row.hours).toBeCloseTo(hours, 1);
    expect(row).toMatchObject({ constraint, late: 0 });
    expect(row.why).toMatch(why);
  });

  test("what is done within a minute is held back by nothing", () => {
    expect(only({ groups: [group({ messages: 5 })] })).toMatchObject({
      constraint: "none",
      why: "Nothing holds it back",
      startAt: START,
      late: 0,
    });
  });
});

describe("what is shared", () => {
  test("a rule that counts all its sites together", () => {
    const plan = planDelivery(
      input({
        throttles: [rate(100)],
        groups: [group({ messages: 300 }), group({ messages: 100, provider: "other" })],
      }),
    );
    // In turns: 50 an hour each, then 100 for who is left.
    expect(plan.rows.map(({ provider, endAt }) => [provider, ((endAt ?? 0) - START) / HOUR])).toEqual([
      ["google", expect.closeTo(4, 3)],
      ["other", expect.closeTo(2, 3)],
    ]);
    expect(plan).toMatchObject({ messages: 400, late: 0 });
  });

  test("a lane with a delivery of higher priority: shares by weight until it is done", () => {
    const others = [{ weight: 16, messages: 800 }];
    // 20 of 100 an hour for ten hours, then all of it.
    const row = only({ throttles: [rate(100)], groups: [group({ messages: 400, others })] });
    expect(row.hours).toBeCloseTo(12, 3);
    expect(row.why).toMatch(/; 800 messages of other deliveries wait there too$/);
  });

  test("a lane with a delivery of lower priority", () => {
    const others = [{ weight: 1, messages: 800 }];
    expect(only({ throttles: [rate(100)], groups: [group({ messages: 400, others })] }).hours).toBeCloseTo(5, 3);
  });

  test("a speed: who wants less than a fair share gets it", () => {
    const plan = planDelivery(
      input({
        speed: 1000,
        throttles: [rate(100), throttle()],
        groups: [
          group({ messages: 200, provider: "slow" }),
          group({ messages: 1800, provider: "fast", lanes: [lane({ throttle: 1 })] }),
        ],
      }),
    );
    const byName = new Map(plan.rows.map((row) => [row.provider, row]));
    expect(byName.get("slow")).toMatchObject({ constraint: "rate", endAt: START + 2 * HOUR });
    expect(byName.get("fast")).toMatchObject({ constraint: "delivery-speed" });
    expect(((byName.get("fast")?.endAt ?? 0) - START) / HOUR).toBeCloseTo(2, 3);
  });

  test("sources of a pool by weight; messages of one that is not usable there leave from the others", () => {
    const sources = [
      { name: "a", weight: 3 },
      { name: "b", weight: 1 },
    ];
    const throttles = [rate(100), rate(100)];
    const both = [lane(), lane({ source: 1, throttle: 1 })];
    expect(only({ sources, throttles, groups: [group({ lanes: both })] }).hours).toBeCloseTo(7.5, 3);
    const avoided = [lane({ avoidUntil: Infinity, why: "blocklisted" }), lane({ source: 1, throttle: 1 })];
    expect(only({ sources, throttles, groups: [group({ lanes: avoided })] }).hours).toBeCloseTo(10, 3);
    const alone = only({ groups: [group({ lanes: [lane({ avoidUntil: Infinity, why: "blocklisted" })] })] });
    expect(alone).toMatchObject({ constraint: "suspended", endAt: null, late: 1000 });
    expect(alone.why).toBe("Suspended until somebody ends it: blocklisted");
  });
});

describe("warm-up", () => {
  const days = [
    { messages: 100, perHour: 50 },
    { messages: 200, perHour: 100 },
    { messages: 400, perHour: 100 },
  ];

  test("takes days: what is left today, then the curve from each midnight UTC, so much an hour", () => {
    const row = only({ groups: [group({ messages: 500 })], allowances: [{ source: 0, provider: "google", days }] });
    // 100 today, 200 tomorrow, 200 the day after: in its second hour.
    expect((row.endAt ?? 0) - Date.UTC(2026, 10, 23, 1)).toBeLessThan(15 * MINUTE);
    expect(row.endAt).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 23, 1));
    expect(row).toMatchObject({
      constraint: "warm-up",
      why: "Warm-up of source a: 100 messages left today, 200 on the next sending day",
    });
  });

  test("ends with its curve", () => {
    const row = only({ groups: [group({ messages: 5000 })], allowances: [{ source: 0, provider: "google", days }] });
    expect((row.endAt ?? 0) - Date.UTC(2026, 10, 24)).toBeLessThan(10 * MINUTE);
    expect(row.endAt).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 24));
    expect(row.late).toBe(0);
  });

  test("is of one provider, and a warm source of the pool takes what is beyond it", () => {
    const sources = [
      { name: "cold", weight: 1 },
      { name: "warm", weight: 1 },
    ];
    const lanes = [lane(), lane({ source: 1, throttle: 1 })];
    const plan = planDelivery(
      input({
        sources,
        throttles: [rate(100), rate(100), throttle()],
        groups: [group({ lanes }), group({ provider: "other", lanes: [lane({ throttle: 2 })] })],
        allowances: [{ source: 0, provider: "google", days: [{ messages: 50, perHour: 50 }] }],
      }),
    );
    const google = plan.rows.find(({ provider }) => provider === "google");
    expect(((google?.endAt ?? 0) - START) / HOUR).toBeCloseTo(9.5, 1);
    expect(plan.rows.find(({ provider }) => provider === "other")?.constraint).toBe("none");
  });
});

describe("the end of the validity period", () => {
  test("cuts what is late", () => {
    const row = only({ throttles: [rate(100)], validUntil: START + 4 * HOUR });
    expect(row).toMatchObject({ late: 600, endAt: START + 4 * HOUR, messagesPerHour: 100, constraint: "rate" });
  });

  test("without a source nothing leaves", () => {
    expect(only({ groups: [group({ lanes: [] })] })).toMatchObject({
      startAt: null,
      endAt: null,
      messagesPerHour: 0,
      late: 1000,
      constraint: "no-source",
    });
  });

  test("a plan for nobody is empty", () => {
    expect(planDelivery(input({ groups: [] }))).toEqual({
      startAt: START,
      endAt: null,
      messages: 0,
      late: 0,
      rows: [],
    });
  });
});

test("domains that are not looked up yet are said to be so", () => {
  const row = only({ throttles: [rate(100)], groups: [group({ notLookedUp: 1000 })] });
  expect(row.why).toMatch(/; the domains of 1,000 messages are not looked up yet/);
});

describe("waves", () => {
  const later = (hours: number, messages: number) => ({ at: START + hours * HOUR, messages });

  test.each([
    ["a quick delivery ends with its last wave", 10_000_000, [later(24, 300), later(48, 300)], 48, "none"],
    ["a slow one is busy with one wave when the next begins", 100, [later(2, 300), later(4, 300)], 10, "rate"],
    ["a wave that begins when all before is through adds its own time", 100, [later(24, 300)], 27, "rate"],
    ["what has its time already is due at the start", 100, [later(-1, 500), later(0, 500)], 10, "rate"],
  ])("%s", (_, perHour, waves, hours, constraint) => {
    const row = only({ waves, throttles: [rate(perHour)] });
    expect(row).toMatchObject({ messages: 1000, late: 0, hours: expect.closeTo(hours, 1), constraint });
    expect(row.why).toContain("he last wave begins 2026-11-2");
  });

  test("of each provider goes its share, and what others have waiting leaves meanwhile", () => {
    const others = [{ weight: 4, messages: 600 }];
    const plan = planDelivery(
      input({
        waves: [later(10, 800)],
        throttles: [rate(100), rate(1000)],
        groups: [group({ others }), group({ provider: "yahoo", messages: 600, lanes: [lane({ throttle: 1 })] })],
      }),
    );
    // Half of each at the start. 500 beside 600 of others, then 500 alone.
    const [slow, fast] = plan.rows;
    expect(slow).toMatchObject({ provider: "google", messages: 1000, endAt: expect.closeTo(START + 16 * HOUR, -6) });
    expect(fast).toMatchObject({ provider: "yahoo", messages: 600, endAt: expect.closeTo(START + 10.3 * HOUR, -6) });
  });

  test("a wave beyond the validity period is late, and it says why", () => {
    const row = only({ waves: [later(6 * 24, 400)] });
    expect(row).toMatchObject({ late: 400 });
    expect(row.why).toContain("last wave begins 2026-11-27T09:00:00.000Z");
  });
});

describe("whatever it is given", () => {
  const growing = fc
    .record({ now: fc.integer({ min: 1, max: 1000 }), more: fc.integer({ min: 0, max: 1000 }) })
    .map(({ now, more }) => ({ now, max: now + more, perHour: more / 2 }));
  const until = fc.oneof(
    fc.constant(0),
    fc.constant(Infinity),
    fc.integer({ min: 0, max: 10 * DAY }).map((t) => START + t),
  );
  const anyLane = (source: number) =>
    fc.record({
      source: fc.constant(source),
      throttle: fc.nat(2),
      suspendedUntil: until,
      avoidUntil: until,
      why: fc.constant(null),
    });
  const anyGroup = fc.record({
    provider: fc.constantFrom("google", "outlook", "other"),
    sites: fc.integer({ min: 1, max: 50 }),
    messages: fc.nat(100_000),
    others: fc.array(fc.record({ weight: fc.constantFrom(1, 4, 16), messages: fc.nat(100_000) }), { maxLength: 3 }),
    deferredFirst: fc.double({ min: 0, max: 1, noNaN: true }),
    secondsPerMessage: fc.double({ min: 0, max: 10, noNaN: true }),
    secondsPerConnection: fc.double({ min: 0, max: 3, noNaN: true }),
    lanes: fc.tuple(anyLane(0), anyLane(1)).chain((lanes) => fc.subarray(lanes)),
    notLookedUp: fc.constant(0),
  });
  const anyInput = fc.record({
    startAt: fc.constant(START),
    validUntil: fc.integer({ min: 1, max: 5 * DAY }).map((time) => START + time),
    speed: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
    weight: fc.constantFrom(1, 2, 4, 8, 16),
    cpuPerHour: fc.integer({ min: 100, max: 10_000_000 }),
    firstRetryAfter: fc.constant(8 * MINUTE),
    sources: fc.constant([
      { name: "a", weight: 1 },
      { name: "b", weight: 5 },
    ]),
    throttles: fc.array(
      fc.record({
        rule: fc.constant("r"),
        times: fc.integer({ min: 1, max: 20 }),
        connections: growing,
        messagesPerHour: fc.option(growing),
        connectionsPerMinute: fc.option(fc.integer({ min: 1, max: 100 })),
        messagesPerConnection: fc.integer({ min: 1, max: 100 }),
      }),
      { minLength: 3, maxLength: 3 },
    ),
    allowances: fc.subarray([
      {
        source: 0,
        provider: "google",
        days: [
          { messages: 100, perHour: 20 },
          { messages: 3000, perHour: 400 },
        ],
      },
      {
        source: 1,
        provider: "outlook",
        days: [
          { messages: 0, perHour: 0 },
          { messages: 3000, perHour: 400 },
        ],
      },
    ]),
    groups: fc.array(anyGroup, { maxLength: 6 }),
    waves: fc
      .array(fc.record({ at: fc.integer({ min: -HOUR, max: 9 * DAY }), messages: fc.integer({ min: 1, max: 3000 }) }), {
        maxLength: 4,
      })
      .map((waves) => waves.map(({ at, messages }) => ({ at: START + at, messages })).sort((a, b) => a.at - b.at)),
  });

  test("all messages are in the plan, none leaves outside the validity period, and the same input makes the same plan", () => {
    fc.assert(
      fc.property(anyInput, (world) => {
        const plan = planDelivery(world);
        expect(plan.messages).toBe(world.groups.reduce((sum, { messages }) => sum + messages, 0));
        for (const row of plan.rows) {
          expect(row.late).toBeLessThanOrEqual(row.messages);
          expect(row.late).toBeGreaterThanOrEqual(0);
          expect(row.messagesPerHour).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(row.messagesPerHour)).toBe(true);
          if (row.startAt === null) expect(row).toMatchObject({ endAt: null, late: row.messages });
          else {
            expect(row.startAt).toBeGreaterThanOrEqual(START);
            expect(row.endAt).toBeGreaterThanOrEqual(row.startAt);
            expect(row.endAt).toBeLessThanOrEqual(world.validUntil);
          }
          if (row.late > 0) expect(row.why).not.toBe("Nothing holds it back");
        }
        expect(planDelivery(world)).toEqual(plan);
      }),
      { numRuns: 150 },
    );
  });

  test("the speed of a delivery is never exceeded", () => {
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 100, max: 5000 }), (world, speed) => {
        const plan = planDelivery({ ...world, speed });
        const hours = ((plan.endAt ?? START) - START) / HOUR;
        expect(plan.messages - plan.late).toBeLessThanOrEqual(speed * hours + 1 + plan.rows.length);
      }),
      { numRuns: 100 },
    );
  });
});
