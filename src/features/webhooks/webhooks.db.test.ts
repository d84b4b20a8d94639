/** Webhooks over HTTP: what is set, what is sent and how often, to servers that behave. */
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";

import { createWebhookRig, isSigned, putAlerts, type WebhookRig } from "../../../test/webhook-rig.ts";
import { webhookAnswerSchema, webhookMessageDetailSchema } from "../../contract/responses-webhooks.ts";
import { HOUR, MINUTE } from "../../core/time.ts";
import { expandOutbox } from "./expand-outbox.ts";

let rig: WebhookRig;
beforeAll(async () => {
  rig = await createWebhookRig();
});
afterAll(() => rig.close());
beforeEach(() => rig.clear());

const numbers = () => rig.events().map(({ data }) => data["n"]);

describe("what is set", () => {
  test("a webhook is made, read, changed against its version, and removed", async () => {
    const made = await rig.add({ events: ["message.bounced", "alert.raised"], description: " CRM " }, "/crm");
    expect(made).toMatchObject({ description: "CRM", enabled: true, batch: 1, concurrency: 4, version: 2 });
    expect(made.health).toMatchObject({ status: "untried", failures: 0, pending: 0 });
    const path = `/api/v1/webhooks/${made.id}`;
    const change = { url: `${rig.url}/new`, events: ["*"], batch: 100 };
    const stale = await rig.web.call("PUT", path, change, { "if-match": '"1"' });
    expect([stale.status, (stale.body as { code: string }).code]).toEqual([412, "version-conflict"]);
    const changed = await rig.web.call("PUT", path, change, { "if-match": '"2"' });
    expect(webhookAnswerSchema.parse(changed.body)).toMatchObject({ events: ["*"], batch: 100, version: 3 });
    expect((await rig.web.call("DELETE", path)).status).toBe(204);
    expect((await rig.web.call("GET", path)).status).toBe(404);
  });

  it.each([
    [{ url: "ftp://hook.example/", events: ["*"] }, "/url"],
    [{ url: "https://me:secret@hook.example/", events: ["*"] }, "/url"],
    [{ url: "https://hook.example/", events: [] }, "/events"],
    [{ url: "https://hook.example/", events: ["message.exploded"] }, "/events"],
    [{ url: "https://hook.example/", events: ["*"], batch: 0 }, "/batch"],
    [{ url: "https://hook.example/", events: ["*"], secret: "hunter2" }, "/secret"],
    [{ url: "https://hook.example/", events: ["*"], secret: "whsec_c2hvcnQ=" }, "/secret"],
  ])("%j is refused", async (body, pointer) => {
    const { status, body: problem } = await rig.web.call("POST", "/api/v1/webhooks", body);
    expect(status).toBe(422);
    expect((problem as { errors: { pointer: string }[] }).errors[0]?.pointer).toContain(pointer);
  });

  test("its secret lies sealed, and is only shown by its own route", async () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const answer = await rig.web.call("POST", "/api/v1/webhooks", { url: rig.url, events: ["*"], secret });
    const { id } = answer.body as { id: string };
    expect(answer.text).not.toContain(secret);
    expect(await rig.secret(id)).toBe(secret);
    const [row] = await rig.web.db.query<{ sealed: Buffer }>("select sealed_secret as sealed from webhooks");
    expect(row?.sealed.toString("latin1")).not.toContain(secret.slice(6, 20));
  });
});

