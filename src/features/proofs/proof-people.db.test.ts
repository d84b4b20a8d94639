/** Whom proofs go to besides addresses, and whose data they show: seeds, and rows of a file that is the target. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { analyse, importCsv, seedDelivery, uploadFile } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type Answer, type TestWebApp } from "../../../test/web-app.ts";
import type { CreateDelivery } from "../../contract/index.ts";
import { deliverySchema, problemSchema } from "../../contract/responses.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const CONTENT: CreateDelivery["content"] = {
  subject: "Offer",
  html: "<p>{{ recipient.name }} of {{ recipient.city }}, unsubscribe</p>",
  text: "{{ recipient.name }}, unsubscribe",
  syntax: "liquid",
};
const PEOPLE = "email,name,city\nann@p.example,Ann,Lyon\n";

const proof = (id: number, body: unknown) => web.call("POST", `/api/v1/deliveries/${id}/actions/proof`, body);

async function shownBy(answer: Answer) {
  expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
  const { id } = deliverySchema.parse(answer.body);
  const rows = await web.db.query<{ address: string; vars: object; whose: string | null }>(
    `select m.address, m.vars, coalesce(r.address, w.match_key) as whose
       from messages m join delivery_parts p on p.id = m.part_id
       left join proof_people w on w.part_id = m.part_id and w.seq = m.seq
       left join recipients r on r.id = w.recipient_id
      where p.delivery_id = $1 order by m.seq`,
    [id],
  );
  return rows.map(({ address, vars, whose }) => [address, vars, whose]);
}

async function refusal(answer: Answer) {
  return [answer.status, problemSchema.parse(answer.body).errors?.[0]];
}

describe("seeds as readers", () => {
  let id: number;
  let seeds: string[];
  let list: string;
  beforeAll(async () => {
    id = await seedDelivery(web.db, { content: CONTENT, audience: await importCsv(web.db, PEOPLE) });
    await analyse(web.db, id);
    const rows = await web.db.query<{ id: number }>(
      `insert into seeds (address, match_key, domain, attributes, created_at, updated_at)
       values ('a@seeds.example', 'a@seeds.example', 'seeds.example', '{"name": "Seed", "city": "Here"}', now(), now()),
              ('b@seeds.example', 'b@seeds.example', 'seeds.example', '{"name": "Half"}', now(), now()) returning id`,
    );
    seeds = rows.map((row) => String(row.id));
    const [made] = await web.db.query<{ id: number }>(
      "insert into seed_lists (label, created_at, updated_at) values ('Ours', now(), now()) returning id",
    );
    list = String(made?.id);
    await web.db.query("insert into seed_list_members (list_id, seed_id) select $1, unnest($2::bigint[])", [
      list,
      seeds,
    ]);
  });
  const OWN = ["a@seeds.example", { name: "Seed", city: "Here" }, null];
  const FILLED = ["b@seeds.example", { name: "Half", city: "Lyon" }, "ann@p.example"];

  test("each shows its own data, and what it lacks is a recipient's", async () => {
    expect(await shownBy(await proof(id, { seeds: { list } }))).toEqual([OWN, FILLED]);
    expect(await shownBy(await proof(id, { seeds: [seeds[1], seeds[1]] }))).toEqual([FILLED]);
  });

  test("addresses and seeds together; people whose data is shown are shown to seeds, too", async () => {
    const both = { addresses: ["boss@sender.example"], seeds: [seeds[0]] };
    expect(await shownBy(await proof(id, both))).toEqual([["boss@sender.example", {}, null], OWN]);
    const ann = { name: "Ann", city: "Lyon" };
    expect(await shownBy(await proof(id, { ...both, as: { recipients: ["ann@p.example"] } }))).toEqual([
      ["boss@sender.example", ann, "ann@p.example"],
      ["a@seeds.example", ann, "ann@p.example"],
    ]);
  });

  test("what is not there, nobody, and too many are refused", async () => {
    expect(await refusal(await proof(id, {}))).toMatchObject([422, { pointer: "/addresses" }]);
    expect(await refusal(await proof(id, { seeds: ["424242"] }))).toMatchObject([
      422,
      { pointer: "/seeds", code: "not-found" },
    ]);
    expect(await refusal(await proof(id, { seeds: { list: "424242" } }))).toMatchObject([422, { code: "not-found" }]);
    const [empty] = await web.db.query<{ id: number }>(
      "insert into seed_lists (label, created_at, updated_at) values ('Empty', now(), now()) returning id",
    );
    expect(await refusal(await proof(id, { seeds: { list: String(empty?.id) } }))).toMatchObject([
      422,
      { code: "no-seeds" },
    ]);
    const many = { addresses: Array.from({ length: 99 }, (_, i) => `p${i}@sender.example`), seeds: { list } };
    expect((await proof(id, many)).body).toMatchObject({ code: "proof-too-big" });
  });
});

describe("of a target that is a file", () => {
  let id: number;
  beforeAll(async () => {
    await importCsv(web.db, "email,name,city\nfay@f.example,Profile,Profile\n");
    const audience = await uploadFile(web.db, "email,name,city\nFay@f.example,Fay,Rome\nfay@f.example,Again,Again\n");
    id = await seedDelivery(web.db, { content: CONTENT, audience });
    await analyse(web.db, id);
  });
  const FAY = { name: "Fay", city: "Rome" };

  test("its rows are shown, by address, at random, and to readers who are in it", async () => {
    const to = { addresses: ["boss@sender.example"] };
    const shown = [["boss@sender.example", FAY, "fay@f.example"]];
    expect(await shownBy(await proof(id, { ...to, as: { recipients: ["FAY@f.example"] } }))).toEqual(shown);
    expect(await shownBy(await proof(id, { ...to, as: { random: 3 } }))).toEqual(shown);
    expect(await shownBy(await proof(id, { addresses: ["fay@f.example"] }))).toEqual([
      ["fay@f.example", FAY, "fay@f.example"],
    ]);
    expect(await refusal(await proof(id, { ...to, as: { recipients: ["ann@p.example"] } }))).toMatchObject([
      422,
      { pointer: "/as/recipients/0", code: "not-found" },
    ]);
  });

  test("who is erased is erased from them", async () => {
    await web.db.query("update messages set status = 'sent'");
    const [fay] = await web.db.query<{ id: number }>("select id from recipients where match_key = 'fay@f.example'");
    const answer = await web.call("POST", `/api/v1/recipients/${fay?.id}/actions/erase`, {});
    expect(answer.body).toMatchObject({ messages: 4 });
    const left = await web.db.query("select 1 from messages where vars::text like '%Rome%'");
    expect(left).toEqual([]);
    expect(await web.db.query("select 1 from file_rows")).toEqual([]);
  });

  test("the preview shows its rows", async () => {
    const audience = await uploadFile(web.db, "email,name,city\nroy@f.example,Roy,Oslo\n");
    const other = await seedDelivery(web.db, { content: CONTENT, audience });
    for (const body of [{ recipient: "roy@f.example" }, { worstCases: true }]) {
      const answer = await web.call("POST", `/api/v1/deliveries/${other}/preview`, body);
      expect(answer.body).toMatchObject({ data: [{ recipient: "roy@f.example", text: "Roy, unsubscribe" }] });
    }
    const missing = await web.call("POST", `/api/v1/deliveries/${other}/preview`, { recipient: "fay@f.example" });
    expect(missing.status).toBe(404);
  });
});
