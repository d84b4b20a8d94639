/** Plans on a real database: what they are made from, that they are kept, told in the checklist, and held against what became of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { CONTENT_DEPS, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { settingsSchema } from "../../contract/index.ts";
import { planSchema } from "../../contract/responses-shaping.ts";
import type { LaneFigures } from "../../contract/shaping.ts";
import type { Effect, Scope } from "../../core/shaping/restriction.ts";
import type { MxRule, ShapingFiles } from "../../core/shaping/rule.ts";
import { HOUR, MINUTE } from "../../core/time.ts";
import { beginAnalysis, runAnalysis } from "../analysis/index.ts";
import { confirmDelivery, settleDelivery } from "../deliveries/index.ts";
import { recordShapingEvents, rememberDomainSites, saveLanes, touchSender } from "../lanes/index.ts";
import { type PlanDeps, planInAnalysis, writeActuals } from "./index.ts";
import { makePlan } from "./make-plan.ts";

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

const rule = (name: string, mx: string[], changes: Partial<MxRule> = {}): MxRule => ({
  name,
  origin: "shipped",
  mx,
  sources: null,
  countedPer: "site",
  isShared: false,
  connections: { min: 1, max: 10 },
  messagesPerConnection: 100,
  messagesPerHour: null,
  connectionsPerMinute: null,
  timeouts: { connect: null, data: null, other: null },
  tls: "opportunistic",
  ...changes,
});
const FILES: Pick<ShapingFiles, "providers" | "rules"> = {
  providers: [{ name: "big", label: "Big", mx: ["*.big.example"], warmUp: [2, 4, 8] }],
  rules: [
    rule("big", ["*.big.example"], { messagesPerHour: { min: 1, max: 10 } }),
    rule("default", ["*"], { messagesPerHour: { min: 1, max: 5 } }),
  ],
};
const deps = (changes: Partial<PlanDeps> = {}): PlanDeps => ({
  files: FILES,
  lookUpSites: () => Promise.resolve([]),
  remember: () => Promise.resolve(),
  ...changes,
});
const now = () => Date.now();
const BIG = { site: "mx.big.example", provider: "big", mx: ["mx.big.example"] };

/** A delivery that is ready, to `counts` people of each domain. */
async function ready(counts: Record<string, number>, settings: object = {}): Promise<number> {
  const people = Object.entries(counts).flatMap(([domain, n]) =>
    Array.from({ length: n }, (_, i) => `p${i}@${domain}`),
  );
  const audience = await importCsv(web.db, `email\n${people.join("\n")}\n`);
  const id = await seedDelivery(web.db, { audience, settings: settingsSchema.parse({ ...settings, partSize: 10 }) });
  await beginAnalysis(web.db, id, "test", now());
  expect((await runAnalysis(web.db, id, now, CONTENT_DEPS)).ready).toBe(true);
  return id;
}

