/** What a source may do at a site: its rule, what restricts it, what operators pin, and whom it shares with. */
import { describe, expect, test } from "vitest";

import { TEST_RULE } from "../../test/mx-rule.ts";
import { indexRestrictions } from "../core/shaping/effective.ts";
import type { Place } from "../core/shaping/place.ts";
import type { Pin, Restriction } from "../core/shaping/restriction.ts";
import type { MxRule } from "../core/shaping/rule.ts";
import { HOUR, MINUTE, SECOND } from "../core/time.ts";
import type { Counted, Waiter } from "./lane-shaping.ts";
import { laneFigures } from "./lane-figures.ts";
import { type SharedThrottle, shareThrottle } from "./shared-throttle.ts";
import { createSiteShaping, type SiteChange, type SiteOptions } from "./site-shaping.ts";
import type { WarmUpGate } from "./warm-up-gate.ts";

const PLACE: Place = {
  source: "a",
  sourceAddress: "192.0.2.1",
  site: "mx.example.org",
  provider: "example",
  domain: null,
  deliveryId: null,
  dkimDomains: [],
  urlDomains: [],
};
const REFUSED = { kind: "lost", stage: "connect", trouble: "unreachable", detail: "refused", inDoubt: false } as const;
const FACTS = { mx: "mx.example.org", tls: null, durationMs: 0 };

const waiterOf = (wake: () => void, open = 0): Waiter => ({ wake, open: () => open });

function site(changes: Partial<MxRule> = {}, options: Partial<SiteOptions> = {}) {
  const world = {
    now: 1000 * SECOND,
    rule: { ...TEST_RULE, ...changes } as MxRule,
    group: null as SharedThrottle | null,
    restrictions: [] as Restriction[],
    index: indexRestrictions([]),
    pin: null as Pin | null,
    changes: [] as SiteChange[],
  };
  const shaping = createSiteShaping({
    place: PLACE,
    rule: () => ({ rule: world.rule, group: world.group }),
    restrictions: () => world.index,
    pin: () => world.pin,
    share: (limit) => limit,
    laneShare: (limit) => limit,
    warmUp: null,
    saved: undefined,
    onChange: (change) => world.changes.push(change),
    steady: () => world.now,
    ...options,
  });
  const restrict = (restriction: Pick<Restriction, "effect" | "until">) => {
    world.index = indexRestrictions([
      {
        id: "1",
        scope: { kind: "lane", source: "a", site: "mx.example.org" },
        cause: { kind: "operator", rule: "somebody" },
        evidence: "because",
        since: world.now,
        ...restriction,
      },
    ]);
  };
  const open: Counted[] = [];
  /** Why not; null: it is counted. */
  const connect = (waiter: Waiter = waiterOf(() => {})) => {
    const connected = shaping.connect(world.now, waiter);
    if (connected.kind === "connected") open.push(connected.counted);
    return connected.kind === "connected" ? null : connected;
  };
  return { world, shaping, restrict, connect, open };
}

