/** Unsubscribing and taking it back, by page and by one click, over the real server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { AT, createPublicPages, seedMessages, type PublicPages } from "../../../test/public-pages.ts";
import { denylist } from "../audience/index.ts";
import { registerUnsubscribeRoutes, registerUnsubscriptionApi } from "./index.ts";

let web: PublicPages;
beforeAll(async () => {
  web = await createPublicPages({ pages: registerUnsubscribeRoutes, api: registerUnsubscriptionApi });
});
afterAll(() => web.close());
beforeEach(async () => {
  web.clock.at = AT;
  web.noted.length = 0;
  await web.db.query("delete from unsubscriptions");
  await web.db.query("delete from recipients");
  await web.db.query("truncate services, subscriptions, subscription_events cascade");
});

const ONE_CLICK = {
  headers: { "content-type": "application/x-www-form-urlencoded" },
  payload: "List-Unsubscribe=One-Click",
};

/** What is denylisted, and all unsubscriptions. */
async function standing() {
  const listed = await web.db.query<{ address: string; denylist_reason: string }>(
    "select address, denylist_reason from recipients where denylisted_at is not null order by address",
  );
  const rows = await web.db.query<{ source: string; repeats: number; denylisted: boolean; undone: boolean }>(
    "select source, repeats, denylisted, undone_at is not null as undone from unsubscriptions order by id",
  );
  return { listed: listed.map((row) => `${row.address} ${row.denylist_reason}`), rows };
}

describe("acting", () => {
  test.each([
    ["the page's form", { headers: { "content-type": "application/x-www-form-urlencoded" }, payload: "" }, "page"],
    ["no body at all", {}, "page"],
    ["one-click, urlencoded", ONE_CLICK, "one-click"],
    [
      "one-click, urlencoded with a charset",
      { ...ONE_CLICK, headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" } },
      "one-click",
    ],
    [
      "one-click, multipart",
      {
        headers: { "content-type": "multipart/form-data; boundary=b" },
        payload: '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
      },
      "one-click",
    ],
    ["JSON that is none", { headers: { "content-type": "application/json" }, payload: "{" }, "page"],
    ["bytes that are no text", { headers: { "content-type": "image/png" }, payload: Buffer.from([0, 255, 0]) }, "page"],
  ])("27: POST with %s unsubscribes at once", async (_name, options, source) => {
    const { urls, partId } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const answer = await web.visit("POST", urls(0).unsubscribe(), options);
    expect(answer.status).toBe(200);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["location"]).toBeUndefined();
    expect(await standing()).toEqual({
      listed: ["ada@one.example unsubscribed"],
      rows: [{ source, repeats: 0, denylisted: true, undone: false }],
    });
    expect(web.noted).toEqual([{ kind: "opt-out", partId, seq: 0 }]);
  });

  test("only that address", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }, { address: "bob@one.example" }]);
    await web.visit("POST", urls(1).unsubscribe(), ONE_CLICK);
    expect((await standing()).listed).toEqual(["bob@one.example unsubscribed"]);
  });

  test("again and again is once; the first source and time stay", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    await web.visit("POST", urls(0).unsubscribe(), ONE_CLICK);
    web.clock.at += 60_000;
    const again = await web.visit("POST", urls(0).unsubscribe());
    expect(again.status).toBe(200);
    expect((await standing()).rows).toEqual([{ source: "one-click", repeats: 1, denylisted: true, undone: false }]);
    expect(await web.db.query("select at, last_at from unsubscriptions")).toEqual([{ at: AT, last_at: AT + 60_000 }]);
    expect(await web.db.query("select denylisted_at from recipients")).toEqual([{ denylisted_at: AT }]);
    expect(web.noted).toHaveLength(1);
  });

  test("twenty at the same moment are one", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => web.visit("POST", urls(0).unsubscribe(), i % 2 ? ONE_CLICK : {})),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const { listed, rows } = await standing();
    expect(listed).toEqual(["ada@one.example unsubscribed"]);
    expect(rows).toMatchObject([{ repeats: 19, denylisted: true, undone: false }]);
    expect(web.noted).toHaveLength(1);
  });

  test("a recipient who was deleted, or moved to another address, is known by the address of the message", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "Gone@one.example" }]);
    await web.db.query("delete from recipients");
    await web.visit("POST", urls(0).unsubscribe(), ONE_CLICK);
    expect((await standing()).listed).toEqual(["Gone@one.example unsubscribed"]);
  });

  test("who is denylisted already keeps the first reason, and the wish is kept too", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    await denylist(web.db, { address: "ada@one.example", reason: "complained", at: AT - 1 });
    expect((await web.visit("GET", urls(0).unsubscribe())).body).toContain("You are already unsubscribed");
    await web.visit("POST", urls(0).unsubscribe());
    expect(await standing()).toEqual({
      listed: ["ada@one.example complained"],
      rows: [{ source: "page", repeats: 0, denylisted: false, undone: false }],
    });
  });

  test("a large body is refused and changes nothing", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const answer = await web.visit("POST", urls(0).unsubscribe(), { ...ONE_CLICK, payload: "x".repeat(8193) });
    expect(answer.status).toBe(413);
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(await standing()).toEqual({ listed: [], rows: [] });
  });
});

