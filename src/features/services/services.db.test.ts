/** Services through the API and their public pages: asked, confirmed, ended, found by segments. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import {
  recipientSubscriptionsSchema,
  serviceAnswerSchema,
  subscribeAnswerSchema,
  subscriptionSchema,
  unsubscribeAnswerSchema,
} from "../../contract/responses-services.ts";
import { pageOf } from "../../contract/responses.ts";
import { DAY, MINUTE } from "../../core/time.ts";
import { tendSubscriptions } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());
beforeEach(async () => {
  web.clock.ahead = 0;
  await web.db.query(
    "truncate services, subscriptions, subscription_requests, subscription_events, recipients, attributes, notices, segments cascade",
  );
});

const api = "/api/v1/services";

async function service(more: object = {}) {
  const answer = await web.call("POST", api, { name: "The Letter", ...more });
  expect(answer.status, answer.text).toBe(201);
  return serviceAnswerSchema.parse(answer.body);
}

const people = (...addresses: string[]) => ({ people: addresses.map((address) => ({ address })) });

async function subscribe(id: string, body: object) {
  const answer = await web.call("POST", `${api}/${id}/actions/subscribe`, body);
  expect(answer.status, answer.text).toBe(200);
  return subscribeAnswerSchema.parse(answer.body).results.map(({ status }) => status);
}

async function unsubscribe(id: string, ...addresses: string[]) {
  const answer = await web.call("POST", `${api}/${id}/actions/unsubscribe`, { addresses });
  return unsubscribeAnswerSchema.parse(answer.body).results.map(({ status }) => status);
}

async function listed(id: string, query = "") {
  const page = await web.get(`${api}/${id}/subscriptions?${query}`, pageOf(subscriptionSchema));
  return page.data.map(({ address, state }) => `${address} ${state}`);
}

/** Paths of the links that were mailed, oldest first. */
async function links() {
  const rows = await web.db.query<{ body: string }>("select body from notices order by id");
  return rows.map(({ body }) => /\/s\/confirm\/\S+/.exec(body)?.[0] ?? "");
}

async function visit(method: "GET" | "POST", url: string, form?: Record<string, string>, language = "en") {
  const headers = {
    "accept-language": language,
    ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
  };
  const payload = form ? new URLSearchParams(form).toString() : undefined;
  const { statusCode, body } = await web.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: statusCode, body };
}

describe("services", () => {
  test("are made, changed with If-Match, and removed unless something goes by them", async () => {
    const made = await service();
    expect(made).toMatchObject({
      doubleOptIn: true,
      durationDays: null,
      public: false,
      publicUrl: null,
      subscribed: 0,
    });
    expect((await web.call("POST", api, { name: "THE LETTÉR" })).body).toMatchObject({ code: "service-exists" });
    const change = (ifMatch: string) =>
      web.call("PUT", `${api}/${made.id}`, { name: "The Letter", public: true }, { "if-match": ifMatch });
    expect((await change('"7"')).status).toBe(412);
    const changed = serviceAnswerSchema.parse((await change('"1"')).body);
    expect(changed.publicUrl).toMatch(/^http:\/\/127\.0\.0\.1:8080\/s\/[\w-]{16}$/);
    const other = await service({ name: "Other" });
    const taken = await web.call("PUT", `${api}/${other.id}`, { name: "the letter" });
    expect(taken.body).toMatchObject({ code: "service-exists" });

    await web.call("POST", "/api/v1/segments", { label: "Readers", tree: { not: { service: made.id } } });
    const used = await web.call("DELETE", `${api}/${made.id}`);
    expect([used.status, used.text]).toEqual([409, expect.stringContaining('segment \\"Readers\\"')]);
    expect((await web.call("DELETE", `${api}/${other.id}`)).status).toBe(204);
    expect((await web.get(api, pageOf(serviceAnswerSchema))).data.map(({ id }) => id)).toEqual([made.id]);
  });

  test("what is no service is said to be none", async () => {
    const id = "999";
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["PUT", "", { name: "x" }],
      ["DELETE", "", undefined],
      ["POST", "/actions/subscribe", people("a@one.example")],
      ["POST", "/actions/unsubscribe", { addresses: ["a@one.example"] }],
      ["GET", "/subscriptions", undefined],
    ] as const) {
      expect((await web.call(method, `${api}/${id}${path}`, body)).status, path).toBe(404);
    }
  });
});