describe("a source at a site", () => {
  test("a rule that is changed acts on the next look", () => {
    const { world, shaping } = site();
    expect(shaping.connections(world.now)).toBe(4);
    world.rule = { ...TEST_RULE, connections: { min: 1, max: 2 }, messagesPerHour: { min: 60, max: 3600 } };
    world.now += SECOND;
    expect([shaping.connections(world.now), shaping.messagesPerHour(world.now)]).toEqual([2, 3600]);
  });

  test("a restriction binds while it stands, and a pin holds between", () => {
    const { world, shaping, restrict } = site();
    restrict({
      effect: { kind: "limit", connections: 1, messagesPerHour: 600, messagesPerConnection: 3 },
      until: world.now + HOUR,
    });
    expect([
      shaping.connections(world.now),
      shaping.messagesPerHour(world.now),
      shaping.messagesPerConnection(0),
    ]).toEqual([1, 600, 3]);
    world.now += 2 * HOUR;
    world.pin = { source: "a", site: "mx.example.org", connections: 3, messagesPerHour: 1200 };
    expect([shaping.connections(world.now), shaping.messagesPerHour(world.now)]).toEqual([3, 1200]);
    world.pin = { ...world.pin, connections: 100 };
    expect(shaping.connections(world.now)).toBe(4);
  });

  test("a suspension says until when", () => {
    const { world, shaping, restrict } = site();
    restrict({ effect: { kind: "suspend" }, until: world.now + MINUTE });
    expect(shaping.suspendedUntil(world.now)).toBe(world.now + MINUTE);
  });

  test("connections are counted over all lanes of the site, and the first that waits gets what becomes free", () => {
    const { shaping, connect, open } = site({ connections: { min: 1, max: 2 } });
    expect([connect(), connect()]).toEqual([null, null]);
    const woken: string[] = [];
    connect(
      waiterOf(() => {
        woken.push("first");
        connect();
      }),
    );
    connect(waiterOf(() => woken.push("second")));
    expect(
      shaping.shouldYield(
        waiterOf(() => {}, 2),
        20,
      ),
    ).toBe(true);
    open[0]?.closed(0);
    expect(woken).toEqual(["first"]);
  });

  test("whoever has no use for what became free passes it on", () => {
    const { connect, open } = site({ connections: { min: 1, max: 1 } });
    connect();
    const woken: string[] = [];
    for (const name of ["idle", "idle too", "busy"]) {
      connect(
        waiterOf(() => {
          woken.push(name);
          if (name === "busy") connect();
        }),
      );
    }
    open[0]?.closed(0);
    expect(woken).toEqual(["idle", "idle too", "busy"]);
  });

  test("who has no connection comes before who wants one more", () => {
    const { connect, open } = site({ connections: { min: 1, max: 2 } });
    connect();
    connect();
    const woken: string[] = [];
    connect(waiterOf(() => woken.push("has two"), 2));
    connect(
      waiterOf(() => {
        woken.push("has none");
        connect();
      }),
    );
    open[0]?.closed(0);
    expect(woken).toEqual(["has none"]);
  });

  test("nobody yields to itself, nor to a lane that has as many; the only connection goes to a lane that has none", () => {
    const { shaping, connect } = site({ connections: { min: 1, max: 1 } });
    const [me, equal, none] = [waiterOf(() => {}, 1), waiterOf(() => {}, 1), waiterOf(() => {}, 0)];
    connect();
    connect(me);
    expect([shaping.shouldYield(me, 100), shaping.isWanted(me)]).toEqual([false, false]);
    connect(equal);
    expect([shaping.shouldYield(me, 100), shaping.isWanted(me)]).toEqual([false, true]);
    connect(none);
    expect([shaping.shouldYield(me, 19), shaping.shouldYield(me, 20)]).toEqual([false, true]);
  });

  test("a waiter whom another limit refuses again is asked once", () => {
    const group = shareThrottle(1000 * SECOND);
    const one = site({ countedPer: "rule", connections: { min: 1, max: 3 } });
    one.world.group = group;
    one.world.now += SECOND;
    expect([one.connect(), one.connect()]).toEqual([null, null]);
    group.open = 3;
    let asked = 0;
    const waiter = waiterOf(() => {
      asked++;
      group.open = 3;
      one.connect(waiter);
    });
    one.connect(waiter);
    one.open[0]?.closed(one.world.now);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(4);
  });

  test("what is open counts under the rule of now, and what leaves makes nobody else leave", () => {
    const group = shareThrottle(1000 * SECOND);
    const { world, shaping, connect, open } = site();
    for (let i = 0; i < 4; i++) connect();
    world.rule = { ...TEST_RULE, countedPer: "rule", connections: { min: 1, max: 2 } };
    world.group = group;
    world.now += SECOND;
    expect(shaping.surplus(world.now)).toBe(2);
    expect(group.open).toBe(4);
    open[0]?.leave();
    open[0]?.leave();
    expect(shaping.surplus(world.now)).toBe(1);
    for (const counted of open) counted.closed(world.now);
    expect([group.open, group.leaving, shaping.surplus(world.now)]).toEqual([0, 0, -2]);
  });

  test("a connection that was made anew counts against the rate of connections", () => {
    const { world, connect, open } = site({ connectionsPerMinute: 60 });
    world.now += 2 * SECOND;
    expect(connect()).toBeNull();
    open[0]?.remade(world.now);
    expect(connect()).toMatchObject({ constraint: "connection-rate", until: world.now + 2 * SECOND });
  });

  test("what is said about a source that several senders share is divided among them", () => {
    const { world, shaping, restrict } = site(
      { messagesPerHour: { min: 1, max: 3600 } },
      { laneShare: (limit) => limit / 4 },
    );
    world.pin = { source: "a", site: "mx.example.org", connections: 4, messagesPerHour: 800 };
    expect([shaping.connections(world.now), shaping.messagesPerHour(world.now)]).toEqual([1, 200]);
    restrict({
      effect: { kind: "limit", connections: null, messagesPerHour: 400, messagesPerConnection: null },
      until: null,
    });
    expect(shaping.messagesPerHour(world.now)).toBe(100);
  });

  test("sites of one rule share its connections and rate", () => {
    const group = shareThrottle(1000 * SECOND);
    const [one, other] = [site({ countedPer: "rule", connections: { min: 1, max: 2 } }), site({ countedPer: "rule" })];
    for (const { world } of [one, other]) {
      world.group = group;
      world.rule = { ...world.rule, connections: { min: 1, max: 2 }, messagesPerHour: { min: 1, max: 3600 } };
      world.now += SECOND;
    }
    expect([one.connect(), other.connect(), one.connect()]).toEqual([
      null,
      null,
      { kind: "refused", until: Number.POSITIVE_INFINITY, constraint: "connections" },
    ]);
    for (const { world } of [one, other]) world.now += SECOND;
    expect(one.shaping.take(one.world.now)).toBeNull();
    expect(other.shaping.take(other.world.now)).toMatchObject({ constraint: "rate" });
  });

  test("a site that gives no session rests, and says so once for each rest", () => {
    const { world, shaping } = site();
    shaping.siteFailed(REFUSED, FACTS, world.now);
    expect(shaping.suspendedUntil(world.now)).toBeGreaterThan(world.now);
    expect(world.changes).toMatchObject([{ kind: "site-failure", rule: "no-session", effect: { kind: "suspend" } }]);
  });

  test("asked for less, it does less and says so", () => {
    const { world, shaping, connect } = site();
    for (let i = 0; i < 4; i++) connect();
    shaping.step({ kind: "slow" }, "rate-text", "421 slow down");
    expect(shaping.connections(world.now)).toBe(2);
    expect(world.changes).toMatchObject([{ rule: "rate-text", evidence: "421 slow down" }]);
  });

  test("a restart goes on where the lane was, and never with more", () => {
    const before = site();
    before.shaping.step({ kind: "slow" }, "x", "y");
    const saved: unknown = JSON.parse(JSON.stringify(before.shaping.controller()));
    const after = site({}, { saved });
    expect(after.shaping.connections(after.world.now)).toBe(before.shaping.connections(before.world.now));
    const hostile = site({}, { saved: { connections: 1e9, messagesPerHour: "all" } });
    expect(hostile.shaping.connections(hostile.world.now)).toBeLessThanOrEqual(4);
  });
});

