/** Plans over the API: kept, told in the checklist, and held against what became of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { CONTENT_DEPS, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { BIG, PLAN_FILES, planDeps, seedReady } from "../../../test/seed-plans.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { settingsSchema } from "../../contract/index.ts";
import { planSchema } from "../../contract/responses-shaping.ts";
import { HOUR } from "../../core/time.ts";
import { beginAnalysis, runAnalysis } from "../analysis/index.ts";
import { confirmDelivery, settleDelivery } from "../deliveries/index.ts";
import { rememberDomainSites, touchSender } from "../lanes/index.ts";
import { makePlan, type PlanDeps, planInAnalysis, writeActuals } from "./index.ts";

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

describe("over the API", () => {
  const url = (id: number | string) => `/api/v1/deliveries/${id}/plan`;

  test("a plan is made with the rules that ship, kept, and given again", async () => {
    await touchSender(web.db, "s1", 0, 1, now());
    const id = await seedReady(web.db, { "a.example": 3 });
    expect((await web.call("GET", url(id))).status).toBe(404);
    const made = await web.call("POST", url(id));
    expect(made.status).toBe(200);
    expect(planSchema.parse(made.body)).toMatchObject({ deliveryId: String(id), messages: 3, late: 0, actual: null });
    expect(await web.get(url(id), planSchema)).toEqual(made.body);
  });

  test("of a delivery that has begun the first plan is kept", async () => {
    const id = await seedReady(web.db, { "a.example": 3 });
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
  const analyse = async (wanted: PlanDeps, errors: unknown[] = [], more: object = {}) => {
    const audience = await importCsv(
      web.db,
      `email\n${Array.from({ length: 30 }, (_, i) => `p${i}@a.example`).join("\n")}\n`,
    );
    const id = await seedDelivery(web.db, { audience, settings: settingsSchema.parse({ validity: "4h", ...more }) });
    await beginAnalysis(web.db, id, "test", now());
    const checklist = await runAnalysis(web.db, id, now, {
      ...CONTENT_DEPS,
      planDelivery: (tx, delivery, at) =>
        planInAnalysis(tx, delivery, { ...wanted, onError: (error) => errors.push(error) }, at),
    });
    return { id, checklist };
  };

  test("tells in its checklist how long it takes and what ends last", async () => {
    await rememberDomainSites(web.db, [{ domain: "a.example", ...BIG }], now());
    const { id, checklist } = await analyse(planDeps());
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

  test("says when a delivery that starts by itself would end", async () => {
    await rememberDomainSites(web.db, [{ domain: "a.example", ...BIG }], now());
    const { id, checklist } = await analyse(planDeps(), [], { approval: { mode: "automatic" } });
    const { endAt } = await web.get(`/api/v1/deliveries/${id}/plan`, planSchema);
    const detail = `big ends last. At most 10 messages an hour (MX rule big). It starts by itself; begun now, it ends ${endAt}.`;
    expect(checklist.items).toContainEqual(expect.objectContaining({ id: "plan", detail }));
  });

  test("warns of messages that will not leave in time", async () => {
    const { checklist } = await analyse(planDeps());
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
      planDeps({ lookUpSites: () => Promise.reject(new Error("no DNS here")) }),
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
    const id = await seedReady(web.db, { "a.example": 3, "b.example": 1 });
    await makePlan(web.db, id, planDeps(), now());
    await confirmDelivery(web.db, id, "test", now());
    await writeActuals(web.db, PLAN_FILES.providers, now());
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
    await writeActuals(web.db, PLAN_FILES.providers, now());
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
    const id = await seedReady(web.db, { "a.example": 3 });
    await makePlan(web.db, id, planDeps(), now());
    await web.db.query("update deliveries set state = 'stopped' where id = $1", [id]);
    await writeActuals(web.db, PLAN_FILES.providers, now());
    expect((await web.get(`/api/v1/deliveries/${id}/plan`, planSchema)).actual).toMatchObject({ rows: [] });
    await web.db.query("delete from deliveries where id = $1", [id]);
    await writeActuals(web.db, PLAN_FILES.providers, now());
    expect(await web.db.query("select 1 from delivery_plans")).toEqual([]);
  });
});