describe("taking it back", () => {
  test("mail goes on, and the row tells both", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const url = urls(0).unsubscribe();
    const done = await web.visit("POST", url);
    const action = /action="([^"]+)"/.exec(done.body)?.[1] ?? "";
    const undone = await web.visit("POST", new URL(action, url).href);
    expect(undone.body).toContain("You are subscribed again");
    expect(await standing()).toEqual({
      listed: [],
      rows: [{ source: "page", repeats: 0, denylisted: true, undone: true }],
    });
    expect((await web.visit("GET", url)).body).toContain("<form");
  });

  test("twice is once, and unsubscribing again is a new row", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const url = urls(0).unsubscribe();
    await web.visit("POST", url);
    await Promise.all([web.visit("POST", `${url}/undo`), web.visit("POST", `${url}/undo`)]);
    web.clock.at += 1000;
    await web.visit("POST", url, ONE_CLICK);
    const { listed, rows } = await standing();
    expect(listed).toEqual(["ada@one.example unsubscribed"]);
    expect(rows.map((row) => row.undone)).toEqual([true, false]);
  });

  test("a complaint or an operator's entry stays", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    await denylist(web.db, { address: "ada@one.example", reason: "complained", at: AT - 1 });
    await web.visit("POST", urls(0).unsubscribe());
    const page = await web.visit("POST", `${urls(0).unsubscribe()}/undo`);
    expect(page.body).toContain("You are still unsubscribed");
    expect((await standing()).listed).toEqual(["ada@one.example complained"]);
  });

  test("another message's unsubscription stays; when both are taken back, mail goes on", async () => {
    const one = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const two = await seedMessages(web.db, [{ address: "ADA@one.example" }]);
    await web.visit("POST", one.urls(0).unsubscribe());
    web.clock.at += 1000;
    await web.visit("POST", two.urls(0).unsubscribe());
    const first = await web.visit("POST", `${one.urls(0).unsubscribe()}/undo`);
    expect(first.body).toContain("You are still unsubscribed");
    expect((await standing()).listed).toHaveLength(1);
    const second = await web.visit("POST", `${two.urls(0).unsubscribe()}/undo`);
    expect(second.body).toContain("You are subscribed again");
    expect((await standing()).listed).toEqual([]);
  });

  test("who never unsubscribed is told that mail goes on", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    expect((await web.visit("POST", `${urls(0).unsubscribe()}/undo`)).body).toContain("You are subscribed again");
    expect(await standing()).toEqual({ listed: [], rows: [] });
  });
});

describe("operators", () => {
  test("see who unsubscribed, newest first, in pages, by address", async () => {
    const { urls, deliveryId, partId } = await seedMessages(web.db, [
      { address: "ada@one.example" },
      { address: "bob@one.example" },
    ]);
    await web.visit("POST", urls(0).unsubscribe(), ONE_CLICK);
    await web.visit("POST", urls(1).unsubscribe());
    await web.visit("POST", `${urls(1).unsubscribe()}/undo`);
    const at = new Date(AT).toISOString();
    const ada = {
      address: "ada@one.example",
      at,
      source: "one-click",
      scope: "e-mail",
      serviceId: null,
      deliveryId: String(deliveryId),
      messageKey: `${partId}-0`,
      denylisted: true,
      repeats: 0,
      lastAt: at,
      undoneAt: null,
    };
    const first = (await web.ask("GET", "/api/v1/unsubscriptions?limit=1")).json() as {
      data: unknown[];
      nextCursor: string;
    };
    expect(first.data).toMatchObject([{ address: "bob@one.example", source: "page", undoneAt: at }]);
    expect((await web.ask("GET", `/api/v1/unsubscriptions?cursor=${first.nextCursor}`)).json()).toEqual({
      data: [ada],
      nextCursor: null,
    });
    expect((await web.ask("GET", "/api/v1/unsubscriptions?address=ADA@ONE.example")).json()).toMatchObject({
      data: [ada],
    });
    expect((await web.ask("GET", "/api/v1/unsubscriptions?address=nobody")).json()).toEqual({
      data: [],
      nextCursor: null,
    });
    expect((await web.ask("GET", "/api/v1/unsubscriptions?cursor=x")).status).toBe(422);
    expect((await web.visit("GET", "/api/v1/unsubscriptions")).status).toBe(401);
  });
});