async function rowsOf(id: number, changes: Partial<PlanDeps> = {}) {
  const plan = planSchema.parse(await makePlan(web.db, id, deps(changes), now()));
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
    const rows = await rowsOf(await ready({ "a.example": 15, "b.example": 25, "c.example": 10, "d.example": 10 }));
    expect(rows.get("big")).toMatchObject({ messages: 40, hours: expect.closeTo(4, 1), constraint: "rate", late: 0 });
    expect(rows.get("big")?.why).toMatch(/At most 10 messages an hour \(MX rule big\)/);
    // Two sites with a limit of five an hour each.
    expect(rows.get("other")).toMatchObject({ messages: 20, hours: expect.closeTo(2, 1) });
    expect(rows.get("other")?.why).toMatch(/domains of 20 messages are not looked up yet/);
  });

  test("looks up the largest unknown domains, for two seconds, and keeps what was found", async () => {
    const kept: unknown[] = [];
    const asked: unknown[] = [];
    const rows = await rowsOf(await ready({ "c.example": 10, "d.example": 5 }), {
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
    const id = await ready({ "a.example": 40 });
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
    const figures: LaneFigures = {
      ...{ waiting: 0, connections: 0, allowedConnections: 5, messagesPerHour: 5, acceptedLastMinute: 0 },
      ...{
        deferredLastMinute: 0,
        refusedLastMinute: 0,
        constraint: "none",
        why: "",
        lastReply: null,
        lastReplyAt: null,
      },
      suspendedUntil: new Date(now() + 3 * HOUR).toISOString(),
    };
    await saveLanes(web.db, "s1", [{ source: "default", ...BIG, rule: "mine", state: {}, figures }], now());
    const slow = (await rowsOf(id)).get("big");
    expect(slow?.hours).toBeGreaterThan(5);
    expect(slow?.why).toMatch(/growing to 20|Suspended until/);
  });

  test("knows what is suspended, for the lane, the provider or just this delivery", async () => {
    const id = await ready({ "a.example": 5 });
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
    const other = await ready({ "b.example": 40 }, { priority: "very-high" });
    const id = await ready({ "a.example": 10 });
    expect((await rowsOf(id)).get("big")?.hours).toBeCloseTo(1, 1);
    await confirmDelivery(web.db, other, "test", now());
    const rows = await rowsOf(id);
    // Two of ten an hour, until the forty are gone.
    expect(rows.get("big")?.hours).toBeCloseTo(5, 1);
    expect(rows.get("big")?.why).toMatch(/40 messages of other deliveries wait there too/);
  });

  test("keeps to the delivery's speed, its validity and its routes", async () => {
    const id = await ready({ "a.example": 20 }, { speed: 4, validity: "2h" });
    expect((await rowsOf(id)).get("big")).toMatchObject({ constraint: "delivery-speed", late: 12 });
    const routed = await ready({ "a.example": 20 }, { routes: { "a.example": "mx.small.example:2525" } });
    expect((await rowsOf(routed)).get("other")).toMatchObject({ messages: 20, hours: expect.closeTo(4, 1) });
    const everything = await ready({ "a.example": 20, "x.example": 5 }, { routes: { "*": "192.0.2.1:25" } });
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
    const cold = (await rowsOf(await ready({ "a.example": 10 }, { pool: "cold" }))).get("big");
    expect(cold).toMatchObject({ constraint: "warm-up", late: 0 });
    expect(cold?.why).toBe("Warm-up of source cold: 2 messages left today, 4 on the next sending day");
    expect(cold?.hours).toBeGreaterThan(24);
    const both = (await rowsOf(await ready({ "a.example": 10 }, { pool: "Both" }))).get("big");
    expect(both?.hours).toBeLessThan(1.1);
    const idle = await ready({ "a.example": 10 });
    await web.db.query('update deliveries set settings = settings || \'{"pool": "Idle"}\' where id = $1', [idle]);
    expect((await rowsOf(idle)).get("big")).toMatchObject({ constraint: "no-source", late: 10 });
  });

  test("goes by how servers answered lately", async () => {
    const slow = { ...FILES, rules: [rule("default", ["*"], { connections: { min: 1, max: 1 } })] };
    const before = await ready({ "b.example": 40 });
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
    const big = (await rowsOf(await ready({ "a.example": 20 }), { files: slow })).get("big");
    // A minute for a message, every second one comes twice.
    expect(big?.hours).toBeCloseTo(0.5 + 7.5 / 60, 1);
    expect(big).toMatchObject({
      constraint: "connections",
      why: expect.stringMatching(/1 connections at 60 s a message/),
    });
  });
});

describe("over the API", () => {
  const url = (id: number | string) => `/api/v1/deliveries/${id}/plan`;

  test("a plan is made with the rules that ship, kept, and given again", async () => {
    await touchSender(web.db, "s1", 0, 1, now());
    const id = await ready({ "a.example": 3 });
    expect((await web.call("GET", url(id))).status).toBe(404);
    const made = await web.call("POST", url(id));
    expect(made.status).toBe(200);
    expect(planSchema.parse(made.body)).toMatchObject({ deliveryId: String(id), messages: 3, late: 0, actual: null });
    expect(await web.get(url(id), planSchema)).toEqual(made.body);
  });

  test("of a delivery that has begun the first plan is kept", async () => {
    const id = await ready({ "a.example": 3 });
    const first = await web.call("POST", url(id));
    await confirmDelivery(web.db, id, "test", now());
    await web.db.query(
      "insert into destination_counters (delivery_id, domain, sender, sent) values ($1, 'a.example', 's1', 2)",
      [id],
    );
    expect((await web.call("POST", url(id))).body).toMatchObject({ messages: 1 });
    expect(await web.get(url(id), planSchema)).toEqual(first.body);
  });

  test("there is nothing to plan before the analysis, after the end, or of nothing", async () => {
    const id = await seedDelivery(web.db);
    expect((await web.call("POST", url(id))).body).toMatchObject({ status: 409, currentState: "editing" });
    for (const wrong of ["x", "0", "999999"]) {
      expect((await web.call("POST", url(wrong))).status).toBe(404);
      expect((await web.call("GET", url(wrong))).status).toBe(404);
    }
  });
});

