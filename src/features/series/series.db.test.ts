/** Recurring deliveries on a real database: each date one delivery, whoever looks and whatever breaks; and the API of them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { addOperator } from "../../../test/operators.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { settingsSchema } from "../../contract/index.ts";
import { pageOf, problemSchema } from "../../contract/responses.ts";
import { seriesAnswerSchema, seriesRunSchema } from "../../contract/responses-series.ts";
import { seriesSchema } from "../../contract/series.ts";
import { DAY, formatInstant, HOUR, MINUTE } from "../../core/time.ts";
import { runAnalysis } from "../analysis/index.ts";
import { readDelivery, startDue, stopDelivery } from "../deliveries/index.ts";
import { runDueSeries, type RunDeps } from "./run-series.ts";
import { createSeries } from "./series.ts";
import { listRuns } from "./store.ts";

let web: TestWebApp;
let audience: { import: string };
let deps: RunDeps;
const wakes: number[] = [];
const asked: number[] = [];
beforeAll(async () => {
  const other = () => Promise.reject(new Error("not in this test"));
  const lifecycle = { analyse: other, pause: other, resume: other, stop: other, confirm: other };
  web = await createTestWebApp({ lifecycle: { ...lifecycle, startAt: async (at) => void wakes.push(at) } });
  audience = await importCsv(web.db, "email\na@one.example\nb@one.example\n");
  await web.db.query(
    "insert into webhooks (url, events, created_at, updated_at) values ('https://h.example', '{series.missed,series.failed}', now(), now())",
  );
  deps = { db: web.db, enqueueAnalysis: async (_, id) => void asked.push(id) };
});
afterEach(() => web.db.query("update series set next_at = null"));
afterAll(() => web.close());

/** 09:00 UTC on the day after NOW, and every day after it. */
const FIRST = NOW + DAY;
const DAILY = {
  label: "News",
  rule: { unit: "day" },
  time: "09:00",
  firstDate: formatInstant(FIRST).slice(0, 10),
  deliveryLabel: "News of {date}",
};
const ADMIN = { label: "admin", operatorId: null, tokenId: null };

const source = (settings: object = {}) =>
  seedDelivery(web.db, { audience, settings: settingsSchema.parse({ validity: "3d", ...settings }) });

async function series(from: number, by: Parameters<typeof createSeries>[2] = ADMIN): Promise<number> {
  const input = seriesSchema.parse({ ...DAILY, from: { delivery: String(from) } });
  return (await createSeries(web.db, input, by, NOW)).id;
}

/** What webhooks hear of series since this was asked last. */
async function told() {
  const rows = await web.db.query<{ refs: object[] }>("delete from webhook_outbox where kind = 'plain' returning refs");
  return rows.flatMap(({ refs }) => refs);
}

const runs = (id: number) => listRuns(web.db, id, null, 100);
const outcomes = async (id: number) => (await runs(id)).map(({ at, outcome }) => `${at.slice(0, 10)} ${outcome}`);

/** All that is due then is made and analysed; answers the delivery of the last run. */
async function run(id: number, now: number): Promise<number> {
  asked.length = 0;
  await runDueSeries(deps, now);
  for (const delivery of asked) await runAnalysis(web.db, delivery, () => now, CONTENT_DEPS);
  return Number((await runs(id))[0]?.delivery?.id);
}

const state = async (id: number) => (await readDelivery(web.db, String(id))).state;
const kinds = async (id: number) =>
  (
    await web.db.query<{ kind: string; actor: string; detail: object }>(
      "select kind, actor, detail from delivery_events where delivery_id = $1 order by id",
      [id],
    )
  ).map(({ kind, actor, detail }) => ({ kind, actor, detail }));

