/** Recipients and lists through the API: searching, changing with If-Match, many at once, as a file. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import {
  membersResultSchema,
  recipientDetailSchema,
  recipientListSchema,
  recipientSchema,
  upsertResultSchema,
} from "../../contract/responses-recipients.ts";
import { pageOf } from "../../contract/responses.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());
beforeEach(() => web.db.query("truncate recipients, attributes, lists, list_members, quarantine, deliveries cascade"));

const url = "/api/v1/recipients";
const upsert = async (recipients: object[], more: object = {}) => {
  const answer = await web.call("POST", `${url}/actions/upsert`, { recipients, ...more });
  return { status: answer.status, ...upsertResultSchema.parse(answer.body) };
};
const addresses = async (query = "") =>
  (await web.get(`${url}?${query}`, pageOf(recipientSchema))).data.map(({ address }) => address);

async function jsonLines() {
  const headers = { authorization: `Bearer ${web.token}` };
  const { body } = await web.app.inject({ url: `${url}/export?format=jsonl`, headers });
  return body;
}

async function sample() {
  const { results } = await upsert([
    { address: "ann@one.example", attributes: { city: "Ulm", age: 5 } },
    { address: "bob@two.example", attributes: { city: "Bonn" } },
    { address: "Cyd_1@one.example", attributes: { city: "Ulm" } },
  ]);
  return results.map(({ id }) => id ?? "");
}

describe("searching", () => {
  test("filters must all hold; parts of addresses are taken literally", async () => {
    const [ann = "", bob = ""] = await sample();
    const list = await web.call("POST", "/api/v1/lists", { label: "L" });
    const { id } = recipientListSchema.parse(list.body);
    await web.call("POST", `/api/v1/lists/${id}/members`, { add: [ann, bob] });
    await web.db.query("update recipients set denylisted_at = now() where id = $1", [bob]);
    await web.db.query(
      "insert into quarantine (match_key, address, status, reason, errors, updated_at) values ('ann@one.example', 'ann@one.example', 'quarantined', 'refused', 1, now())",
    );
    expect(await addresses()).toEqual(["ann@one.example", "bob@two.example", "Cyd_1@one.example"]);
    expect(await addresses("q=ONE.exam")).toEqual(["ann@one.example", "Cyd_1@one.example"]);
    expect(await addresses("q=d_1")).toEqual(["Cyd_1@one.example"]);
    expect(await addresses("q=%25")).toEqual([]);
    expect(await addresses(`list=${id}&domain=ONE.example`)).toEqual(["ann@one.example"]);
    expect(await addresses("denylisted=true")).toEqual(["bob@two.example"]);
    expect(await addresses("quarantined=true&denylisted=false")).toEqual(["ann@one.example"]);
    expect(await addresses("attribute=city=Ulm&attribute=age=5")).toEqual(["ann@one.example"]);
    expect(await addresses("updatedAfter=2999-01-01T00:00:00Z")).toEqual([]);
    expect((await web.call("GET", `${url}?attribute=city`)).status).toBe(422);
  });

  test("pages follow each other", async () => {
    await sample();
    const first = await web.get(`${url}?limit=2`, pageOf(recipientSchema));
    const second = await web.get(`${url}?limit=2&cursor=${first.nextCursor}`, pageOf(recipientSchema));
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([2, 1, null]);
  });

  test("one with lists, denylist and quarantine", async () => {
    const [ann = ""] = await sample();
    const { id } = recipientListSchema.parse((await web.call("POST", "/api/v1/lists", { label: "L" })).body);
    await web.call("POST", `/api/v1/lists/${id}/members`, { add: ["ANN@one.example"] });
    await web.db.query("update recipients set denylisted_at = now(), denylist_reason = 'complained' where id = $1", [
      ann,
    ]);
    const one = await web.get(`${url}/${ann}`, recipientDetailSchema);
    expect(one).toMatchObject({
      denylistReason: "complained",
      lists: [{ id, label: "L" }],
      quarantine: null,
      importId: null,
    });
    expect((await web.call("GET", `${url}/424242`)).status).toBe(404);
  });
});

describe("changing one", () => {
  test("needs the version that was read; null erases, what is left out stays", async () => {
    const [ann = ""] = await sample();
    const patch = (body: object, tag?: unknown) =>
      web.call("PATCH", `${url}/${ann}`, body, tag === undefined ? {} : { "if-match": tag as string });
    const { headers } = await web.call("GET", `${url}/${ann}`);
    const changed = await patch({ address: "anna@one.example", attributes: { age: null, plan: "x" } }, headers["etag"]);
    expect(recipientDetailSchema.parse(changed.body)).toMatchObject({
      address: "anna@one.example",
      attributes: { city: "Ulm", plan: "x" },
    });
    expect((await patch({ attributes: { plan: "y" } }, headers["etag"])).status).toBe(412);
    expect((await patch({ attributes: { plan: "y" } }, changed.headers["etag"])).status).toBe(200);
    expect((await patch({ address: "BOB@two.example" })).body).toMatchObject({ code: "recipient-exists" });
    expect((await patch({ address: "nobody" })).body).toMatchObject({ errors: [{ pointer: "/address" }] });
    expect((await patch({ attributes: { a: "half \ud800" } })).status).toBe(422);
  });

  test("of twenty at once with the same version one wins", async () => {
    const [ann = ""] = await sample();
    const { headers } = await web.call("GET", `${url}/${ann}`);
    const tag = { "if-match": String(headers["etag"]) };
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => web.call("PATCH", `${url}/${ann}`, { attributes: { n: i } }, tag)),
    );
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 412)).toHaveLength(19);
  });
});

describe("many at once", () => {
  test("each row has its own result, and bad ones cost no other", async () => {
    await sample();
    for (const name of ["age", "a/b~c"]) await web.call("POST", "/api/v1/attributes", { name, type: "number" });
    const { counts, results } = await upsert([
      { address: "ann@one.example", attributes: { city: "Ulm" } },
      { address: "BOB@two.example", attributes: { city: "" } },
      { address: "new@one.example", attributes: { age: "7" } },
      { address: "New@one.example" },
      { address: "nobody" },
      { address: "x@one.example", attributes: { age: "old", "a/b~c": "x" } },
    ]);
    expect(counts).toEqual({ total: 6, created: 1, updated: 1, unchanged: 1, skipped: 0, failed: 3 });
    expect(results.map(({ status }) => status)).toEqual([
      "unchanged",
      "updated",
      "created",
      "failed",
      "failed",
      "failed",
    ]);
    expect(results.flatMap(({ errors }) => errors.map(({ pointer, code }) => [pointer, code]))).toEqual([
      ["/recipients/3/address", "duplicate"],
      ["/recipients/4/address", "invalid-address"],
      ["/recipients/5/attributes/age", "invalid-value"],
      ["/recipients/5/attributes/a~1b~0c", "invalid-value"],
    ]);
    expect(await web.db.query("select address, attributes from recipients where domain = 'two.example'")).toEqual([
      { address: "BOB@two.example", attributes: { city: "" } },
    ]);
  });

  test("modes, blanks and a list", async () => {
    await sample();
    const { id } = recipientListSchema.parse((await web.call("POST", "/api/v1/lists", { label: "L" })).body);
    const rows = [
      { address: "ann@one.example", attributes: { city: "", age: null } },
      { address: "new@one.example", attributes: {} },
    ];
    const status = ({ results }: Awaited<ReturnType<typeof upsert>>) => results.map((result) => result.status);
    expect(status(await upsert(rows, { mode: "update", onBlank: "keep", list: id }))).toEqual(["updated", "skipped"]);
    expect(await web.db.query("select attributes from recipients where address = 'ann@one.example'")).toEqual([
      { attributes: { city: "Ulm" } },
    ]);
    expect(await addresses(`list=${id}`)).toEqual(["ann@one.example"]);
    expect(status(await upsert(rows, { mode: "create", list: id }))).toEqual(["skipped", "created"]);
    expect(await addresses(`list=${id}`)).toEqual(["ann@one.example", "new@one.example"]);
    const unknown = await web.call("POST", `${url}/actions/upsert`, { recipients: rows, list: "424242" });
    expect(unknown.status).toBe(404);
  });

  test("calls that name the same people in different order do not hold each other up", async () => {
    const people = Array.from({ length: 300 }, (_, i) => ({ address: `p${i}@one.example` }));
    const calls = Array.from({ length: 6 }, (_, n) => {
      const rows = people.map((row) => ({ ...row, attributes: { n } }));
      return upsert(n % 2 === 0 ? rows : rows.toReversed());
    });
    const answers = await Promise.all(calls);
    expect(answers.map(({ counts }) => counts.failed)).toEqual(Array(6).fill(0));
    expect(answers.reduce((sum, { counts }) => sum + counts.created, 0)).toBe(300);
  });

  test("a thousand and no more", async () => {
    const rows = Array.from({ length: 1001 }, (_, i) => ({ address: `p${i}@one.example` }));
    expect((await web.call("POST", `${url}/actions/upsert`, { recipients: rows })).status).toBe(422);
    expect((await upsert(rows.slice(1))).counts.created).toBe(1000);
  });
});

describe("as a file", () => {
  test("CSV: attributes in their columns, formulas made harmless, quotes where they are needed", async () => {
    await upsert([
      { address: "ann@one.example", attributes: { city: 'Ulm, "old"\nDonau', n: -5, formula: "=1+1" } },
      { address: "=cmd@one.example", attributes: { "-name": "+49" } },
    ]);
    const { text, headers } = await web.call("GET", `${url}/export`);
    expect(headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(text).toBe(
      `email,'-name,city,formula,n\r\n'=cmd@one.example,'+49,,,\r\nann@one.example,,"Ulm, ""old""\nDonau",'=1+1,-5\r\n`,
    );
    const chosen = await web.call("GET", `${url}/export?attributes=n&attributes=none&q=ann&guard=false`);
    expect(chosen.text).toBe("email,n,none\r\nann@one.example,-5,\r\n");
  });

  test("JSON lines: each person as they are; what came out is imported again without a change", async () => {
    await upsert([
      { address: "ann@one.example", attributes: { city: "Ulm", age: 5, vip: true } },
      { address: "=cmd@one.example", attributes: { email: "its own", __proto__x: "y" } },
    ]);
    const text = await jsonLines();
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { email: "=cmd@one.example", __proto__x: "y" },
      { email: "ann@one.example", city: "Ulm", age: 5, vip: true },
    ]);
    const before = await web.db.query("select * from recipients order by id");
    const form = `--b\r\ncontent-disposition: form-data; name="file"; filename="x.jsonl"\r\n\r\n${text}\r\n--b--\r\n`;
    const type = { "content-type": "multipart/form-data; boundary=b" };
    const { body } = await web.call("POST", "/api/v1/imports", form, type);
    const { id } = body as { id: string };
    await expect
      .poll(async () => (await web.call("GET", `/api/v1/imports/${id}`)).body)
      .toMatchObject({ status: "completed", counts: { total: 2, created: 0, updated: 2 } });
    expect(await web.db.query("select * from recipients order by id")).toEqual(before);
  });

  test("of more people than a page holds none is missing", async () => {
    await web.db.query(
      `insert into recipients (address, match_key, domain, created_at, updated_at)
       select i || '@m.example', i || '@m.example', 'm.example', now(), now() from generate_series(1, 4500) i`,
    );
    const text = await jsonLines();
    expect(new Set(text.trim().split("\n")).size).toBe(4500);
  });
});

describe("lists", () => {
  const lists = "/api/v1/lists";
  test("made, renamed under If-Match, removed; people stay", async () => {
    const [ann = ""] = await sample();
    const made = await web.call("POST", lists, { label: "News" });
    const list = recipientListSchema.parse(made.body);
    expect([made.status, made.headers["location"]]).toEqual([201, `${lists}/${list.id}`]);
    await web.call("POST", `${lists}/${list.id}/members`, { add: [ann] });
    const renamed = await web.call("PATCH", `${lists}/${list.id}`, { label: "Old news" }, { "if-match": '"1"' });
    expect(recipientListSchema.parse(renamed.body)).toMatchObject({ label: "Old news", members: 1, version: 2 });
    expect((await web.call("DELETE", `${lists}/${list.id}`, undefined, { "if-match": '"1"' })).status).toBe(412);
    expect((await web.call("DELETE", `${lists}/${list.id}`)).status).toBe(204);
    expect((await web.call("GET", `${lists}/${list.id}`)).status).toBe(404);
    expect(await addresses()).toHaveLength(3);
  });

  test("members by id and address, in and out, twice without harm; unknown ones are named", async () => {
    const [ann = "", bob = ""] = await sample();
    const { id } = recipientListSchema.parse((await web.call("POST", lists, { label: "L" })).body);
    const change = async (body: object) =>
      membersResultSchema.parse((await web.call("POST", `${lists}/${id}/members`, body)).body);
    expect(
      await change({ add: [ann, "ANN@one.example", "bob@two.example", "no@one.example", "no", "424242"] }),
    ).toEqual({
      added: 2,
      removed: 0,
      unchanged: 0,
      unknown: ["no", "424242", "no@one.example"],
    });
    expect(await change({ add: [ann, bob], remove: [bob] })).toEqual({
      added: 0,
      removed: 1,
      unchanged: 1,
      unknown: [],
    });
    expect(await addresses(`list=${id}`)).toEqual(["ann@one.example"]);
  });

  test("one that a delivery goes to stays until it is over", async () => {
    const { id } = recipientListSchema.parse((await web.call("POST", lists, { label: "L" })).body);
    const delivery = await web.call("POST", "/api/v1/deliveries", {
      label: "To L",
      content: { subject: "s", html: "<p>x</p>" },
      sender: { name: "n", address: "a@sender.example" },
      audience: { list: id },
    });
    expect(delivery.status).toBe(201);
    expect((await web.call("DELETE", `${lists}/${id}`)).body).toMatchObject({ code: "list-in-use" });
    await web.db.query("update deliveries set state = 'stopped'");
    expect((await web.call("DELETE", `${lists}/${id}`)).status).toBe(204);
  });
});
