/** Sources and pools over the API: what is saved, refused, in use, and that senders hear of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { seedInProgress } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem } from "../../contract/index.ts";
import { poolAnswerSchema, sourceAnswerSchema } from "../../contract/responses-shaping.ts";
import { pageOf } from "../../contract/responses.ts";
import { SHAPING_CHANNEL } from "../../platform/events.ts";
import { loadSources } from "./index.ts";

const SOURCES = "/api/v1/sources";
const POOLS = "/api/v1/pools";
const A = { name: "a", addressV4: "192.0.2.1", helo: "a.mail.example" };
const B = { name: "b", addressV6: "2001:db8::b", helo: "b.mail.example" };

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() => web.db.query("truncate sources, pools, pool_sources, warm_ups, warm_up_days restart identity"));
afterAll(() => web.close());

type Answered = { status: number; body: unknown };
const post = (source: object) => web.call("POST", SOURCES, source);
const idOf = (answer: { body: unknown }) => (answer.body as { id: string }).id;
const make = async (source: object) => idOf(await post(source));
const makePool = async (name: string, ...sources: string[]) =>
  idOf(await web.call("POST", POOLS, { name, members: sources.map((source) => ({ source, weight: 5 })) }));

async function faultsOf(call: Promise<Answered>): Promise<string[]> {
  const answer = await call;
  expect(answer.status).toBe(422);
  return ((answer.body as Problem).errors ?? []).map(({ pointer, code }) => `${pointer} ${code}`);
}

async function refusal(call: Promise<Answered>): Promise<string> {
  const { status, body } = await call;
  return `${status} ${(body as Problem).detail}`;
}

describe("a source", () => {
  test("is registered, read, listed, changed under its version, removed", async () => {
    const made = await post({ ...A, addressV6: "2001:DB8:0:0::A", helo: " A.Mail.example" });
    expect(made.status).toBe(201);
    const id = idOf(made);
    expect(made.headers).toMatchObject({ location: `${SOURCES}/${id}`, etag: '"1"' });
    expect(await web.get(`${SOURCES}/${id}`, sourceAnswerSchema)).toMatchObject({
      ...A,
      addressV6: "2001:db8::a",
      sender: null,
      enabled: true,
      warmUp: "automatic",
      version: 1,
    });
    const change = { ...A, enabled: false, warmUp: "off", sender: 3 };
    expect((await web.call("PUT", `${SOURCES}/${id}`, change, { "if-match": '"7"' })).status).toBe(412);
    const changed = await web.call("PUT", `${SOURCES}/${id}`, change, { "if-match": '"1"' });
    expect([changed.status, changed.headers["etag"]]).toEqual([200, '"2"']);
    await make(B);
    const page = await web.get(`${SOURCES}?limit=1`, pageOf(sourceAnswerSchema));
    expect(page.data).toMatchObject([{ id, ...change, addressV6: null, version: 2 }]);
    const rest = await web.get(`${SOURCES}?cursor=${page.nextCursor}`, pageOf(sourceAnswerSchema));
    expect(rest).toMatchObject({ data: [{ name: "b" }], nextCursor: null });
    expect((await web.call("DELETE", `${SOURCES}/${id}`, undefined, { "if-match": '"1"' })).status).toBe(412);
    expect((await web.call("DELETE", `${SOURCES}/${id}`)).status).toBe(204);
    expect((await web.call("GET", `${SOURCES}/${id}`)).status).toBe(404);
  });

  test.each<[what: string, source: object, faults: string[]]>([
    ["no address", { addressV4: null }, ["/addressV4 required"]],
    ["the address of another", { addressV4: "192.0.2.9" }, ["/addressV4 taken"]],
    ["the IPv6 address of another, written otherwise", { addressV6: "2001:DB8::0:9" }, ["/addressV6 taken"]],
    ["the name of another", { name: "TAKEN" }, ["/name taken"]],
    ["a name that Envoi has for itself", { name: "Default" }, ["/name reserved"]],
    ["the address of something else for a name", { name: "192.0.2.8" }, ["/name misleading"]],
    ["a name with a line break", { name: "a\nb" }, ["/name invalid-format"]],
    ["an IPv4 address as IPv6", { addressV6: "192.0.2.1" }, ["/addressV6 invalid-format"]],
    ["an IPv4 address in the shape of IPv6", { addressV6: "::ffff:192.0.2.1" }, ["/addressV6 invalid-ip"]],
    ["no particular address", { addressV4: "0.0.0.0" }, ["/addressV4 unusable"]],
    ["no particular IPv6 address", { addressV6: "::" }, ["/addressV6 unusable"]],
    ["a group's address", { addressV4: "224.0.0.1" }, ["/addressV4 unusable"]],
    ["an address of one network interface", { addressV6: "fe80::1" }, ["/addressV6 unusable"]],
    ["an address literal for HELO", { helo: "[192.0.2.1]" }, ["/helo invalid-domain"]],
    ["an address for HELO", { helo: "192.0.2.1" }, ["/helo invalid-domain"]],
    ["a HELO without a dot", { helo: "localhost" }, ["/helo invalid-domain"]],
    ["a HELO with a command in it", { helo: "a.example\r\nMAIL FROM:<>" }, ["/helo invalid-domain"]],
    ["a sender that cannot be", { sender: -1 }, ["/sender too-small"]],
    ["a field that there is not", { weight: 1 }, ["/weight unknown"]],
    [
      "several faults at once",
      { name: "taken", addressV4: "255.255.255.255", helo: "-" },
      ["/addressV4 unusable", "/name taken", "/helo invalid-domain"],
    ],
  ])("is refused with %s", async (_what, source, faults) => {
    await make({ name: "taken", addressV4: "192.0.2.9", addressV6: "2001:db8::9", helo: "taken.mail.example" });
    expect(await faultsOf(post({ ...A, ...source }))).toEqual(faults);
    expect((await loadSources(web.db)).sources).toHaveLength(1);
  });

  test("may be called by its own address, and keep name and addresses when it is changed", async () => {
    const id = await make({ ...A, name: "192.0.2.1" });
    expect((await web.call("PUT", `${SOURCES}/${id}`, { ...A, name: "192.0.2.1" })).status).toBe(200);
    await make(B);
    expect(await faultsOf(web.call("PUT", `${SOURCES}/${id}`, { ...A, name: "B" }))).toEqual(["/name taken"]);
  });

  test("of two that want the same address at once, one is refused", async () => {
    const answers = await Promise.all(["x", "y", "z"].map((name) => post({ ...A, name })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 422, 422]);
  });

  test("that is in a pool stays, and its pools are named", async () => {
    const id = await make(A);
    await makePool("news", id);
    expect(await refusal(web.call("DELETE", `${SOURCES}/${id}`))).toBe(
      '409 The source "a" cannot be removed: it is in the pool "news". Take it out there, or disable it.',
    );
    await makePool("bills", id);
    expect(await refusal(web.call("DELETE", `${SOURCES}/${id}`))).toContain('it is in the pools "bills", "news".');
  });

  test("with an address that it did not have begins its warm-up anew", async () => {
    const id = await make({ ...A, addressV6: "2001:db8::a" });
    const begin = () =>
      web.db.query(
        `insert into warm_ups (source_id, provider, state, since, updated_at) values ($1, 'google', 'warming', now(), now())
         on conflict do nothing`,
        [id],
      );
    const begun = async () => (await web.db.query("select from warm_ups where source_id = $1", [id])).length;
    await begin();
    await web.call("PUT", `${SOURCES}/${id}`, { ...A, enabled: false });
    expect(await begun()).toBe(1);
    await web.call("PUT", `${SOURCES}/${id}`, { ...A, addressV4: "192.0.2.77" });
    expect(await begun()).toBe(0);
    await begin();
    await web.call("DELETE", `${SOURCES}/${id}`);
    expect(await begun()).toBe(0);
  });

  test.each(["0", "x", "99999", "999999999999999"])("there is none with the id %s, nor such a pool", async (id) => {
    for (const [path, body] of [
      [SOURCES, A],
      [POOLS, { name: "p", members: [{ source: "1", weight: 1 }] }],
    ] as const) {
      expect((await web.call("GET", `${path}/${id}`)).status).toBe(404);
      expect((await web.call("PUT", `${path}/${id}`, body)).status).toBe(404);
      expect((await web.call("DELETE", `${path}/${id}`)).status).toBe(404);
    }
  });
});

describe("a pool", () => {
  test("is made, read, listed, changed under its version, removed", async () => {
    const [a, b] = [await make(A), await make(B)];
    const pool = {
      name: "News",
      members: [
        { source: a, weight: 5 },
        { source: b, weight: 1 },
      ],
    };
    const made = await web.call("POST", POOLS, pool);
    const id = idOf(made);
    expect([made.status, made.headers["etag"], made.headers["location"]]).toEqual([201, '"1"', `${POOLS}/${id}`]);
    expect(await web.get(`${POOLS}/${id}`, poolAnswerSchema)).toMatchObject({ id, ...pool, version: 1 });
    const change = { name: "News", members: [{ source: b, weight: 10_000 }] };
    expect((await web.call("PUT", `${POOLS}/${id}`, change, { "if-match": '"2"' })).status).toBe(412);
    expect((await web.call("PUT", `${POOLS}/${id}`, change, { "if-match": '"1"' })).status).toBe(200);
    const list = await web.get(POOLS, pageOf(poolAnswerSchema));
    expect(list).toMatchObject({ data: [{ id, ...change, version: 2 }], nextCursor: null });
    expect((await web.call("DELETE", `${POOLS}/${id}`, undefined, { "if-match": '"1"' })).status).toBe(412);
    expect((await web.call("DELETE", `${POOLS}/${id}`)).status).toBe(204);
    expect((await web.get(POOLS, pageOf(poolAnswerSchema))).data).toEqual([]);
    expect((await web.call("DELETE", `${SOURCES}/${a}`)).status).toBe(204);
  });

  test.each<[what: string, members: object[], faults: string[]]>([
    ["nobody in it", [], ["/members too-small"]],
    ["a source that there is not", [{ source: "99999", weight: 1 }], ["/members/0/source not-found"]],
    [
      "a source twice",
      [
        { source: "1", weight: 1 },
        { source: "1", weight: 2 },
      ],
      ["/members/1/source twice"],
    ],
    ["no weight", [{ source: "1", weight: 0 }], ["/members/0/weight too-small"]],
    ["half a weight", [{ source: "1", weight: 0.5 }], ["/members/0/weight invalid-type"]],
  ])("is refused with %s", async (_what, members, faults) => {
    await make(A);
    expect(await faultsOf(web.call("POST", POOLS, { name: "p", members }))).toEqual(faults);
  });

  test("has a name of its own, whatever its case", async () => {
    const a = await make(A);
    await makePool("News", a);
    const members = [{ source: a, weight: 1 }];
    expect(await faultsOf(web.call("POST", POOLS, { name: "NEWS", members }))).toEqual(["/name taken"]);
  });

  test.each([
    ["ready", 409],
    ["in-progress", 409],
    ["paused", 409],
    ["stopping", 409],
    ["editing", 204],
    ["finished", 204],
  ])("of a delivery that is %s: removing and renaming it answers %i", async (state, status) => {
    const a = await make(A);
    const id = await makePool("News", a);
    const delivery = await seedInProgress(web.db, 1, 10, { pool: " news" });
    await web.db.query("update deliveries set state = $2 where id = $1", [delivery, state]);
    const members = [{ source: a, weight: 7 }];
    expect((await web.call("PUT", `${POOLS}/${id}`, { name: "NEWS", members })).status).toBe(200);
    const renamed = await web.call("PUT", `${POOLS}/${id}`, { name: "Other", members });
    expect(renamed.status).toBe(status === 204 ? 200 : 409);
    if (status === 409) {
      expect((renamed.body as Problem).detail).toContain(`"NEWS" cannot be renamed: delivery ${delivery} is ${state}`);
      expect((await web.call("PUT", `${POOLS}/${id}`, { name: "NEWS", members })).status).toBe(200);
    }
    expect((await web.call("DELETE", `${POOLS}/${id}`)).status).toBe(status);
    await web.db.query("delete from deliveries where id = $1", [delivery]);
  });
});

test("the pool of deliveries that say nothing is in use by them", async () => {
  const id = await makePool("Default", await make(A));
  const delivery = await seedInProgress(web.db, 1, 10);
  expect(await refusal(web.call("DELETE", `${POOLS}/${id}`))).toContain(`delivery ${delivery} is in-progress`);
  await web.db.query(`update deliveries set settings = settings || '{"source": "192.0.2.1"}' where id = $1`, [
    delivery,
  ]);
  expect((await web.call("DELETE", `${POOLS}/${id}`)).status).toBe(204);
  await web.db.query("delete from deliveries where id = $1", [delivery]);
});

test("asked twice with one key, one is made", async () => {
  for (const [path, body] of [
    [SOURCES, A],
    [POOLS, { name: "p", members: [{ source: "1", weight: 1 }] }],
  ] as const) {
    const ask = () => web.call("POST", path, body, { "idempotency-key": `key of ${path}` });
    expect((await ask()).body).toEqual((await ask()).body);
  }
  const { sources, pools } = await loadSources(web.db);
  expect([sources.length, pools.length]).toEqual([1, 1]);
});

test("senders read everything anew after each change, and hear of none that was refused", async () => {
  let heard = 0;
  let wake = () => {};
  const listener = await web.db.listen(SHAPING_CHANNEL, () => {
    heard++;
    wake();
  });
  const reached = (count: number) =>
    new Promise<void>((resolve) => {
      wake = () => heard >= count && resolve();
      wake();
    });
  await reached(1);
  const id = await make(A);
  await reached(2);
  await post(A);
  await web.call("PUT", `${SOURCES}/${id}`, { ...A, enabled: false });
  await reached(3);
  const pool = await makePool("p", id);
  await reached(4);
  await web.call("DELETE", `${SOURCES}/${id}`);
  await web.call("PUT", `${POOLS}/${pool}`, { name: "q", members: [{ source: id, weight: 2 }] });
  await reached(5);
  expect(await loadSources(web.db)).toMatchObject({
    sources: [
      { id: Number(id), name: "a", addressV4: "192.0.2.1", addressV6: null, enabled: false, warmUp: "automatic" },
    ],
    pools: [{ id: Number(pool), name: "q", members: [{ source: Number(id), weight: 2 }] }],
  });
  await web.call("DELETE", `${POOLS}/${pool}`);
  await web.call("DELETE", `${SOURCES}/${id}`);
  await reached(7);
  expect(heard).toBe(7);
  await listener.close();
});
