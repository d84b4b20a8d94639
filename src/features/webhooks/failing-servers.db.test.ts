/** Webhooks to servers that fail, have gone, are under load, say nothing or send us elsewhere. */
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createWebhookRig, type WebhookRig } from "../../../test/webhook-rig.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../core/time.ts";

let rig: WebhookRig;
beforeAll(async () => {
  rig = await createWebhookRig();
});
afterAll(() => rig.close());
beforeEach(() => rig.clear());

const say =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end("no");

describe("a server that fails", () => {
  test("is asked again as the schedule says, then no more; the same request each time", async () => {
    const { id } = await rig.add({ events: ["*"] });
    rig.answer = say(500);
    await rig.happen();
    for (const pause of [
      5 * SECOND,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      5 * HOUR,
      10 * HOUR,
      14 * HOUR,
      20 * HOUR,
      DAY,
    ]) {
      expect(await rig.deliver()).toBe(1);
      expect(await rig.deliver()).toBe(0);
      rig.web.clock.ahead += pause + SECOND;
    }
    expect(await rig.deliver()).toBe(1);
    const [message] = await rig.messages(id);
    expect(message).toMatchObject({ state: "failed", attempts: 10, status: 500, nextAttemptAt: null });
    expect(new Set(rig.got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect((await rig.find(id)).health).toMatchObject({ status: "failing", failures: 10, lastError: "answered 500" });
  });

  test("that has gone is left alone", async () => {
    const { id } = await rig.add({ events: ["*"] });
    const { id: other } = await rig.add({ events: ["webhook.disabled"] }, "/other");
    rig.answer = (response, { path }) => void response.writeHead(path === "/other" ? 204 : 410).end();
    await rig.happen();
    await rig.deliver();
    expect(await rig.find(id)).toMatchObject({ enabled: false, health: { status: "disabled" } });
    await rig.deliver();
    expect(rig.events().at(-1)).toMatchObject({
      type: "webhook.disabled",
      data: { webhookId: id, url: `${rig.url}/` },
    });
    expect((await rig.messages(other))[0]?.state).toBe("delivered");
  });

  test("for five days is switched off, and says why; switched on it begins anew", async () => {
    const { id } = await rig.add({ events: ["*"] });
    rig.answer = say(503);
    await rig.happen();
    await rig.deliver();
    rig.web.clock.ahead = 5 * DAY + MINUTE;
    await rig.happen();
    await rig.deliver();
    const off = await rig.find(id);
    expect(off).toMatchObject({ enabled: false });
    expect(off.health.disabledReason).toBe("Nothing arrived for five days: answered 503");
    rig.answer = say(204);
    const { url, events } = off;
    await rig.web.call("PUT", `/api/v1/webhooks/${id}`, { url, events });
    rig.web.clock.ahead += DAY;
    expect(await rig.deliver()).toBeGreaterThan(0);
    expect((await rig.find(id)).health).toMatchObject({ status: "working", failures: 0, disabledReason: null });
  });

  test("that is under load is left in peace for as long as it asks", async () => {
    const { id } = await rig.add({ events: ["*"] });
    rig.answer = say(429, { "retry-after": "90" });
    await rig.happen();
    await rig.deliver();
    expect((await rig.find(id)).health.status).toBe("paused");
    await rig.happen();
    rig.web.clock.ahead = 80 * SECOND;
    expect(await rig.deliver()).toBe(0);
    rig.answer = say(204);
    rig.web.clock.ahead = 95 * SECOND;
    expect(await rig.deliver()).toBe(2);
  });

  test("gets one request at a time until one arrives, and holds up nobody else", async () => {
    const { id } = await rig.add({ events: ["*"], concurrency: 10 }, "/bad");
    await rig.add({ events: ["*"] }, "/good");
    rig.answer = (response, { path }) => void response.writeHead(path === "/bad" ? 500 : 204).end();
    await rig.happen(60);
    await rig.deliver();
    expect(rig.got.filter(({ path }) => path === "/good")).toHaveLength(60);
    expect((await rig.find(id)).health.failures).toBe(60);
    const [next] = await rig.messages(id);
    expect(next).toMatchObject({ state: "pending", attempts: 1 });
  });

  test("that does not answer is given up in time, and closing waits for nobody", async () => {
    const { id } = await rig.add({ events: ["*"] });
    rig.answer = () => {};
    await rig.happen();
    const impatient = rig.openCourier({ timeout: 50 });
    await impatient.look();
    await expect.poll(async () => (await rig.messages(id))[0]?.error).toBe("no answer within 0.05 s");
    await impatient.close();
    rig.web.clock.ahead = MINUTE;
    const courier = rig.openCourier({ timeout: DAY });
    await courier.look();
    await expect.poll(() => rig.got.length).toBe(2);
    await courier.close();
    // Nobody knows how that ended: it counts for nothing and is tried again.
    expect((await rig.messages(id))[0]).toMatchObject({ state: "pending", attempts: 1 });
    rig.answer = say(204);
    expect(await rig.deliver()).toBe(1);
  });

  test("that sends us elsewhere, or lies at home, gets nothing there", async () => {
    const { id } = await rig.add({ events: ["*"] });
    rig.answer = (response, { path }) =>
      void response.writeHead(path === "/" ? 302 : 200, { location: `${rig.url}/inside` }).end();
    await rig.happen();
    await rig.deliver();
    expect(rig.got.map(({ path }) => path)).toEqual(["/"]);
    rig.web.clock.ahead = MINUTE;
    const strict = rig.openCourier({ allowed: [] });
    await strict.look();
    await strict.idle();
    await strict.close();
    expect((await rig.messages(id))[0]?.error).toContain("use https");
    expect(rig.got).toHaveLength(1);
  });
});