describe("subscribing through the API", () => {
  test("who answers for it subscribes at once; profiles are made or completed; doing it again changes nothing", async () => {
    const { id } = await service();
    const body = {
      people: [
        { address: "Ann@One.example", attributes: { city: "Ulm" } },
        { address: "nobody" },
        { address: "ann@ONE.example" },
      ],
      confirmed: true,
      note: "paper form 7",
    };
    expect(await subscribe(id, body)).toEqual(["subscribed", "failed", "already"]);
    expect(await subscribe(id, body)).toEqual(["already", "failed", "already"]);
    expect(await listed(id)).toEqual(["Ann@One.example subscribed"]);
    expect(await links()).toEqual([]);
    const [recipient] = await web.db.query<{ id: number; attributes: object }>("select id, attributes from recipients");
    expect(recipient?.attributes).toEqual({ city: "Ulm" });
    const known = await web.get(`/api/v1/recipients/${recipient?.id}/subscriptions`, recipientSubscriptionsSchema);
    expect(known.subscriptions).toMatchObject([{ serviceName: "The Letter", state: "subscribed", endsAt: null }]);
    expect(known.history).toMatchObject([{ kind: "subscribed", origin: "api", note: "paper form 7", askedAt: null }]);
    expect((await web.get(`${api}/${id}`, serviceAnswerSchema)).subscribed).toBe(1);
  });

  test("a value that does not fit its attribute fails that person only", async () => {
    await web.call("POST", "/api/v1/attributes", { name: "age", type: "number", label: "Age" });
    const { id } = await service();
    const body = {
      confirmed: true,
      people: [
        { address: "a@one.example", attributes: { age: "old" } },
        { address: "b@one.example", attributes: { age: 4 } },
      ],
    };
    expect(await subscribe(id, body)).toEqual(["failed", "subscribed"]);
  });

  test("with double opt-in there is no recipient before the link is used", async () => {
    const { id } = await service();
    expect(await subscribe(id, people("ann@one.example"))).toEqual(["asked"]);
    expect(await subscribe(id, people("ann@one.example"))).toEqual(["wait"]);
    expect(await web.db.query("select 1 from recipients")).toEqual([]);
    web.clock.ahead = 11 * MINUTE;
    expect(await subscribe(id, people("ann@one.example"))).toEqual(["asked"]);
    const [old = "", newest = ""] = await links();
    expect((await visit("GET", old)).status).toBe(404);
    expect((await visit("GET", newest)).status).toBe(200);
    expect(await listed(id)).toEqual([]);
    expect((await visit("POST", newest)).body).toContain("You are subscribed to The Letter");
    expect((await visit("POST", newest)).body).toContain("You are subscribed to The Letter");
    expect(await listed(id)).toEqual(["ann@one.example subscribed"]);
    const events = await web.db.query("select kind from subscription_events order by id");
    expect(events.map(({ kind }) => kind)).toEqual(["asked", "asked", "subscribed"]);
  });

  test("a link ends after seven days, and does not bring back who left since", async () => {
    const { id } = await service();
    await subscribe(id, people("ann@one.example", "bob@one.example"));
    const mails = await web.db.query<{ address: string; body: string }>("select address, body from notices");
    const linkTo = (address: string) =>
      /\/s\/confirm\/\S+/.exec(mails.find((mail) => mail.address === address)?.body ?? "")?.[0] ?? "";
    await visit("POST", linkTo("ann@one.example"));
    expect(await unsubscribe(id, "ann@one.example")).toEqual(["unsubscribed"]);
    expect((await visit("POST", linkTo("ann@one.example"))).status).toBe(409);
    web.clock.ahead = 7 * DAY + MINUTE;
    expect((await visit("POST", linkTo("bob@one.example"))).status).toBe(404);
    expect(await listed(id)).toEqual(["ann@one.example unsubscribed"]);
    expect(await tendSubscriptions(web.db, Date.now() + web.clock.ahead)).toBe(2);
  });

  test("the denylist: their own no ends with their own yes, a complaint never", async () => {
    const { id } = await service();
    await web.db.query(
      `insert into recipients (address, match_key, domain, attributes, created_at, updated_at, denylisted_at, denylist_reason)
       select a, a, 'one.example', '{}', now(), now(), now(), reason
         from (values ('own@one.example', 'unsubscribed'), ('angry@one.example', 'complaint')) v(a, reason)`,
    );
    const both = people("own@one.example", "angry@one.example");
    expect(await subscribe(id, { ...both, confirmed: true })).toEqual(["denylisted", "denylisted"]);
    expect(await subscribe(id, both)).toEqual(["asked", "denylisted"]);
    const [link = ""] = await links();
    await visit("POST", link);
    const denied = await web.db.query("select address from recipients where denylisted_at is not null");
    expect(denied).toEqual([{ address: "angry@one.example" }]);
    expect(await listed(id)).toEqual(["own@one.example subscribed"]);
  });

  test("subscriptions end by themselves, are renewed, and end once for the history", async () => {
    const { id } = await service({ durationDays: 30 });
    const wish = { ...people("ann@one.example"), confirmed: true };
    await subscribe(id, wish);
    web.clock.ahead = 20 * DAY;
    expect(await subscribe(id, wish)).toEqual(["renewed"]);
    const at = (days: number) => Date.now() + days * DAY;
    expect(await tendSubscriptions(web.db, at(49))).toBe(0);
    expect(await tendSubscriptions(web.db, at(51))).toBe(1);
    expect(await tendSubscriptions(web.db, at(52))).toBe(0);
    expect(await listed(id, "state=expired")).toEqual(["ann@one.example expired"]);
    expect(await listed(id, "state=subscribed")).toEqual([]);
    web.clock.ahead = 60 * DAY;
    expect(await subscribe(id, wish)).toEqual(["subscribed"]);
  });

  test("twenty who ask for the same address at once get one mail", async () => {
    const { id } = await service();
    const answers = await Promise.all(Array.from({ length: 20 }, () => subscribe(id, people("ann@one.example"))));
    expect(answers.flat().filter((status) => status === "asked")).toHaveLength(1);
    expect(await links()).toHaveLength(1);
  });
});