describe("why a lane is not faster", () => {
  const clock = { now: () => 0, steady: () => 1000 * SECOND };
  const waiting = { waiting: 10, connections: 4, wanting: 0, held: 0 };

  test("all connections wait for replies", () => {
    const { shaping } = site();
    expect(laneFigures(shaping, waiting, null, null, clock)).toMatchObject({ constraint: "remote", waiting: 10 });
  });

  test("connections could take more than is made", () => {
    const { shaping } = site();
    expect(laneFigures(shaping, { ...waiting, wanting: 2 }, null, null, clock).constraint).toBe("cpu");
  });

  test("connections are idle because what waits may not leave yet", () => {
    const { shaping } = site();
    const held = { ...waiting, wanting: 4, held: 10 };
    expect(laneFigures(shaping, held, null, null, clock).constraint).toBe("delivery-speed");
    expect(laneFigures(shaping, { ...held, wanting: 1 }, null, null, clock).constraint).toBe("cpu");
  });

  test("a suspension names who decided it and why", () => {
    const { shaping, restrict } = site();
    restrict({ effect: { kind: "suspend" }, until: null });
    expect(laneFigures(shaping, waiting, null, null, clock)).toMatchObject({
      constraint: "suspended",
      why: "Suspended by somebody: because",
      suspendedUntil: null,
    });
  });

  test("the rate that was refused a moment ago", () => {
    const { shaping, world } = site({ messagesPerHour: { min: 1, max: 60 } });
    shaping.take(world.now);
    expect(laneFigures(shaping, waiting, null, null, clock)).toMatchObject({ constraint: "rate", messagesPerHour: 60 });
  });

  test("an allowance that is used up, although what it held up was put off", () => {
    const warmUp = { exhaustedUntil: (now: number) => now + HOUR } as WarmUpGate;
    const { shaping } = site({}, { warmUp });
    const nothing = { ...waiting, waiting: 0 };
    expect(laneFigures(shaping, nothing, null, null, clock).constraint).toBe("warm-up");
  });

  test("a journal that cannot be written holds everything up", () => {
    const { shaping } = site();
    expect(laneFigures(shaping, waiting, null, "journal", clock).constraint).toBe("journal");
    expect(laneFigures(shaping, { ...waiting, waiting: 0 }, null, "journal", clock).constraint).toBe("none");
  });
});
