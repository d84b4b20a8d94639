/** A delivery to a file whose rows are no recipients, from the upload to what those who get it do. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { analyse, NOW, seedDelivery, uploadFile } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { logLineSchema, pageOf, problemSchema } from "../../contract/responses.ts";
import { HOUR } from "../../core/time.ts";
import { confirmDelivery } from "./index.ts";
import { retryFailed } from "./retry-failed.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const CONTENT = {
  subject: "Offer",
  html: `<p>{{ recipient.name }} <a href="{{ message.unsubscribe_url }}">unsubscribe</a> <a href="{{ message.mirror_url }}">web</a></p>`,
  text: "{{ recipient.name }} {{ message.unsubscribe_url }}",
  syntax: "liquid" as const,
};
const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => web.db.query<T>(sql, params);

async function upload(options: object, text: string): Promise<string> {
  const field = (name: string, rest: string) => `--b\r\ncontent-disposition: form-data; name="${name}"${rest}\r\n`;
  const form = `${field("options", `\r\n\r\n${JSON.stringify(options)}`)}${field("file", `; filename="x.jsonl"\r\n\r\n${text}`)}--b--\r\n`;
  const { body } = await web.call("POST", "/api/v1/imports", form, {
    "content-type": "multipart/form-data; boundary=b",
  });
  const { id } = body as { id: string };
  await expect
    .poll(async () => (await web.call("GET", `/api/v1/imports/${id}`)).body)
    .toMatchObject({ status: "completed", mode: "file" });
  return id;
}

/** Under way, to Ann, Bob and Eve of this domain. */
async function begun(domain: string): Promise<number> {
  const names = ["Ann", "Bob", "Eve"].map((name) => `${name.toLowerCase()}@${domain},${name}`);
  const audience = await uploadFile(web.db, `email,name\n${names.join("\n")}\n`);
  const id = await seedDelivery(web.db, { content: CONTENT, audience });
  await analyse(web.db, id);
  return id;
}

const leave = (address: string) =>
  rows(
    `insert into recipients (address, match_key, domain, denylisted_at, denylist_reason, created_at, updated_at)
     values ($1, $1, 'x.example', now(), 'unsubscribed', now(), now())`,
    [address],
  );
const sicken = (address: string) =>
  rows(
    "insert into quarantine (match_key, address, status, reason, updated_at) values ($1, $1, 'quarantined', 'user-unknown', now())",
    [address],
  );
const statuses = async (id: number) => {
  const found = await rows<{ address: string; status: string }>(
    "select m.address, m.status from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1 order by 1",
    [id],
  );
  return found.map(({ address, status }) => `${address.split("@")[0]} ${status}`);
};

describe("uploading", () => {
  const TEXT = `{"email": "a@up.example", "Vorname": "A", "secret": 1}\n{"email": "nobody"}\n{"email": "A@up.example"}\n`;

  test("reads the file as imports do; nobody becomes a recipient, and there is nothing to take back", async () => {
    const options = { mode: "file", mapping: { Vorname: "name" }, unmapped: "ignore" };
    const file = await upload(options, TEXT);
    expect((await web.call("GET", `/api/v1/imports/${file}`)).body).toMatchObject({
      counts: { total: 3, created: 0, updated: 0, skipped: 1, failed: 1 },
      listId: null,
      undo: { until: null },
    });
    expect(await rows("select address, attributes from file_rows where not is_repeated")).toEqual([
      { address: "a@up.example", attributes: { name: "A" } },
    ]);
    expect(await rows("select 1 from recipients")).toEqual([]);
    const undone = await web.call("POST", `/api/v1/imports/${file}/actions/undo`, {});
    expect([undone.status, problemSchema.parse(undone.body).code]).toEqual([409, "import-not-undoable"]);
  });

  test("only such a file can be named so, and only one whose rows are there", async () => {
    const dry = await upload({ mode: "file", dryRun: true }, TEXT);
    const file = await upload({ mode: "file" }, TEXT);
    const create = (audience: object) =>
      web.call("POST", "/api/v1/deliveries", {
        label: "F",
        content: CONTENT,
        sender: { address: "n@s.example" },
        audience,
      });
    expect((await create({ file })).status).toBe(201);
    for (const audience of [{ file: dry }, { file: "424242" }, { import: file }]) {
      const { status, body } = await create(audience);
      expect([status, problemSchema.parse(body).errors]).toMatchObject([422, [{ code: "not-found" }]]);
    }
  });
});

describe("whoever left, or went into quarantine,", () => {
  test("since the analysis is cancelled when sending begins", async () => {
    const id = await begun("begin.example");
    await leave("ann@begin.example");
    await sicken("bob@begin.example");
    await confirmDelivery(web.db, id, "test", NOW + HOUR);
    expect(await statuses(id)).toEqual(["ann cancelled", "bob cancelled", "eve pending"]);
  });

  test("is not tried again", async () => {
    const id = await begun("again.example");
    await confirmDelivery(web.db, id, "test", NOW);
    await rows(
      "update messages set status = 'failed', reason = 'unreachable', final_at = now() where part_id in (select id from delivery_parts where delivery_id = $1)",
      [id],
    );
    await rows("update delivery_parts set pending = 0, failed = 3 where delivery_id = $1", [id]);
    await rows("update deliveries set state = 'finished', finished_at = now() where id = $1", [id]);
    await leave("ann@again.example");
    await sicken("bob@again.example");
    expect(await retryFailed(web.db, id, null, "test", NOW + HOUR)).toBe(1);
    expect(await statuses(id)).toEqual(["ann failed", "bob failed", "eve pending"]);
  });
});

describe("under way", () => {
  let id: number;
  let key: string;
  let text: string;
  beforeAll(async () => {
    id = await begun("way.example");
    await confirmDelivery(web.db, id, "test", NOW);
    const log = await web.get(`/api/v1/deliveries/${id}/messages?recipient=BOB%40way.example`, pageOf(logLineSchema));
    expect(log.data.map(({ recipient }) => recipient)).toEqual(["bob@way.example"]);
    key = log.data[0]?.key ?? "";
    const source = await web.call("GET", `/api/v1/messages/${key}/source`);
    text = source.text.replace(/=\r\n/g, "").replaceAll("=3D", "=").replaceAll("=2E", ".");
  });
  const path = (kind: string) => new RegExp(`https://t\\.sender\\.example(/${kind}/[\\w-]+)`).exec(text)?.[1] ?? "";

  test("the log finds them by their address, and nobody else", async () => {
    const none = await web.get(`/api/v1/deliveries/${id}/messages?recipient=zoe%40way.example`, pageOf(logLineSchema));
    expect(none.data).toEqual([]);
  });

  test("28: there is no mirror page, for them or for operators", async () => {
    expect((await web.call("GET", path("m"), undefined, { authorization: "" })).status).toBe(404);
    expect((await web.call("GET", `/api/v1/messages/${key}/mirror`)).status).toBe(404);
  });

  test("unsubscribing puts the address on the denylist, with nothing of the file", async () => {
    const type = { authorization: "", "content-type": "application/x-www-form-urlencoded" };
    const answer = await web.call("POST", path("u"), "List-Unsubscribe=One-Click", type);
    expect(answer.status).toBe(200);
    const left = await rows(
      "select attributes, denylisted_at is not null as denylisted from recipients where match_key = 'bob@way.example'",
    );
    expect(left).toEqual([{ attributes: {}, denylisted: true }]);
  });
});