describe("a run", () => {
  test("is a delivery of its own: what is copied as it is then, under the label of its date, analysed", async () => {
    const from = await source({ plannedFor: "2026-12-01T00:00:00Z", validUntil: "2026-12-05T00:00:00Z" });
    const id = await series(from);
    expect(await runDueSeries(deps, FIRST - 1)).toBe(FIRST);
    expect(await runs(id)).toEqual([]);
    await web.db.query(`update deliveries set content = jsonb_set(content, '{subject}', '"Changed"') where id = $1`, [
      from,
    ]);
    const made = await run(id, FIRST + MINUTE);
    expect(await readDelivery(web.db, String(made))).toMatchObject({
      label: `News of ${DAILY.firstDate}`,
      state: "ready",
      content: { subject: "Changed" },
      audience,
    });
    const { settings } = await readDelivery(web.db, String(made));
    expect(settings).not.toHaveProperty("plannedFor");
    expect(settings).not.toHaveProperty("validUntil");
    expect(await runs(id)).toMatchObject([{ at: formatInstant(FIRST), outcome: "made", reason: "" }]);
    expect((await kinds(made))[0]).toMatchObject({
      kind: "delivery.created",
      actor: "series",
      detail: { series: String(id), at: formatInstant(FIRST), duplicateOf: String(from) },
    });
    // The next one is another delivery.
    expect(await run(id, FIRST + DAY)).toBeGreaterThan(made);
    expect(await outcomes(id)).toHaveLength(2);
  });

  test("is made once, however many look at the same moment", async () => {
    const id = await series(await source());
    await Promise.all(Array.from({ length: 6 }, () => runDueSeries(deps, FIRST)));
    expect(await outcomes(id)).toHaveLength(1);
    const made = await web.db.query("select id from deliveries where series_id = $1", [id]);
    expect(made).toHaveLength(1);
  });

  test("that breaks off half-way leaves nothing, and is made at the next look", async () => {
    const id = await series(await source());
    const breaks: RunDeps = { db: web.db, enqueueAnalysis: () => Promise.reject(new Error("the database went away")) };
    await expect(runDueSeries(breaks, FIRST)).rejects.toThrow("went away");
    expect(await runs(id)).toEqual([]);
    expect(await web.db.query("select 1 from deliveries where series_id = $1", [id])).toEqual([]);
    await run(id, FIRST + MINUTE);
    expect(await outcomes(id)).toEqual([`${DAILY.firstDate} made`]);
  });

  test("that was missed for longer than the tolerance is not made up for, and says so", async () => {
    const id = await series(await source());
    await runDueSeries(deps, FIRST + 3 * DAY + 2 * HOUR);
    expect((await runs(id)).map(({ outcome, delivery }) => [outcome, delivery])).toEqual(
      Array(4).fill(["missed", null]),
    );
    expect((await runs(id))[0]?.reason).toContain(`not later than ${formatInstant(FIRST + 3 * DAY + HOUR)}`);
    await run(id, FIRST + 4 * DAY + 50 * MINUTE);
    expect((await outcomes(id))[0]).toBe(`${formatInstant(FIRST + 4 * DAY).slice(0, 10)} made`);
    const data = (day: number) => ({ seriesId: String(id), seriesLabel: "News", at: formatInstant(FIRST + day * DAY) });
    const types = Array.from({ length: 4 }, (_, day) => ({ type: "series.missed", data: data(day) }));
    expect(await told()).toMatchObject(types);
  });

  test("whose source is gone fails, and the series goes on", async () => {
    const from = await source();
    const id = await series(from);
    await web.db.query("delete from deliveries where id = $1", [from]);
    expect(await runDueSeries(deps, FIRST)).toBe(FIRST + DAY);
    expect(await runs(id)).toMatchObject([
      { outcome: "failed", reason: expect.stringContaining(String(from)) as string },
    ]);
    expect(await told()).toMatchObject([{ type: "series.failed", data: { seriesId: String(id) } }]);
  });

  test("is not made while the installation is held", async () => {
    const id = await series(await source());
    await web.db.query("update installation set held_at = now(), held_by = 'x', held_reason = 'restored'");
    expect(await runDueSeries(deps, FIRST)).toBeNull();
    expect(await runs(id)).toEqual([]);
    await web.db.query("update installation set held_at = null, held_by = null, held_reason = null");
    await runDueSeries(deps, FIRST);
    expect(await outcomes(id)).toHaveLength(1);
  });
});

describe("who starts it", () => {
  test("with an automatic start it begins in the name of whoever saved the series; stopping one does not stop the next", async () => {
    const starter = await addOperator(web, "starter", ["delivery-operator"]);
    const by = { label: "starter", operatorId: Number(starter.id), tokenId: null };
    const id = await series(await source({ approval: { mode: "automatic" } }), by);
    const first = await run(id, FIRST);
    await startDue(web.db, FIRST);
    expect(await state(first)).toBe("in-progress");
    expect(await kinds(first)).toContainEqual(expect.objectContaining({ kind: "delivery.started", actor: "starter" }));
    await stopDelivery(web.db, first, "ann", FIRST);
    const second = await run(id, FIRST + DAY);
    await startDue(web.db, FIRST + DAY);
    expect(await state(second)).toBe("in-progress");

    // Whoever may not start deliveries any more starts none.
    await web.db.query("update operators set roles = '{campaign-manager}' where id = $1", [starter.id]);
    const third = await run(id, FIRST + 2 * DAY);
    expect(await state(third)).toBe("ready");
    expect(await kinds(third)).toContainEqual(
      expect.objectContaining({ kind: "delivery.waits", detail: { why: "starter" } }),
    );
    await web.db.query("update operators set roles = '{admin}', disabled_at = now() where id = $1", [starter.id]);
    expect(await state(await run(id, FIRST + 3 * DAY))).toBe("ready");
  });

  test("it waits for its approval, each time anew, and for starters that are named", async () => {
    const saver = await addOperator(web, "saver", ["delivery-operator"]);
    const other = await addOperator(web, "other", ["delivery-operator"]);
    const by = { label: "saver", operatorId: Number(saver.id), tokenId: null };
    const approval = { mode: "automatic", content: { operators: [saver.id] } };
    const id = await series(await source({ approval }), by);
    for (const day of [0, 1]) {
      const made = await run(id, FIRST + day * DAY);
      expect(await state(made)).toBe("ready");
      expect(await kinds(made)).toContainEqual(expect.objectContaining({ kind: "approval.asked" }));
    }
    const named = await series(
      await source({ approval: { mode: "automatic", starters: { operators: [other.id] } } }),
      by,
    );
    expect(await kinds(await run(named, FIRST))).toContainEqual(
      expect.objectContaining({ kind: "delivery.waits", detail: { why: "starter" } }),
    );
  });
});

