/** Seeds and the suppression list over the API; seeds in a delivery: in the log, on their way, and in no figure. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { settingsWith } from "../../../test/population.ts";
import { analyse, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import {
  checklistSchema,
  indicatorsAnswerSchema,
  logLineSchema,
  pageOf,
  problemSchema,
} from "../../contract/responses.ts";
import { seedAnswerSchema, seedListAnswerSchema } from "../../contract/responses-seeds.ts";
import { suppressionCountsSchema, suppressionResultSchema } from "../../contract/responses-suppression.ts";
import { storeEvents } from "../tracking/store.ts";
import { confirmDelivery, loadDeliveryFigures, settleDelivery, stopDelivery } from "../deliveries/index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => web.db.query<T>(sql, params);
let made = 0;

async function create(body: object) {
  const answer = await web.call("POST", "/api/v1/seeds", body);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return seedAnswerSchema.parse(answer.body);
}

async function someSeeds(n: number, attributes: object = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < n; i++) ids.push((await create({ address: `seed${++made}@own.example`, attributes })).id);
  return ids;
}

describe("seeds", () => {
  test("are made, read, replaced by who has seen them, and deleted", async () => {
    const seed = await create({ address: "Own.Box@Provider.example", label: "Provider", attributes: { city: "Rome" } });
    expect(seed).toMatchObject({ address: "Own.Box@Provider.example", version: 1, attributes: { city: "Rome" } });
    const path = `/api/v1/seeds/${seed.id}`;
    const stale = await web.call("PUT", path, { address: "x@own.example" }, { "if-match": '"7"' });
    expect([stale.status, problemSchema.parse(stale.body).code]).toEqual([412, "version-conflict"]);
    const changed = await web.call("PUT", path, { address: "other@own.example" }, { "if-match": '"1"' });
    expect(changed).toMatchObject({ status: 200, body: { address: "other@own.example", version: 2, attributes: {} } });
    expect((await web.call("DELETE", path)).status).toBe(204);
    expect((await web.call("GET", path)).status).toBe(404);
  });

  test.each([
    [{ address: "nobody" }, "/address", "invalid-address"],
    [{ address: "" }, "/address", "invalid-address"],
    [{ address: "TWICE@own.example" }, "/address", "taken"],
  ])("%s is refused", async (body, pointer, code) => {
    if (code === "taken") await create({ address: "twice@own.example" });
    const answer = await web.call("POST", "/api/v1/seeds", body);
    expect([answer.status, problemSchema.parse(answer.body).errors?.[0]]).toMatchObject([422, { pointer, code }]);
  });

  test("are on lists; a list names only those there are, and goes without them", async () => {
    const [a, b] = await someSeeds(2);
    const answer = await web.call("POST", "/api/v1/seed-lists", { label: "Webmail", seeds: [b, a, a] });
    const list = seedListAnswerSchema.parse(answer.body);
    expect(list.seeds).toEqual([a, b]);
    const again = await web.call("POST", "/api/v1/seed-lists", { label: "WEBMAIL" });
    expect(problemSchema.parse(again.body).errors?.[0]).toMatchObject({ pointer: "/label", code: "taken" });
    const wrong = await web.call("PUT", `/api/v1/seed-lists/${list.id}`, { label: "W", seeds: [a, "999999"] });
    expect(problemSchema.parse(wrong.body).errors?.[0]).toMatchObject({ pointer: "/seeds/1", code: "not-found" });
    await web.call("DELETE", `/api/v1/seeds/${a}`);
    const page = await web.get("/api/v1/seed-lists", pageOf(seedListAnswerSchema));
    expect(page.data).toMatchObject([{ label: "Webmail", seeds: [b] }]);
    expect((await web.call("DELETE", `/api/v1/seed-lists/${list.id}`)).status).toBe(204);
  });
});

describe("in a delivery", () => {
  const delivery = async (people: number, seeds: object, attributes = "name,city") => {
    const prefix = `t${++made}`;
    const lines = Array.from({ length: people }, (_, i) => `p${i}@${prefix}.example,Ann ${i},Lyon`);
    const audience = await importCsv(web.db, `email,${attributes}\n${lines.join("\n")}\n`);
    const settings = settingsWith({ partSize: 10, population: { seeds } });
    const content = {
      subject: "{{ recipient.name }}",
      html: "<p>{{ recipient.city }} unsubscribe</p>",
      text: "unsubscribe",
      syntax: "liquid" as const,
    };
    const id = await seedDelivery(web.db, { audience, settings, content });
    return { id, checklist: await analyse(web.db, id) };
  };
  const seedRows = (id: number) =>
    rows<{ address: string; vars: object; part: number; recipient_id: number | null }>(
      `select m.address, m.vars, p.id as part, m.recipient_id from messages m join delivery_parts p on p.id = m.part_id
        where p.delivery_id = $1 and p.seeds order by p.id, m.seq`,
      [id],
    );

  test("they are messages without a recipient, in parts of their own among the others, and counted nowhere", async () => {
    const seeds = await someSeeds(12);
    const { id, checklist } = await delivery(35, { seeds });
    expect(checklist).toMatchObject({ ready: true, targeted: 35, toDeliver: 35 });
    expect(checklist.items).toContainEqual(
      expect.objectContaining({ id: "seeds", title: "12 seed addresses are mixed in" }),
    );
    const found = await seedRows(id);
    expect(found).toHaveLength(12);
    expect(new Set(found.map((row) => row.recipient_id))).toEqual(new Set([null]));
    const parts = await rows<{ id: number; seeds: boolean; to_deliver: number }>(
      "select id, seeds, to_deliver from delivery_parts where delivery_id = $1 order by id",
      [id],
    );
    // Without gaps, and not all at one end.
    expect(parts.map((part) => part.id)).toEqual(parts.map((_, i) => (parts[0]?.id ?? 0) + i));
    expect(
      parts
        .filter((part) => !part.seeds)
        .map((part) => part.to_deliver)
        .toSorted((a, b) => b - a),
    ).toEqual([10, 10, 10, 5]);
    expect(parts.filter((part) => part.seeds).length).toBeGreaterThan(1);
    expect(
      await rows("select domain, to_deliver from destination_counters where delivery_id = $1", [id]),
    ).toMatchObject([{ to_deliver: 35 }]);
    expect(await web.get(`/api/v1/deliveries/${id}/indicators`, indicatorsAnswerSchema)).toMatchObject({
      targeted: 35,
      toDeliver: 35,
      pending: 35,
    });
    await analyse(web.db, id);
    expect((await seedRows(id)).map(({ address }) => address)).toEqual(found.map(({ address }) => address));
  });

  test("what they do not say comes from a recipient; before all or after all where that is said; each once", async () => {
    const [own] = await someSeeds(1, { name: "Desk" });
    const list = await web.call("POST", "/api/v1/seed-lists", { label: `list ${++made}`, seeds: [own] });
    const lists = [seedListAnswerSchema.parse(list.body).id];
    for (const [position, place] of [
      ["first", 0],
      ["last", 3],
    ] as const) {
      const { id } = await delivery(25, { seeds: [own], lists, position });
      const [row, ...others] = await seedRows(id);
      expect(others).toEqual([]);
      expect(row?.vars).toEqual({ name: "Desk", city: "Lyon" });
      const [first] = await rows<{ id: number }>("select min(id) as id from delivery_parts where delivery_id = $1", [
        id,
      ]);
      expect((row?.part ?? 0) - (first?.id ?? 0)).toBe(place);
    }
  });

  test("those that are gone are told", async () => {
    const [gone, there] = await someSeeds(2);
    await web.call("DELETE", `/api/v1/seeds/${gone}`);
    const { checklist } = await delivery(3, { seeds: [gone, there], lists: ["999999"] });
    expect(checklist.ready).toBe(true);
    expect(checklist.items).toContainEqual(
      expect.objectContaining({ id: "seeds-gone", level: "warning", title: "2 seeds or lists are missing" }),
    );
  });

  test("the log marks them; what becomes of them is in no figure, and the delivery waits for them", async () => {
    const { id } = await delivery(5, { seeds: await someSeeds(2), position: "first" });
    await confirmDelivery(web.db, id, "test", Date.now());
    const log = await web.get(`/api/v1/deliveries/${id}/messages?limit=100`, pageOf(logLineSchema));
    expect(log.data.filter((line) => line.seed).map((line) => line.recipient)).toEqual(
      (await seedRows(id)).map(({ address }) => address),
    );
    await rows(
      "update delivery_parts set pending = 0, sent = to_deliver, due_at = null where delivery_id = $1 and not seeds",
      [id],
    );
    await settleDelivery(web.db, id, Date.now());
    expect(await loadDeliveryFigures(web.db, id, Date.now())).toMatchObject({
      state: "in-progress",
      indicators: { sent: 5, pending: 0, toDeliver: 5 },
    });
    await stopDelivery(web.db, id, "test", Date.now());
    await settleDelivery(web.db, id, Date.now());
    expect(await loadDeliveryFigures(web.db, id, Date.now())).toMatchObject({
      state: "stopped",
      indicators: { sent: 5, cancelled: 0 },
    });
    expect(await rows("select cancelled from delivery_parts where delivery_id = $1 and seeds", [id])).toEqual([
      { cancelled: 2 },
    ]);
    const checklist = await web.get(`/api/v1/deliveries/${id}/checklist`, checklistSchema);
    expect(checklist).toMatchObject({ targeted: 5, toDeliver: 5 });
  });
});

test("nothing that happens to seeds counts: no open, no unsubscription", async () => {
  const settings = settingsWith({ population: { seeds: { seeds: await someSeeds(1) } } });
  const id = await seedDelivery(web.db, {
    audience: await importCsv(web.db, `email\np@u${++made}.example\n`),
    settings,
  });
  await analyse(web.db, id);
  await confirmDelivery(web.db, id, "test", Date.now());
  const log = await web.get(`/api/v1/deliveries/${id}/messages`, pageOf(logLineSchema));
  const key = log.data.find((line) => line.seed)?.key ?? "";
  const source = await web.call("GET", `/api/v1/messages/${key}/source`);
  const link = /\/u\/[\w-]+/.exec(source.text.replaceAll("\r\n ", ""))?.[0] ?? "none";
  const anonymous = { authorization: "", "content-type": "application/x-www-form-urlencoded" };
  expect((await web.call("POST", link, "List-Unsubscribe=One-Click", anonymous)).status).toBe(409);
  const [partId, seq] = key.split("-").map(Number) as [number, number];
  const seen = { kind: "open", class: "person", person: "p", ip: "192.0.2.1", userAgent: "Mail/1", link: 0 } as const;
  const event = {
    id: "seen",
    deliveryId: id,
    partId,
    seq,
    at: Date.now(),
    honeypot: false,
    posted: false,
    archive: null,
    signals: [],
  };
  expect(await web.db.transaction((tx) => storeEvents(tx, [{ ...event, ...seen }]))).toBe(0);
  const traces = await rows(
    `select (select count(*) from tracking_counters where delivery_id = $1) as counters,
            (select count(*) from unsubscriptions where delivery_id = $1) as wishes,
            (select count(*) from recipients r join seeds s using (match_key)) as people`,
    [id],
  );
  expect(traces).toEqual([{ counters: 0, wishes: 0, people: 0 }]);
});

describe("the suppression list", () => {
  const hash = "3F8D8a3ba6d6c6cbc5c5a4e9e0c7f3f1b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6";
  const counts = () => web.get("/api/v1/suppression", suppressionCountsSchema);

  test("takes hashes, addresses and domains, says what it could not read, and tells nobody who is on it", async () => {
    const entries = [hash, "Leave.Me@s.example", "@Blocked.example", "bad", "a@b@c", "LEAVE.me@S.example"];
    const answer = await web.call("POST", "/api/v1/suppression/actions/add", { entries });
    expect(suppressionResultSchema.parse(answer.body)).toEqual({
      total: 6,
      changed: 3,
      unreadable: { count: 2, places: [4, 5] },
    });
    expect(await counts()).toEqual({ addresses: 2, domains: 1 });
    const check = async (entry: string) =>
      (await web.call("POST", "/api/v1/suppression/actions/check", { entry })).body;
    expect(await check("leave.me@s.example")).toMatchObject({ suppressed: true, by: "address" });
    expect(await check("anyone@blocked.example")).toMatchObject({ suppressed: true, by: "domain" });
    expect(await check("other@s.example")).toMatchObject({ suppressed: false, by: null });
    const domains = await web.call("GET", "/api/v1/suppression/domains");
    expect(domains.body).toMatchObject({ data: [{ domain: "blocked.example" }], nextCursor: null });
    const removed = await web.call("POST", "/api/v1/suppression/actions/remove", { entries });
    expect(removed.body).toMatchObject({ changed: 3 });
    expect(await counts()).toEqual({ addresses: 0, domains: 0 });
  });

  test("takes a file of any length, twice to the same end", async () => {
    const lines = Array.from({ length: 12_000 }, (_, i) => `person${i}@file.example`);
    const file = `\uFEFFemail;why\r\n${lines.join(";asked\r\n")}\r\n\r\n"quoted@file.example"\r\nclosed.example`;
    const boundary = "envoi-test";
    const body = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="list.csv"\r\n\r\n${file}\r\n--${boundary}--\r\n`;
    const type = { "content-type": `multipart/form-data; boundary=${boundary}` };
    for (const changed of [12_002, 0]) {
      const answer = await web.call("POST", "/api/v1/suppression/import", body, type);
      expect(answer.body).toEqual({ total: 12_003, changed, unreadable: { count: 1, places: [1] } });
    }
    expect(await counts()).toEqual({ addresses: 12_001, domains: 1 });
  });
});
