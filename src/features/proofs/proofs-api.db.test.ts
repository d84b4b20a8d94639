/** Proofs over HTTP, down to their bytes and to what clicks in them do. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { analyse, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import { platformSettingsSchema, settingsSchema, type CreateDelivery } from "../../contract/index.ts";
import {
  deliveryEventSchema,
  deliverySchema,
  deliverySummarySchema,
  indicatorsAnswerSchema,
  pageOf,
  problemSchema,
} from "../../contract/responses.ts";
import { proofSchema } from "../../contract/responses-proofs.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
  await web.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
    JSON.stringify(platformSettingsSchema.parse({ unsubscribeAddress: "leave@sender.example" })),
  ]);
});
afterAll(() => web.close());

const CONTENT: CreateDelivery["content"] = {
  subject: "Offer for {{ recipient.name }}",
  html: `<p>{{ recipient.name }} of {{ recipient.city | default: "nowhere" }}</p><a href="https://shop.example/">Shop</a>
    <a href="{{ message.unsubscribe_url }}">unsubscribe</a> <a href="{{ message.mirror_url }}">web</a>`,
  text: "{{ recipient.name }} {{ message.unsubscribe_url }}",
  syntax: "liquid",
};
let made = 0;

/** Analysed, to Ann, Bob and Eve, whose addresses are new. */
async function delivery(changes: Partial<CreateDelivery> = {}): Promise<{ id: number; ann: string; bob: string }> {
  const domain = `t${++made}.example`;
  const rows = [`ann@${domain},Ann,Lyon`, `bob@${domain},Bob,Oslo`, `eve@${domain},Eve,Rome`];
  const audience = await importCsv(web.db, `email,name,city\n${rows.join("\n")}\n`);
  const id = await seedDelivery(web.db, { content: CONTENT, audience, ...changes });
  await analyse(web.db, id);
  return { id, ann: `ann@${domain}`, bob: `bob@${domain}` };
}

const proof = (id: number | string, body: unknown) => web.call("POST", `/api/v1/deliveries/${id}/actions/proof`, body);
const proofsOf = (id: number) => web.get(`/api/v1/deliveries/${id}/proofs`, pageOf(proofSchema));

async function sent(answer: Answer) {
  expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
  return deliverySchema.parse(answer.body);
}

type Message = { key: string; address: string; recipient_id: number | null; vars: object };
const messagesOf = (id: string) =>
  web.db.query<Message>(
    `select m.part_id || '-' || m.seq as key, m.address, m.recipient_id, m.vars
       from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1 order by m.seq`,
    [id],
  );

const source = async (key: string) => {
  const { text } = await web.call("GET", `/api/v1/messages/${key}/source`);
  return text.replace(/=\r\n/g, "").replaceAll("=3D", "=").replaceAll("=2E", ".");
};