describe("over HTTP", () => {
  const call = (method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, headers?: Record<string, string>) =>
    web.call(method, `/api/v1/series${path}`, body, headers);
  const asks = (changes: object = {}) => ({ ...DAILY, firstDate: "2026-01-31", zone: "Europe/Paris", ...changes });

  test("a series is made, read, changed by whoever saw it last, switched off, removed", async () => {
    const from = { delivery: String(await source()) };
    const made = await call("POST", "", asks({ from, rule: { unit: "month" } }));
    expect(made.status).toBe(201);
    const one = seriesAnswerSchema.parse(made.body);
    expect(made.headers["etag"]).toBe('"1"');
    expect(one.nextRuns).toHaveLength(5);
    for (const { local } of one.nextRuns) expect(local).toMatch(/-(28|29|30|31)T09:00:00$/);
    expect(wakes).toContain(Date.parse(one.nextRuns[0]!.at));

    const path = `/${one.id}`;
    const changed = asks({ from, rule: { unit: "week", weekdays: ["monday", "friday"] }, on: false });
    expect((await call("PUT", path, changed, { "if-match": '"7"' })).status).toBe(412);
    const off = await call("PUT", path, changed, { "if-match": '"1"' });
    expect(seriesAnswerSchema.parse(off.body)).toMatchObject({ on: false, nextRuns: [], version: 2 });
    const page = await web.get("/api/v1/series?limit=1", pageOf(seriesAnswerSchema));
    expect(page.data).toMatchObject([{ id: one.id, label: "News", sourceLabel: "Test", lastRun: null }]);
    expect(await web.get(`/api/v1/series${path}/runs`, pageOf(seriesRunSchema))).toEqual({
      data: [],
      nextCursor: null,
    });
    expect((await call("DELETE", path, undefined, { "if-match": '"2"' })).status).toBe(204);
    expect((await web.call("GET", `/api/v1/series${path}`)).status).toBe(404);
  });

  test("runs of a template go to the audience that is named; the token's name stands for them", async () => {
    const template = await web.call("POST", "/api/v1/templates", {
      label: "Weekly",
      content: { subject: "Hello", text: "Hello, unsubscribe" },
      sender: { name: "Tests", address: "news@sender.example" },
      settings: { approval: { mode: "automatic" } },
    });
    const { id: templateId } = template.body as { id: string };
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    const asked = asks({ from: { template: templateId, audience }, rule: { unit: "day" }, zone: "UTC", time: "00:00" });
    const { body } = await call("POST", "", asked);
    const { id, nextRuns } = seriesAnswerSchema.parse(body);
    expect(Date.parse(nextRuns[0]!.at)).toBeGreaterThan(now);
    const made = await run(Number(id), Date.parse(nextRuns[0]!.at));
    expect(await readDelivery(web.db, String(made))).toMatchObject({ state: "start-pending", templateId, audience });
    const { data } = await web.get(`/api/v1/series/${id}/runs`, pageOf(seriesRunSchema));
    const before = Date.parse(data[0]!.at);
    const older = await web.get(`/api/v1/series/${id}/runs?cursor=${before}`, pageOf(seriesRunSchema));
    expect(older.data).toEqual([]);
    expect(data).toMatchObject([{ outcome: "made", delivery: { id: String(made), state: "start-pending" } }]);
    const shown = await web.get(`/api/v1/series/${id}`, seriesAnswerSchema);
    expect(shown).toMatchObject({ sourceLabel: "Weekly", lastRun: data[0] });
  });

  test.each([
    [{ time: "24:00" }, "/time"],
    [{ zone: "Europe/Nowhere" }, "/zone"],
    [{ firstDate: "2026-02-30" }, "/firstDate"],
    [{ lastDate: "2026-01-30" }, "/lastDate"],
    [{ firstDate: "2020-01-01", lastDate: "2020-01-31" }, "/lastDate"],
    [{ deliveryLabel: "News {weather}" }, "/deliveryLabel"],
    [{ rule: { unit: "week", weekdays: ["someday"] } }, "/rule/weekdays/0"],
    [{ rule: { unit: "day", every: 0 } }, "/rule/every"],
    [{ from: { template: "999", audience: { all: true } } }, "/template"],
  ])("%j is refused at %s", async (changes, pointer) => {
    const answer = await call("POST", "", asks({ from: { delivery: String(await source()) }, ...changes }));
    expect(answer.status).toBe(422);
    expect(problemSchema.parse(answer.body).errors?.map((error) => error.pointer)).toContain(pointer);
  });

  test("of a delivery that is not there it is refused", async () => {
    expect((await call("POST", "", asks({ from: { delivery: "999999" } }))).status).toBe(404);
  });
});
