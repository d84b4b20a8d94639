/** Speed and priority: what changes, in which states, and that neither an analysis nor anybody's edit is lost. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { analyse, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { deliveryEventSchema, deliverySchema, pageOf, problemSchema } from "../../contract/responses.ts";
import { confirmDelivery } from "./start-delivery.ts";
import { CONTROL_CHANNEL } from "./transition.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const pace = (id: number, body: unknown) => web.call("POST", `/api/v1/deliveries/${id}/actions/pace`, body);
const read = (id: number) => web.get(`/api/v1/deliveries/${id}`, deliverySchema);

async function analysed(): Promise<number> {
  const id = await seedDelivery(web.db, { audience: await importCsv(web.db, "email\na@one.example\n") });
  await analyse(web.db, id);
  return id;
}

test("what is analysed stays analysed and can be confirmed; who edits it must have seen the change", async () => {
  const id = await analysed();
  const before = await read(id);
  const answer = await pace(id, { speed: 5000, priority: "high" });
  expect(answer.status).toBe(202);
  const after = deliverySchema.parse(answer.body);
  expect(after).toMatchObject({ state: "ready", analysed: true, version: before.version + 1 });
  expect(after.settings).toEqual({ ...before.settings, speed: 5000, priority: "high" });
  const stale = await web.call(
    "PATCH",
    `/api/v1/deliveries/${id}`,
    { label: "x" },
    { "if-match": `"${before.version}"` },
  );
  expect(stale.status).toBe(412);
  await confirmDelivery(web.db, id, "ann", NOW);
  expect((await read(id)).state).toBe("in-progress");
});

test("what was edited since its analysis does not become analysed by it", async () => {
  const id = await analysed();
  await web.call("PATCH", `/api/v1/deliveries/${id}`, { label: "Other" });
  expect((await pace(id, { priority: "low" })).body).toMatchObject({ analysed: false, state: "editing" });
  await expect(confirmDelivery(web.db, id, "ann", NOW)).rejects.toMatchObject({ code: "action-not-allowed" });
});

test("while it is sent nothing but settings, time and log change, and senders hear of it", async () => {
  const id = await analysed();
  await confirmDelivery(web.db, id, "ann", NOW);
  const before = await read(id);
  let hear = (_id: string) => {};
  const heard = new Promise<string>((resolve) => {
    hear = resolve;
  });
  const listener = await web.db.listen(CONTROL_CHANNEL, (payload) => payload !== "" && hear(payload));
  await pace(id, { speed: 100 });
  expect(await heard).toBe(String(id));
  await listener.close();
  const { updatedAt: _, ...rest } = await read(id);
  expect(before).toMatchObject({ ...rest, settings: before.settings });
  expect(rest.settings).toEqual({ ...before.settings, speed: 100 });
  const events = await web.get(`/api/v1/deliveries/${id}/audit`, pageOf(deliveryEventSchema));
  expect(events.data[0]).toMatchObject({
    kind: "delivery.paced",
    actor: "admin (environment)",
    detail: { speed: 100 },
  });
});

test("null takes the limit away; what is left out stays; what is so already is no event", async () => {
  const id = await analysed();
  await pace(id, { speed: 100, priority: "very-high" });
  const cleared = deliverySchema.parse((await pace(id, { speed: null })).body);
  expect(cleared.settings.priority).toBe("very-high");
  expect(cleared.settings).not.toHaveProperty("speed");
  const again = deliverySchema.parse((await pace(id, { speed: null, priority: "very-high" })).body);
  expect(again.version).toBe(cleared.version);
  const [row] = await web.db.query(
    "select count(*) as n from delivery_events where kind = 'delivery.paced' and delivery_id = $1",
    [id],
  );
  expect(row).toEqual({ n: 2 });
});

test("an analysis that runs is not disturbed, and a delivery from before there were priorities is normal", async () => {
  const id = await analysed();
  await web.db.query("update deliveries set state = 'analysing', settings = settings - 'priority' where id = $1", [id]);
  const { version } = await read(id);
  expect((await pace(id, { priority: "normal" })).status).toBe(202);
  expect((await pace(id, { priority: "low" })).body).toMatchObject({ version, state: "analysing" });
});

describe("refused", () => {
  test.each(["stopping", "stopped", "finished"])("a delivery that is %s", async (state) => {
    const id = await analysed();
    await web.db.query("update deliveries set state = $2 where id = $1", [id, state]);
    const answer = await pace(id, { speed: 1 });
    expect([answer.status, answer.body]).toEqual([409, expect.objectContaining({ currentState: state })]);
    expect((await read(id)).settings).not.toHaveProperty("speed");
  });

  test.each<[unknown, string]>([
    [{}, "/"],
    [{ speed: 0 }, "/speed"],
    [{ speed: 1.5 }, "/speed"],
    [{ speed: "fast" }, "/speed"],
    [{ speed: 100_000_001 }, "/speed"],
    [{ priority: "urgent" }, "/priority"],
    [{ priority: null }, "/priority"],
  ])("%j", async (body, pointer) => {
    const answer = await pace(await analysed(), body);
    expect(answer.status).toBe(422);
    expect(problemSchema.parse(answer.body).errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  test("a field that is none, and a delivery that does not exist", async () => {
    expect((await pace(await analysed(), { speed: 1, pool: "x" })).status).toBe(422);
    expect((await pace(424_242, { speed: 1 })).status).toBe(404);
  });
});