describe("what is sent", () => {
  test("a request as Standard Webhooks says, logged with its attempt", async () => {
    const { id } = await rig.add({ events: ["alert.raised"] }, "/hook?x=1");
    await rig.happen();
    expect(await rig.deliver()).toBe(1);
    const [got] = rig.got;
    expect(got?.path).toBe("/hook?x=1");
    expect(got?.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Envoi/0.0.0 (webhooks)" });
    expect(got?.headers["webhook-id"]).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(Math.abs(Number(got?.headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(300);
    expect(isSigned(got!, await rig.secret(id))).toBe(true);
    expect(rig.events()).toEqual([
      {
        type: "alert.raised",
        timestamp: expect.any(String),
        id: expect.stringMatching(/^evt_/),
        version: 1,
        data: { n: 0 },
      },
    ]);
    const [message] = await rig.messages(id);
    expect(message).toMatchObject({ state: "delivered", attempts: 1, status: 204, types: ["alert.raised"] });
    const detail = await rig.web.get(`/api/v1/webhooks/${id}/messages/${message?.id}`, webhookMessageDetailSchema);
    expect(detail).toMatchObject({ body: got?.body, log: [{ attempt: 1, status: 204, error: null }] });
    expect((await rig.find(id)).health).toMatchObject({ status: "working", failures: 0 });
  });

  test("nothing is written down when nobody wants it", async () => {
    await rig.add({ events: ["message.opened"] });
    await rig.add({ events: ["*"], enabled: false });
    await rig.happen();
    expect(await rig.web.db.query("select 1 from webhook_outbox")).toEqual([]);
  });

  test("each gets what it subscribes to, one at a time or many in an array", async () => {
    await rig.add({ events: ["*"], batch: 4 }, "/many");
    await rig.add({ events: ["alert.raised"] }, "/one");
    await rig.add({ events: ["alert.resolved"] }, "/other");
    await rig.happen(10);
    expect(await rig.deliver()).toBe(13);
    const many = rig.got
      .filter(({ path }) => path === "/many")
      .map(({ body }) => (JSON.parse(body) as unknown[]).length);
    expect(many.toSorted((a, b) => a - b)).toEqual([2, 4, 4]);
    const ids = rig.events().map((event) => event.id);
    // The same event has the same id everywhere.
    expect([ids.length, new Set(ids).size]).toEqual([20, 10]);
  });

  test("no more at the same time than it takes", async () => {
    await rig.add({ events: ["*"], concurrency: 3 });
    const held: ServerResponse[] = [];
    let most = 0;
    // Nobody is answered before three are there; a fourth would come while they are.
    rig.answer = (response) => {
      most = Math.max(most, held.push(response));
      if (held.length === 3) setImmediate(() => held.splice(0).forEach((one) => one.writeHead(204).end()));
    };
    await rig.happen(30);
    expect(await rig.deliver()).toBe(30);
    expect(most).toBe(3);
  });

  test("a fact whose transaction is rolled back is told to nobody", async () => {
    await rig.add({ events: ["*"] });
    const broken = rig.web.db.transaction(async (tx) => {
      await putAlerts(tx, 1);
      throw new Error("no");
    });
    await expect(broken).rejects.toThrow("no");
    expect(await rig.deliver()).toBe(0);
  });

  test("who dies between fact and request, or between request and answer, loses nothing", async () => {
    const { id } = await rig.add({ events: ["*"] });
    await rig.happen();
    // Made into requests, but never committed.
    const dying = rig.web.db.transaction(async (tx) => {
      await expandOutbox({ ...rig.web.db, transaction: (work) => work(tx) }, Date.now);
      throw new Error("killed");
    });
    await expect(dying).rejects.toThrow("killed");
    expect(await rig.messages(id)).toEqual([]);
    expect(await rig.deliver()).toBe(1);
    // Leased by somebody who does not come back.
    await rig.happen();
    await expandOutbox(rig.web.db, Date.now);
    await rig.web.db.query("update webhook_messages set busy_until = now() + interval '5 min' where state = 'pending'");
    expect(await rig.deliver()).toBe(0);
    rig.web.clock.ahead = 6 * MINUTE;
    expect(await rig.deliver()).toBe(1);
  });

  test("two couriers at once tell everything once", async () => {
    await rig.add({ events: ["*"] });
    await rig.happen(40);
    const couriers = [rig.openCourier(), rig.openCourier()];
    await Promise.all(couriers.map((courier) => courier.look()));
    await Promise.all(couriers.map((courier) => courier.idle()));
    await Promise.all(couriers.map((courier) => courier.close()));
    expect(new Set(numbers()).size).toBe(40);
    expect(rig.got).toHaveLength(40);
  });
});

describe("secrets are changed", () => {
  test("for a while both sign", async () => {
    const { id } = await rig.add({ events: ["*"] });
    const before = await rig.secret(id);
    const rotated = await rig.web.call("POST", `/api/v1/webhooks/${id}/actions/rotate-secret`, { keepPrevious: "1h" });
    expect(webhookAnswerSchema.parse(rotated.body).previousSecretUntil).not.toBeNull();
    const after = await rig.secret(id);
    expect(after).not.toBe(before);
    await rig.happen();
    await rig.deliver();
    expect([isSigned(rig.got[0]!, after), isSigned(rig.got[0]!, before)]).toEqual([true, true]);
    rig.web.clock.ahead = HOUR + MINUTE;
    await rig.happen();
    await rig.deliver();
    expect([isSigned(rig.got[1]!, after), isSigned(rig.got[1]!, before)]).toEqual([true, false]);
  });
});

describe("again", () => {
  test("one request, as it was, with a schedule of its own", async () => {
    const { id } = await rig.add({ events: ["*"] });
    await rig.happen();
    await rig.deliver();
    const [message] = await rig.messages(id);
    const path = `/api/v1/webhooks/${id}/messages/${message?.id}/actions/replay`;
    expect((await rig.web.call("POST", path)).status).toBe(202);
    await rig.deliver();
    expect(rig.got[1]).toMatchObject({ body: rig.got[0]?.body });
    expect(rig.got[1]?.headers["webhook-id"]).toBe(rig.got[0]?.headers["webhook-id"]);
    expect((await rig.messages(id))[0]).toMatchObject({ state: "delivered", attempts: 2 });
    expect((await rig.web.call("POST", `/api/v1/webhooks/${id}/messages/99999/actions/replay`)).status).toBe(404);
  });

  test("what was given up in a window, or everything", async () => {
    const { id } = await rig.add({ events: ["*"] });
    await rig.happen(3);
    await rig.deliver();
    await rig.web.db.query(
      "update webhook_messages set state = 'failed', next_attempt_at = null where id = (select min(id) from webhook_messages)",
    );
    const replay = async (body: object) =>
      (await rig.web.call("POST", `/api/v1/webhooks/${id}/actions/replay`, body)).body as object;
    const [since, until] = [-HOUR, HOUR].map((by) => new Date(Date.now() + by).toISOString());
    expect(await replay({ since: until })).toEqual({ requests: 0 });
    expect(await replay({ since, until })).toEqual({ requests: 1 });
    expect(await rig.deliver()).toBe(1);
    expect(await replay({ since, until, which: "all" })).toEqual({ requests: 3 });
    expect(await rig.deliver()).toBe(3);
  });
});

test("a test event goes to this webhook alone, whatever it subscribes to", async () => {
  const { id } = await rig.add({ events: ["message.opened"], batch: 10 });
  await rig.add({ events: ["*"] }, "/other");
  expect((await rig.web.call("POST", `/api/v1/webhooks/${id}/actions/test`)).status).toBe(202);
  expect(await rig.deliver()).toBe(1);
  expect(rig.events()).toMatchObject([{ type: "webhook.test", data: { webhookId: id } }]);
  const { url } = await rig.find(id);
  await rig.web.call("PUT", `/api/v1/webhooks/${id}`, { url, events: ["*"], enabled: false });
  expect((await rig.web.call("POST", `/api/v1/webhooks/${id}/actions/test`)).status).toBe(409);
});

test("a courier hears of what happens, and comes back by itself", async () => {
  await rig.add({ events: ["*"] });
  let first = true;
  rig.answer = (response) => {
    // Asks for a pause of no time: the next try is the schedule's.
    response.writeHead(first ? 500 : 204).end();
    first = false;
  };
  await rig.happen();
  const courier = rig.openCourier();
  await courier.look();
  await courier.idle();
  await rig.web.db.query("update webhook_messages set next_attempt_at = now() + interval '100 ms'");
  await courier.look();
  await courier.idle();
  await expect.poll(() => rig.got.length, { timeout: 10_000 }).toBe(2);
  await courier.close();
});