test("leaving: also who never came is kept as somebody who said no; a wish that waits is given up", async () => {
  const { id } = await service();
  await subscribe(id, { ...people("ann@one.example"), confirmed: true });
  await subscribe(id, people("new@one.example"));
  const [link = ""] = await links();
  await web.call("POST", "/api/v1/recipients", { address: "bob@one.example" });
  const four = ["ann@one.example", "bob@one.example", "new@one.example", "nobody"];
  expect(await unsubscribe(id, ...four)).toEqual(["unsubscribed", "unsubscribed", "unknown", "failed"]);
  expect(await unsubscribe(id, ...four)).toEqual(["already", "already", "unknown", "failed"]);
  expect((await visit("POST", link)).status).toBe(404);
  expect(await listed(id)).toEqual(["ann@one.example unsubscribed", "bob@one.example unsubscribed"]);
});

describe("the public page", () => {
  test("is there only for public services, in the visitor's language, and tells nobody who is known", async () => {
    const made = await service({ public: true, name: "L’Été <b>", description: "One\n\nTwo <i>" });
    const path = new URL(made.publicUrl ?? "").pathname;
    const page = await visit("GET", path, undefined, "fr");
    expect(page.status).toBe(200);
    expect(page.body).toContain("S’abonner à L’Été &#60;b&#62;");
    expect(page.body).toContain("<p>One</p><p>Two &#60;i&#62;</p>");
    const first = await visit("POST", path, { email: "ann@one.example" });
    const again = await visit("POST", path, { email: "ann@one.example" });
    const other = await visit("POST", path, { email: "bob@one.example" });
    expect(again.body).toBe(first.body);
    expect(other.body).toBe(first.body);
    expect(await links()).toHaveLength(2);
    await web.call("PUT", `${api}/${made.id}`, { name: "x", public: false });
    expect((await visit("GET", path)).status).toBe(404);
    expect((await visit("POST", path, { email: "cyd@one.example" })).status).toBe(404);
  });

  test("what is no address is shown again; programs that fill in everything reach nobody", async () => {
    const path = new URL((await service({ public: true })).publicUrl ?? "").pathname;
    const wrong = await visit("POST", path, { email: `"><script>alert(1)</script>` });
    expect(wrong.status).toBe(422);
    expect(wrong.body).not.toContain("<script>");
    expect(wrong.body).toContain('role="alert"');
    expect((await visit("POST", path)).status).toBe(422);
    expect((await visit("POST", path, { email: "ann@one.example", website: "http://spam.example" })).status).toBe(200);
    expect(await links()).toEqual([]);
  });

  test("looking at a confirmation link changes nothing; made-up ones are none", async () => {
    const made = await service({ public: true });
    await visit("POST", new URL(made.publicUrl ?? "").pathname, { email: "ann@one.example" }, "es");
    const [link = ""] = await links();
    for (let times = 0; times < 3; times++) expect((await visit("GET", link)).body).toContain("Press the button");
    expect((await visit("GET", link, undefined, "de")).body).toContain("Suscribirse");
    expect(await web.db.query("select 1 from recipients")).toEqual([]);
    for (const path of ["/s/confirm/x", `/s/confirm/${"a".repeat(1000)}`, "/s/nothing"]) {
      expect((await visit("GET", path)).status, path).toBe(404);
    }
  });
});

test("segments and audiences know who is subscribed now", async () => {
  const { id } = await service({ durationDays: 10 });
  await subscribe(id, { ...people("ann@one.example", "bob@one.example"), confirmed: true });
  await web.call("POST", "/api/v1/recipients", { address: "cyd@one.example" });
  await unsubscribe(id, "bob@one.example");
  const count = async (tree: object) => {
    const answer = await web.call("POST", "/api/v1/segments/preview", { tree });
    return z.looseObject({ count: z.int(), explanation: z.string() }).parse(answer.body);
  };
  expect(await count({ service: id })).toMatchObject({ count: 1, explanation: 'subscribed to "The Letter"' });
  expect((await count({ not: { service: id } })).count).toBe(2);
  web.clock.ahead = 11 * DAY;
  expect((await count({ service: id })).count).toBe(0);
  const missing = await web.call("POST", "/api/v1/segments/preview", { tree: { service: "999" } });
  expect([missing.status, missing.text]).toEqual([422, expect.stringContaining("There is no service 999")]);
});