test("goes to its readers at once, numbered, with the number before the subject, in any state of the delivery", async () => {
  const { id } = await delivery();
  const first = await sent(await proof(id, { addresses: ["boss@sender.example", "law@sender.example"] }));
  expect(first).toMatchObject({ state: "in-progress", label: "Test", proof: { of: String(id), number: 1 } });
  await web.db.query("update deliveries set state = 'editing' where id = $1", [id]);
  const second = await sent(await proof(id, { addresses: ["boss@sender.example"] }));
  const [message] = await messagesOf(second.id);
  expect(message).toMatchObject({ address: "boss@sender.example", recipient_id: null, vars: {} });
  expect(await source(message!.key)).toMatch(/^Subject: \[Proof #2\] Offer for/m);
  const { data } = await proofsOf(id);
  expect(data.map(({ number, toDeliver, pending, subject }) => [number, toDeliver, pending, subject])).toEqual([
    [2, 1, 1, "[Proof #2] Offer for {{ recipient.name }}"],
    [1, 2, 2, "[Proof #1] Offer for {{ recipient.name }}"],
  ]);
  expect(data[0]).toMatchObject({ id: second.id, version: 1, by: "admin (environment)" });
});

test("readers see the data of the people they ask for, who are told nothing and have got nothing", async () => {
  const { id, ann, bob } = await delivery();
  const body = { addresses: ["boss@sender.example", ann], as: { recipients: [bob.toUpperCase(), ann] } };
  const messages = await messagesOf((await sent(await proof(id, body))).id);
  expect(messages.map(({ address, recipient_id, vars }) => [address, recipient_id, vars])).toEqual([
    ["boss@sender.example", null, { name: "Bob", city: "Oslo" }],
    ["boss@sender.example", null, { name: "Ann", city: "Lyon" }],
    [ann, null, { name: "Bob", city: "Oslo" }],
    [ann, null, { name: "Ann", city: "Lyon" }],
  ]);
  expect(await source(messages[0]!.key)).toContain("Bob of Oslo");
});

test("random people are of the analysed target, and at most as many as it has", async () => {
  const { id } = await delivery();
  const messages = await messagesOf(
    (await sent(await proof(id, { addresses: ["a@b.example"], as: { random: 50 } }))).id,
  );
  expect(messages.map(({ vars }) => (vars as { name: string }).name).toSorted()).toEqual(["Ann", "Bob", "Eve"]);
  const bare = await seedDelivery(web.db, { content: CONTENT });
  const refused = await proof(bare, { addresses: ["a@b.example"], as: { random: 1 } });
  expect(problemSchema.parse(refused.body).errors).toMatchObject([{ pointer: "/as/random", code: "no-target" }]);
});

test("denylist and quarantine do not keep it from its readers", async () => {
  const { id, ann } = await delivery();
  await web.db.query("update recipients set denylisted_at = now() + interval '1 hour' where address = $1", [ann]);
  const { id: proofId } = await sent(await proof(id, { addresses: [ann] }));
  const parts = await web.db.query("select pending, cancelled from delivery_parts where delivery_id = $1", [proofId]);
  expect(parts).toEqual([{ pending: 1, cancelled: 0 }]);
});

describe("what is in it counts nothing", () => {
  let key: string;
  let text: string;
  let proofId: string;
  let id: number;
  let ann: string;
  const path = (kind: string) => new RegExp(`http://127\\.0\\.0\\.1:8080(/${kind}/[\\w-]+)`).exec(text)?.[1] ?? "";
  beforeAll(async () => {
    ({ id, ann } = await delivery());
    proofId = (await sent(await proof(id, { addresses: [ann] }))).id;
    [{ key }] = (await messagesOf(proofId)) as [Message];
    text = await source(key);
  });
  const untouched = async () => {
    const rows = await web.db.query(
      `select (select count(*) from tracking_events) as events, (select count(*) from unsubscriptions) as unsubscriptions,
              (select count(*) from recipients where denylisted_at is not null and address = $1) as denylisted`,
      [ann],
    );
    expect(rows).toEqual([{ events: 0, unsubscriptions: 0, denylisted: 0 }]);
  };

  test("links lead to their targets", async () => {
    const answer = await web.call("GET", path("r"), undefined, { authorization: "" });
    expect([answer.status, answer.headers["location"]]).toEqual([302, "https://shop.example/"]);
    await untouched();
  });

  test("28: its mirror page is inactive", async () => {
    const answer = await web.call("GET", path("m"), undefined, { authorization: "" });
    expect(answer.text).not.toContain("Ann of Lyon");
    await untouched();
  });

  test("nobody is unsubscribed, by the page, by the button of a mail program, or by a mail", async () => {
    const header = /^List-Unsubscribe: ([\s\S]*?)\r\n\S/m.exec(text)?.[1] ?? "";
    expect(header).toMatch(/https?:/);
    expect(header).not.toContain("mailto:");
    for (const content of ["List-Unsubscribe=One-Click", "confirm=yes"]) {
      const answer = await web.call("POST", path("u"), content, {
        authorization: "",
        "content-type": "application/x-www-form-urlencoded",
      });
      expect(answer.status).toBe(409);
    }
    await untouched();
  });

  test("no archive gets a copy, and neither figures nor lists nor plans of the delivery know of it", async () => {
    const archived = await web.db.query("select 1 from archive_parts where delivery_id = $1", [proofId]);
    expect(archived).toEqual([]);
    const figures = await web.get(`/api/v1/deliveries/${id}/indicators`, indicatorsAnswerSchema);
    expect(figures).toMatchObject({ targeted: 3, toDeliver: 3, pending: 3 });
    const { data } = await web.get("/api/v1/deliveries?limit=1000", pageOf(deliverySummarySchema));
    const ids = data.map((row) => row.id);
    expect(ids).toContain(String(id));
    expect(ids).not.toContain(proofId);
    const audit = await web.get(`/api/v1/deliveries/${id}/audit`, pageOf(deliveryEventSchema));
    expect(audit.data[0]).toMatchObject({ kind: "delivery.proofed", detail: { number: 1, delivery: proofId } });
  });

  test("who is erased is erased from proofs that show their data", async () => {
    const other = await delivery();
    const shown = await sent(
      await proof(other.id, { addresses: ["boss@sender.example"], as: { recipients: [other.bob] } }),
    );
    await web.db.query(
      "update messages set status = 'sent' where part_id in (select id from delivery_parts where delivery_id = $1)",
      [shown.id],
    );
    await web.db.query(
      "update messages set status = 'sent' where part_id in (select id from delivery_parts where delivery_id = $1)",
      [other.id],
    );
    const [bob] = await web.db.query<{ id: number }>("select id from recipients where address = $1", [other.bob]);
    const answer = await web.call("POST", `/api/v1/recipients/${bob?.id}/actions/erase`, {});
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    expect((await messagesOf(shown.id))[0]?.vars).toEqual({});
  });
});

describe("is refused", () => {
  const many = (n: number) => Array.from({ length: n }, (_, i) => `p${i}@sender.example`);

  test.each([
    ["with 101 readers", { addresses: many(101) }],
    ["with 20 readers who see 6 people each", { addresses: many(20), as: { random: 6 } }],
  ])("2: %s", async (_, body) => {
    const { id } = await delivery();
    const answer = await proof(id, body);
    expect([answer.status, problemSchema.parse(answer.body).code]).toEqual([422, "proof-too-big"]);
    expect((await proofsOf(id)).data).toEqual([]);
  });

  test("2: never with 100", async () => {
    const { id } = await delivery();
    await sent(await proof(id, { addresses: many(100) }));
  });

  test.each([
    ["an address that is none", { addresses: ["a@b.example", "nobody"] }, "/addresses/1"],
    [
      "people whom nobody knows",
      { addresses: ["a@b.example"], as: { recipients: ["x@y.example"] } },
      "/as/recipients/0",
    ],
    ["no readers", { addresses: [] }, "/addresses"],
    [
      "both ways of showing people",
      { addresses: ["a@b.example"], as: { random: 1, recipients: ["a@b.example"] } },
      "/as/random",
    ],
  ])("for %s", async (_, body, pointer) => {
    const { id } = await delivery();
    const answer = await proof(id, body);
    expect([answer.status, problemSchema.parse(answer.body).errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  test("for content that cannot be read, and for proofs; a proof cannot be copied", async () => {
    const { id } = await delivery();
    const { id: proofId } = await sent(await proof(id, { addresses: ["a@b.example"] }));
    expect((await proof(proofId, { addresses: ["a@b.example"] })).status).toBe(422);
    expect((await web.call("POST", `/api/v1/deliveries/${proofId}/actions/duplicate`)).status).toBe(422);
    const broken = await seedDelivery(web.db, { content: { ...CONTENT, html: "<p>{{ recipient." } });
    const answer = await proof(broken, { addresses: ["a@b.example"] });
    expect(problemSchema.parse(answer.body).errors?.[0]).toMatchObject({ pointer: "/content/html", code: "template" });
    expect((await proof(424242, { addresses: ["a@b.example"] })).status).toBe(404);
  });
});

test("has the prefix and the format that its delivery says for proofs", async () => {
  const settings = settingsSchema.parse({ proof: { prefix: "Test {{ 7 }} ", format: "text" } });
  const { id } = await delivery({ settings });
  const first = await sent(await proof(id, { addresses: ["a@b.example"] }));
  const bytes = await source((await messagesOf(first.id))[0]!.key);
  expect(bytes).toMatch(/^Subject: \[Test \(\( 7 }} 1\] Offer for/m);
  expect(bytes).toMatch(/^Content-Type: text\/plain/m);
  const { id: plain } = await delivery({ settings: settingsSchema.parse({ proof: { prefix: "" } }) });
  const second = await sent(await proof(plain, { addresses: ["a@b.example"] }));
  expect(await source((await messagesOf(second.id))[0]!.key)).toMatch(/^Subject: Offer for/m);
});

test("twenty proofs at once have twenty numbers", async () => {
  const { id } = await delivery();
  await Promise.all(Array.from({ length: 20 }, () => proof(id, { addresses: ["a@b.example"] }).then(sent)));
  const { data } = await proofsOf(id);
  expect(data.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => 20 - i));
  const page = await web.get(`/api/v1/deliveries/${id}/proofs?limit=8&cursor=${13}`, pageOf(proofSchema));
  expect(page.data.map(({ number }) => number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5]);
});