describe("the analysis", () => {
  const analyse = async (planDeps: PlanDeps, errors: unknown[] = []) => {
    const audience = await importCsv(
      web.db,
      `email\n${Array.from({ length: 30 }, (_, i) => `p${i}@a.example`).join("\n")}\n`,
    );
    const id = await seedDelivery(web.db, { audience, settings: settingsSchema.parse({ validity: "4h" }) });
    await beginAnalysis(web.db, id, "test", now());
    const checklist = await runAnalysis(web.db, id, now, {
      ...CONTENT_DEPS,
      planDelivery: (tx, delivery, at) =>
        planInAnalysis(tx, delivery, { ...planDeps, onError: (error) => errors.push(error) }, at),
    });
    return { id, checklist };
  };

  test("tells in its checklist how long it takes and what ends last", async () => {
    await rememberDomainSites(web.db, [{ domain: "a.example", ...BIG }], now());
    const { id, checklist } = await analyse(deps());
    expect(checklist).toMatchObject({
      ready: true,
      items: [
        {
          id: "plan",
          level: "info",
          title: "Sending takes about 3 hours",
          detail: "big ends last. At most 10 messages an hour (MX rule big).",
        },
      ],
    });
    const stored = await web.call("GET", `/api/v1/deliveries/${id}/checklist`);
    expect(stored.body).toMatchObject({ items: checklist.items });
    expect(await web.get(`/api/v1/deliveries/${id}/plan`, planSchema)).toMatchObject({ messages: 30, late: 0 });
  });

  test("warns of messages that will not leave in time", async () => {
    const { checklist } = await analyse(deps());
    expect(checklist).toMatchObject({
      ready: true,
      items: [
        {
          id: "plan",
          level: "warning",
          title: "10 of 30 messages will not leave before the end of the validity period",
        },
      ],
    });
  });

  test("is not spoilt by a plan that cannot be made", async () => {
    const errors: unknown[] = [];
    const { id, checklist } = await analyse(
      deps({ lookUpSites: () => Promise.reject(new Error("no DNS here")) }),
      errors,
    );
    expect(checklist).toMatchObject({ ready: true, items: [{ id: "plan", level: "info", title: /not known/ }] });
    expect(errors).toMatchObject([{ message: "no DNS here" }]);
    expect((await web.call("GET", `/api/v1/deliveries/${id}/plan`)).status).toBe(404);
  });
});

describe("what became of a plan", () => {
  test("stands beside it once the delivery is over, by provider", async () => {
    await rememberDomainSites(web.db, [{ domain: "a.example", ...BIG }], now());
    const id = await ready({ "a.example": 3, "b.example": 1 });
    await makePlan(web.db, id, deps(), now());
    await confirmDelivery(web.db, id, "test", now());
    await writeActuals(web.db, FILES.providers, now());
    const plan = () => web.get(`/api/v1/deliveries/${id}/plan`, planSchema);
    expect((await plan()).actual).toBeNull();
    const start = Date.UTC(2026, 10, 21, 9);
    await web.db.query(
      `insert into message_attempts (part_id, seq, attempt, at, kind, reply, mx)
       select m.part_id, m.seq, 1, $2::timestamptz + (row_number() over (order by m.address desc) - 1) * interval '1 hour',
              case when m.address = 'p0@a.example' then 'refused' else 'accepted' end, '',
              case when m.address like '%@a.example' then 'mx.big.example' else 'mx.b.example' end
         from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1`,
      [id, new Date(start)],
    );
    await web.db.query(
      "update delivery_parts set sent = to_deliver, pending = 0, due_at = null where delivery_id = $1",
      [id],
    );
    await settleDelivery(web.db, id, now());
    await writeActuals(web.db, FILES.providers, now());
    // By address from the last: p2@a at 9, p1@a at 10, p0@b at 11, p0@a refused.
    const at = (hour: number) => new Date(start + hour * HOUR).toISOString();
    expect((await plan()).actual).toEqual({
      startAt: at(0),
      endAt: at(2),
      rows: [
        { provider: "other", messages: 1, startAt: at(2), endAt: at(2), messagesPerHour: 3600 },
        { provider: "big", messages: 2, startAt: at(0), endAt: at(1), messagesPerHour: 2 },
      ],
    });
    expect(await web.call("POST", `/api/v1/deliveries/${id}/plan`)).toMatchObject({ status: 409 });
  });

  test("of a delivery that was stopped before anything left there is nothing; plans of deleted deliveries go", async () => {
    const id = await ready({ "a.example": 3 });
    await makePlan(web.db, id, deps(), now());
    await web.db.query("update deliveries set state = 'stopped' where id = $1", [id]);
    await writeActuals(web.db, FILES.providers, now());
    expect((await web.get(`/api/v1/deliveries/${id}/plan`, planSchema)).actual).toMatchObject({ rows: [] });
    await web.db.query("delete from deliveries where id = $1", [id]);
    await writeActuals(web.db, FILES.providers, now());
    expect(await web.db.query("select 1 from delivery_plans")).toEqual([]);
  });
});

test("a delivery to tens of thousands of domains is planned by groups of sites that are alike", async () => {
  const id = await ready({ "a.example": 1 });
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
  const rules = [rule("big", ["*.big.example"], { messagesPerHour: { min: 1, max: 50_000 } }), rule("default", ["*"])];
  const rows = await rowsOf(id, { files: { ...FILES, rules } });
  expect(rows.get("big")).toMatchObject({ messages: 2_500_000, late: 0 });
  expect(rows.get("big")?.why).toMatch(/50,000 messages an hour for each of 50 sites/);
  const [{ sum } = { sum: 0 }] = await web.db.query<{ sum: number }>(
    "select sum(to_deliver)::bigint as sum from destination_counters where delivery_id = $1 and domain !~ '^d([1-9]|[1-4][0-9]|50)\\.'",
    [id],
  );
  expect(rows.get("other")).toMatchObject({ messages: sum, late: 0 });
});