describe("a delivery of a service", () => {
  async function ofService(name = "The Letter") {
    const [service] = await web.db.query<{ id: number }>(
      `insert into services (name, public_key, created_at, updated_at) values ($1, $1, now(), now())
       on conflict (fold_text(name)) do update set name = excluded.name returning id`,
      [name],
    );
    const settings = { service: String(service?.id) };
    const seeded = await seedMessages(web.db, [{ address: "ada@one.example" }], { settings });
    return { ...seeded, url: seeded.urls(0).unsubscribe() };
  }
  const states = async () =>
    (await web.db.query<{ state: string }>("select state from subscriptions")).map(({ state }) => state);

  test("the page's button leaves the service alone, also for who never subscribed; a mistake is taken back", async () => {
    const { url } = await ofService();
    const asked = await web.visit("GET", url);
    expect(asked.body).toContain("no more <bdi>The Letter</bdi>");
    expect(asked.body.match(/<button/g)).toHaveLength(2);
    expect((await web.visit("POST", url)).body).toContain("no more <bdi>The Letter</bdi>");
    expect(await states()).toEqual(["unsubscribed"]);
    expect(await standing()).toEqual({
      listed: [],
      rows: [{ source: "page", repeats: 0, denylisted: false, undone: false }],
    });
    expect((await web.visit("GET", url)).body).toContain("You are unsubscribed");
    expect((await web.visit("POST", `${url}/undo`)).body).toContain("go on sending <bdi>The Letter</bdi>");
    expect(await states()).toEqual(["subscribed"]);
    const history = await web.db.query<{ kind: string; origin: string }>(
      "select kind, origin from subscription_events order by id",
    );
    expect(history.map(({ kind, origin }) => `${kind} ${origin}`)).toEqual([
      "unsubscribed message",
      "resubscribed message",
    ]);
  });

  test("27: one click leaves the service and no more; afterwards all mail can be stopped, and both taken back", async () => {
    const { url } = await ofService();
    await web.visit("POST", url, ONE_CLICK);
    await web.visit("POST", url, ONE_CLICK);
    expect((await standing()).listed).toEqual([]);
    web.clock.at = AT + 1000;
    expect((await web.visit("POST", `${url}/all`)).body).toContain("no more e-mail");
    expect(await standing()).toEqual({
      listed: ["ada@one.example unsubscribed"],
      rows: [{ source: "one-click", repeats: 2, denylisted: true, undone: false }],
    });
    expect(web.noted).toHaveLength(2);
    expect((await web.visit("GET", url)).body).toContain("no more e-mail");
    expect((await web.visit("POST", `${url}/undo`)).body).toContain("subscribed again");
    expect((await standing()).listed).toEqual([]);
    expect(await states()).toEqual(["subscribed"]);
  });

  test("who left by two messages and takes one back has left still", async () => {
    const [one, two] = [await ofService(), await ofService()];
    await web.visit("POST", one.url);
    await web.visit("POST", two.url);
    expect((await web.visit("POST", `${one.url}/undo`)).body).toContain("still unsubscribed");
    expect(await states()).toEqual(["unsubscribed"]);
  });

  test("a person who is there no more is kept from all mail; so is who stops a service that is gone", async () => {
    const first = await ofService();
    await web.db.query("delete from recipients");
    await web.visit("POST", first.url);
    expect((await standing()).listed).toEqual(["ada@one.example unsubscribed"]);
    await web.db.query("delete from unsubscriptions");
    await web.db.query("delete from recipients");
    const second = await ofService();
    await web.db.query("delete from services");
    expect((await web.visit("POST", second.url)).body).toContain("no more e-mail");
    expect((await standing()).listed).toEqual(["ada@one.example unsubscribed"]);
  });
});
