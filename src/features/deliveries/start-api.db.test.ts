/** Confirming, scheduling and copying over HTTP: what programs and people on the screens are asked, and what they are told. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { analyse, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { settingsSchema } from "../../contract/index.ts";
import { additionSchema } from "../../contract/additions.ts";
import { deliverySchema, pageOf, problemSchema } from "../../contract/responses.ts";
import { DAY, formatInstant } from "../../core/time.ts";
import { confirmDelivery } from "./start-delivery.ts";

let web: TestWebApp;
let screen: Record<string, string>;
const wakes: number[] = [];
const additions: number[] = [];
beforeAll(async () => {
  const other = () => Promise.reject(new Error("not in this test"));
  const lifecycle = { analyse: other, pause: other, resume: other, stop: other, confirm: confirmDelivery };
  web = await createTestWebApp({
    lifecycle: {
      ...lifecycle,
      startAt: async (at) => void wakes.push(at),
      enqueueAddition: async (_, id) => void additions.push(id),
    },
  });
  const signIn = await web.call("POST", "/api/v1/session", { token: web.token }, { "x-requested-with": "envoi" });
  screen = {
    authorization: "",
    "x-requested-with": "envoi",
    cookie: String(signIn.headers["set-cookie"]).split(";")[0] ?? "",
  };
});
afterAll(() => web.close());

async function ready(): Promise<number> {
  const id = await seedDelivery(web.db, { audience: await importCsv(web.db, "email\na@one.example\nb@one.example\n") });
  await analyse(web.db, id);
  return id;
}

const act = (id: number, verb: string, body?: unknown, headers?: Record<string, string>) =>
  web.call("POST", `/api/v1/deliveries/${id}/actions/${verb}`, body, headers);

test("a delivery whose date is over does not start, and none is planned for after it", async () => {
  const until = formatInstant(Date.now() + DAY);
  const settings = settingsSchema.parse({ validity: "1h", validUntil: until });
  const audience = await importCsv(web.db, "email\na@one.example\n");
  const id = await seedDelivery(web.db, { audience, settings });
  await analyse(web.db, id);
  const late = await act(id, "schedule", { at: formatInstant(Date.now() + 2 * DAY) });
  expect([late.status, problemSchema.parse(late.body).code]).toEqual([409, "validity-over"]);
  const other = await seedDelivery(web.db, { audience, settings });
  await analyse(web.db, other);
  const begun = deliverySchema.parse((await act(other, "confirm")).body);
  expect(Math.abs(Date.parse(begun.validUntil ?? "") - Date.parse(until))).toBeLessThan(1000);
  web.clock.ahead = 3 * DAY;
  const over = await act(id, "confirm");
  web.clock.ahead = 0;
  expect([over.status, problemSchema.parse(over.body).code]).toEqual([409, "validity-over"]);
  expect(await web.get(`/api/v1/deliveries/${id}`, deliverySchema)).toMatchObject({ state: "ready" });
});

describe("confirm", () => {
  test("a program starts the delivery at once; it can ask for time to think", async () => {
    expect((await act(await ready(), "confirm")).body).toMatchObject({ state: "in-progress" });
    const answer = await act(await ready(), "confirm", { undo: "90s", toDeliver: 2 });
    expect(answer.status).toBe(202);
    const delivery = deliverySchema.parse(answer.body);
    expect(delivery.state).toBe("start-pending");
    expect(wakes.at(-1)).toBe(Date.parse(delivery.schedule!.at));
  });

  test("on the screens there are 30 seconds in which it can be called back, once", async () => {
    const id = await ready();
    const before = Date.now();
    const delivery = deliverySchema.parse((await act(id, "confirm", undefined, screen)).body);
    expect(delivery.state).toBe("start-pending");
    expect(Date.parse(delivery.schedule!.at) - before).toBeGreaterThanOrEqual(30_000);
    expect((await act(id, "cancel-confirm", undefined, screen)).body).toMatchObject({ state: "ready", analysed: true });
    const again = await act(id, "cancel-confirm", undefined, screen);
    expect([again.status, problemSchema.parse(again.body).currentState]).toEqual([409, "ready"]);
  });

  test("another number of people is refused with the right one", async () => {
    const id = await ready();
    const answer = await act(id, "confirm", { toDeliver: 20 });
    expect(answer.status).toBe(409);
    expect(problemSchema.parse(answer.body)).toMatchObject({ code: "confirm-count", toDeliver: 2 });
    expect((await act(id, "confirm", { toDeliver: 2 })).status).toBe(202);
  });

  test.each([{ undo: "1h" }, { undo: 30 }, { toDeliver: "2" }, { toDelivre: 2 }, { toDeliver: -1 }])(
    "%j is refused, and nothing starts",
    async (body) => {
      const id = await ready();
      expect((await act(id, "confirm", body)).status).toBe(422);
      expect((await act(id, "pace", { speed: 1 })).body).toMatchObject({ state: "ready" });
    },
  );
});

test("a schedule is set, shown, guarded against edits, and cancelled", async () => {
  const id = await ready();
  const day = formatInstant(Date.now() + 3 * DAY).slice(0, 10);
  const answer = await act(id, "schedule", { at: `${day}T10:00`, zone: "Asia/Tokyo", notLaterThan: `${day}T12:00` });
  expect(answer.status).toBe(202);
  expect(deliverySchema.parse(answer.body)).toMatchObject({
    state: "scheduled",
    schedule: { at: `${day}T01:00:00.000Z`, local: `${day}T10:00:00`, notLaterThan: `${day}T03:00:00.000Z` },
  });
  expect(wakes.at(-1)).toBe(Date.parse(`${day}T01:00:00Z`));
  for (const refused of [
    await web.call("PATCH", `/api/v1/deliveries/${id}`, { label: "x" }),
    await web.call("DELETE", `/api/v1/deliveries/${id}`),
    await act(id, "confirm"),
    await act(id, "cancel-confirm"),
  ]) {
    expect([refused.status, problemSchema.parse(refused.body).currentState]).toEqual([409, "scheduled"]);
  }
  const off = deliverySchema.parse((await act(id, "unschedule")).body);
  expect([off.state, off.schedule]).toEqual(["ready", undefined]);
});

test.each([
  [{ at: "2027-03-28T02:30", zone: "Europe/Paris" }, "/at", "time-gap"],
  [{ at: "2020-01-01T00:00" }, "/at", "past"],
  [{ at: "2027-01-01T00:00", zone: "Nowhere" }, "/zone", "unknown-zone"],
])("the schedule %j is refused at %s", async (body, pointer, code) => {
  const answer = await act(await ready(), "schedule", body);
  expect(answer.status).toBe(422);
  expect(problemSchema.parse(answer.body).errors).toMatchObject([{ pointer, code }]);
});

test("a copy says the same, and has nothing else of its original", async () => {
  const id = await ready();
  await web.db.query(`update deliveries set settings = settings || '{"partSize": 10, "speed": 77}' where id = $1`, [
    id,
  ]);
  await act(id, "confirm");
  const original = await web.get(`/api/v1/deliveries/${id}`, deliverySchema);
  const answer = await act(id, "duplicate");
  expect(answer.status).toBe(202);
  const copy = deliverySchema.parse(answer.body);
  const { partSize: _partSize, ...kept } = original.settings;
  expect(answer.headers["location"]).toBe(`/api/v1/deliveries/${copy.id}`);
  expect(copy).toMatchObject({
    label: "Test (copy)",
    state: "editing",
    analysed: false,
    startedAt: null,
    content: original.content,
    sender: original.sender,
    audience: original.audience,
    settings: kept,
  });
  expect(copy.settings.partSize).toBeUndefined();
  expect((await act(id, "duplicate", { label: "Again" })).body).toMatchObject({ label: "Again" });
  expect((await act(424242, "duplicate")).status).toBe(404);
});

test("a delivery that has begun is asked to go on to new recipients; one that has not is not", async () => {
  const id = await ready();
  const audience = await importCsv(web.db, "email\nc@one.example\n");
  const early = await act(id, "continue", { audience });
  expect([early.status, problemSchema.parse(early.body)]).toMatchObject([409, { currentState: "ready" }]);
  await act(id, "confirm");
  expect((await act(id, "continue", {})).status).toBe(422);
  expect((await act(id, "continue", { audience: { list: "99999" } })).status).toBe(422);
  const answer = await act(id, "continue", { audience });
  expect([answer.status, deliverySchema.parse(answer.body).state]).toEqual([202, "in-progress"]);
  const { data } = await web.get(`/api/v1/deliveries/${id}/additions`, pageOf(additionSchema));
  expect(data).toMatchObject([{ id: String(additions.at(-1)), audience, again: false, endedAt: null }]);
  expect(additions).toHaveLength(1);
});
