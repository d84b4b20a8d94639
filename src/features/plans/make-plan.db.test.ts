/** What plans are made from, on a real database: domains, sites, rules, lanes, restrictions, backlog, sources, acceptance. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { laneFigures } from "../../../test/seed-lanes.ts";
import { BIG, mxRule, PLAN_FILES, planDeps, seedReady } from "../../../test/seed-plans.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { planSchema } from "../../contract/responses-shaping.ts";
import type { Effect, Scope } from "../../core/shaping/restriction.ts";
import { HOUR, MINUTE } from "../../core/time.ts";
import { confirmDelivery } from "../deliveries/index.ts";
import { recordShapingEvents, rememberDomainSites, saveLanes } from "../lanes/index.ts";
import { makePlan, type PlanDeps } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() =>
  web.db.query(
    `truncate deliveries, delivery_parts, messages, message_attempts, destination_counters, delivery_plans, recipients, list_members,
              lanes, lane_pins, shaping_events, senders, domain_sites, sources, pools, pool_sources, mx_rules, warm_ups, warm_up_days`,
  ),
);
afterAll(() => web.close());

const now = () => Date.now();

async function rowsOf(id: number, changes: Partial<PlanDeps> = {}, at = now()) {
  const plan = planSchema.parse(await makePlan(web.db, id, planDeps(changes), at));
  const hours = (at: string | null) => (at === null ? null : (Date.parse(at) - Date.parse(plan.startAt)) / HOUR);
  return new Map(plan.rows.map((row) => [row.provider, { ...row, hours: hours(row.endAt) }]));
}

async function restrict(scope: Scope, effect: Effect, until: number | null) {
  await recordShapingEvents(web.db, "s1", [
    {
      id: crypto.randomUUID(),
      at: now() - MINUTE,
      kind: "restricted",
      scope,
      provider: "big",
      cause: { kind: "reaction", rule: "r" },
      evidence: "421 4.7.0 slow down",
      effect,
      until,
      deliveryId: null,
      messageKey: null,
    },
  ]);
}

describe("a plan", () => {
  beforeEach(() =>
    rememberDomainSites(
      web.db,
      [
        { domain: "a.example", ...BIG },
        { domain: "b.example", ...BIG },
      ],
      now(),
    ),
  );

  test("counts domains of one site together, by the rule for its MX; others are nobody's yet and said to be so", async () => {
    const rows = await rowsOf(
      await seedReady(web.db, { "a.example": 15, "b.example": 25, "c.example": 10, "d.example": 10 }),
    );
    expect(rows.get("big")).toMatchObject({ messages: 40, hours: expect.closeTo(4, 1), constraint: "rate", late: 0 });
    expect(rows.get("big")?.why).toMatch(/At most 10 messages an hour \(MX rule big\)/);
    // Two sites with a limit of five an hour each.
    expect(rows.get("other")).toMatchObject({ messages: 20, hours: expect.closeTo(2, 1) });
    expect(rows.get("other")?.why).toMatch(/domains of 20 messages are not looked up yet/);
  });

  test("knows the waves, those that have begun too, and a schedule", async () => {
    const waves = { kind: "equal", size: "25%", every: "12h" };
    const id = await seedReady(web.db, { "a.example": 40 }, { waves });
    // Ten an hour: each wave takes an hour.
    const wavesOver = { messages: 40, hours: expect.closeTo(37, 1), why: expect.stringContaining("last wave begins") };
    expect((await rowsOf(id)).get("big")).toMatchObject(wavesOver);
    const start = now() + 5 * HOUR;
    await web.db.query(
      "update deliveries set state = 'scheduled', start_at = $2, start_not_after = $2, start_by = 'test' where id = $1",
      [id, new Date(start)],
    );
    const { startAt } = await makePlan(web.db, id, planDeps(), now());
    expect(Date.parse(startAt)).toBe(start);
    expect((await rowsOf(id)).get("big")).toMatchObject(wavesOver);
    await web.db.query(
      "update deliveries set state = 'ready', start_at = null, start_not_after = null, start_by = null where id = $1",
      [id],
    );
    await confirmDelivery(web.db, id, "test", now());
    const later = (await rowsOf(id, {}, now() + 11 * HOUR)).get("big");
    expect(later).toMatchObject({ messages: 40, hours: expect.closeTo(26, 1) });
  });

  test("looks up the largest unknown domains, for two seconds, and keeps what was found", async () => {
    const kept: unknown[] = [];
    const asked: unknown[] = [];
    const rows = await rowsOf(await seedReady(web.db, { "c.example": 10, "d.example": 5 }), {
      lookUpSites: (domains, within) => {
        asked.push(domains, within);
        return Promise.resolve([{ domain: "c.example", site: "mx2.big.example", mx: ["mx2.big.example"] }]);
      },
      remember: async (found) => void kept.push(...found),
    });
    expect(asked).toEqual([["c.example", "d.example"], 2000]);
    expect(kept).toEqual([{ domain: "c.example", site: "mx2.big.example", mx: ["mx2.big.example"], provider: "big" }]);
    expect(rows.get("big")).toMatchObject({ messages: 10, hours: expect.closeTo(1, 1) });
    expect(rows.get("other")).toMatchObject({ messages: 5 });
  });

  test("goes by the operator's rules first, by pins, and by what lanes may at the moment", async () => {
    const id = await seedReady(web.db, { "a.example": 40 });
    await web.db.query(
      `insert into mx_rules (position, name, rule, created_at, updated_at) values (1, 'mine', $1, now(), now())`,
      [
        JSON.stringify({
          mx: ["mx.big.*"],
          connections: { min: 1, max: 5 },
          messagesPerHour: { min: 1, max: 20 },
          sources: null,
          countedPer: "site",
          shared: false,
          messagesPerConnection: 10,
          connectionsPerMinute: null,
          timeouts: { connect: null, data: null, other: null },
          tls: "opportunistic",
        }),
      ],
    );
    expect((await rowsOf(id)).get("big")).toMatchObject({
      hours: expect.closeTo(2, 1),
      why: expect.stringMatching(/MX rule mine/),
    });
    await web.db.query(
      "insert into lane_pins (source, site, messages_per_hour, actor, at) values ('default', 'mx.big.example', 40, 'x', now())",
    );
    expect((await rowsOf(id)).get("big")?.hours).toBeCloseTo(1, 1);
    await web.db.query("truncate lane_pins");
    const suspendedUntil = new Date(now() + 3 * HOUR).toISOString();
    const figures = laneFigures({ messagesPerHour: 5, suspendedUntil });
    await saveLanes(web.db, "s1", [{ source: "default", ...BIG, rule: "mine", state: {}, figures }], now());
    const slow = (await rowsOf(id)).get("big");
    expect(slow?.hours).toBeGreaterThan(5);
    expect(slow?.why).toMatch(/growing to 20|Suspended until/);
  });

  test("knows what is suspended, for the lane, the provider or just this delivery", async () => {
    const id = await seedReady(web.db, { "a.example": 5 });
    await restrict({ kind: "delivery", deliveryId: id + 1, provider: "big" }, { kind: "suspend" }, now() + 9 * HOUR);
    expect((await rowsOf(id)).get("big")?.hours).toBeCloseTo(0.5, 1);
    await restrict({ kind: "delivery", deliveryId: id, provider: "big" }, { kind: "suspend" }, now() + 2 * HOUR);
    expect((await rowsOf(id)).get("big")).toMatchObject({
      hours: expect.closeTo(2.5, 1),
      constraint: "suspended",
      why: expect.stringMatching(/^Suspended until .*: 421 4.7.0 slow down$/),
    });
    await restrict({ kind: "provider", source: null, provider: "big" }, { kind: "suspend" }, null);
    expect((await rowsOf(id)).get("big")).toMatchObject({ startAt: null, endAt: null, late: 5 });
  });

  test("shares a lane with what other deliveries have waiting, by priority", async () => {
    const other = await seedReady(web.db, { "b.example": 40 }, { priority: "very-high" });
    const id = await seedReady(web.db, { "a.example": 10 });
    expect((await rowsOf(id)).get("big")?.hours).toBeCloseTo(1, 1);
    await confirmDelivery(web.db, other, "test", now());
    const rows = await rowsOf(id);
    // Two of ten an hour, until the forty are gone.
    expect(rows.get("big")?.hours).toBeCloseTo(5, 1);
    expect(rows.get("big")?.why).toMatch(/40 messages of other deliveries wait there too/);
  });

  test("keeps to the delivery's speed, its validity and its routes", async () => {
    const id = await seedReady(web.db, { "a.example": 20 }, { speed: 4, validity: "2h" });
    expect((await rowsOf(id)).get("big")).toMatchObject({ constraint: "delivery-speed", late: 12 });
    const routed = await seedReady(web.db, { "a.example": 20 }, { routes: { "a.example": "mx.small.example:2525" } });
    expect((await rowsOf(routed)).get("other")).toMatchObject({ messages: 20, hours: expect.closeTo(4, 1) });
    const everything = await seedReady(
      web.db,
      { "a.example": 20, "x.example": 5 },
      { routes: { "*": "192.0.2.1:25" } },
    );
    expect((await rowsOf(everything)).get("other")).toMatchObject({ messages: 25, hours: expect.closeTo(5, 1) });
  });

  test("knows sources, their weights and their warm-up", async () => {
    await web.db.query(
      `insert into sources (name, address_v4, helo, enabled, warm_up, created_at, updated_at) overriding system value values
         ('cold', '192.0.2.1', 'a.example.org', true, 'automatic', now(), now()),
         ('warm', '192.0.2.2', 'b.example.org', true, 'off', now(), now()),
         ('idle', '192.0.2.3', 'c.example.org', false, 'off', now(), now())`,
    );
    const pool = async (name: string, members: string[]) => {
      await web.db.query("insert into pools (name, created_at, updated_at) values ($1, now(), now())", [name]);
      await web.db.query(
        "insert into pool_sources select p.id, s.id, 1 from pools p, sources s where p.name = $1 and s.name = any($2)",
        [name, members],
      );
    };
    await pool("Cold", ["cold"]);
    await pool("Both", ["cold", "warm"]);
    await pool("Idle", ["idle"]);
    const cold = (await rowsOf(await seedReady(web.db, { "a.example": 10 }, { pool: "cold" }))).get("big");
    expect(cold).toMatchObject({ constraint: "warm-up", late: 0 });
    expect(cold?.why).toBe("Warm-up of source cold: 2 messages left today, 4 on the next sending day");
    expect(cold?.hours).toBeGreaterThan(24);
    const both = (await rowsOf(await seedReady(web.db, { "a.example": 10 }, { pool: "Both" }))).get("big");
    expect(both?.hours).toBeLessThan(1.1);
    const idle = await seedReady(web.db, { "a.example": 10 });
    await web.db.query('update deliveries set settings = settings || \'{"pool": "Idle"}\' where id = $1', [idle]);
    expect((await rowsOf(idle)).get("big")).toMatchObject({ constraint: "no-source", late: 10 });
  });

  test("goes by how servers answered lately", async () => {
    const slow = { ...PLAN_FILES, rules: [mxRule("default", ["*"], { connections: { min: 1, max: 1 } })] };
    const before = await seedReady(web.db, { "b.example": 40 });
    await confirmDelivery(web.db, before, "test", now());
    await web.db.query(
      `insert into message_attempts (part_id, seq, attempt, at, kind, code, reply, mx, duration_ms)
       select m.part_id, m.seq, 1, now(), case when m.seq < 5 then 'refused' else 'accepted' end,
              case when m.seq < 5 then 451 else 250 end, '', 'mx.big.example', 60000
         from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1
       union all
       select m.part_id, m.seq, 2, now(), 'accepted', 250, '', 'mx.big.example', 60000
         from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1 and m.seq < 5`,
      [before],
    );
    await web.db.query(
      "update delivery_parts set sent = to_deliver, pending = 0, due_at = null where delivery_id = $1",
      [before],
    );
    await web.db.query("update deliveries set state = 'finished' where id = $1", [before]);
    const big = (await rowsOf(await seedReady(web.db, { "a.example": 20 }), { files: slow })).get("big");
    // A minute for a message, every second one comes twice.
    expect(big?.hours).toBeCloseTo(0.5 + 7.5 / 60, 1);
    expect(big).toMatchObject({
      constraint: "connections",
      why: expect.stringMatching(/1 connections at 60 s a message/),
    });
  });
});

test("a delivery to tens of thousands of domains is planned by groups of sites that are alike", async () => {
  const id = await seedReady(web.db, { "a.example": 1 });
  await web.db.query("delete from destination_counters where delivery_id = $1", [id]);
  await web.db.query(
    `insert into destination_counters (delivery_id, domain, sender, to_deliver)
     select $1, 'd' || i || '.example', '', case when i <= 50 then 50000 else 1 + 500000 / (i * 20) end from generate_series(1, 30000) i`,
    [id],
  );
  await web.db.query(
    `insert into domain_sites (domain, site, provider, mx, seen_at)
     select 'd' || i || '.example', h, 'other', array[h], now()
       from (select i, case when i <= 50 then 'mx' || i || '.big.example' else 'mx.d' || i || '.example' end as h
               from generate_series(1, 30000) i) d`,
  );
  const rules = [
    mxRule("big", ["*.big.example"], { messagesPerHour: { min: 1, max: 50_000 } }),
    mxRule("default", ["*"]),
  ];
  const rows = await rowsOf(id, { files: { ...PLAN_FILES, rules } });
  expect(rows.get("big")).toMatchObject({ messages: 2_500_000, late: 0 });
  expect(rows.get("big")?.why).toMatch(/50,000 messages an hour for each of 50 sites/);
  const [{ sum } = { sum: 0 }] = await web.db.query<{ sum: number }>(
    "select sum(to_deliver)::bigint as sum from destination_counters where delivery_id = $1 and domain !~ '^d([1-9]|[1-4][0-9]|50)\\.'",
    [id],
  );
  expect(rows.get("other")).toMatchObject({ messages: sum, late: 0 });
});
