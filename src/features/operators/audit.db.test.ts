/** What the audit log says of changes, and what it keeps to itself. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { addOperator, PASSWORD, signIn, type TestOperator } from "../../../test/operators.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { auditLineSchema } from "../../contract/responses-operators.ts";
import { pageOf } from "../../contract/responses.ts";

let web: TestWebApp;
let ann: TestOperator;
beforeAll(async () => {
  web = await createTestWebApp();
  ann = await addOperator(web, "ann@example.com", ["delivery-operator"]);
});
afterAll(() => web.close());

const lines = async (query: string) => (await web.get(`/api/v1/audit?${query}`, pageOf(auditLineSchema))).data;
const delivery = {
  label: "Spring",
  content: { subject: "s", html: "<p>h</p>" },
  sender: { address: "news@example.com" },
  audience: { all: true },
};
const make = async () => {
  const made = await ann.call("POST", "/api/v1/deliveries", delivery);
  return z.object({ id: z.string() }).parse(made.body).id;
};

describe("a change over HTTP", () => {
  test("is logged with who, what, from where, before and after", async () => {
    const id = await make();
    await ann.call("PATCH", `/api/v1/deliveries/${id}`, { label: "Summer" }, { "if-match": '"1"' });
    await ann.call("DELETE", `/api/v1/deliveries/${id}`);
    const log = await lines(`resource=deliveries&id=${id}`);
    expect(log.map(({ action, status }) => [action, status])).toEqual([
      ["remove", 204],
      ["update", 200],
      ["create", 201],
    ]);
    expect(log[1]).toMatchObject({
      actor: ann.login,
      operatorId: ann.id,
      tokenId: null,
      address: "127.0.0.1",
      changes: expect.arrayContaining([{ pointer: "/label", before: "Spring", after: "Summer" }]) as unknown,
    });
    expect(log[0]?.changes).toEqual([{ pointer: "", before: expect.objectContaining({ label: "Summer" }) as unknown }]);
  });

  test("that was refused, or answered from memory, has no line of its own", async () => {
    const count = async () => (await lines("resource=deliveries&limit=1000")).length;
    const before = await count();
    await ann.call("POST", "/api/v1/deliveries", { label: 1 });
    const headers = { "idempotency-key": "twice" };
    await ann.call("POST", "/api/v1/deliveries", delivery, headers);
    await ann.call("POST", "/api/v1/deliveries", delivery, headers);
    await ann.call("GET", "/api/v1/deliveries");
    expect((await count()) - before).toBe(1);
  });

  test("finds its line there, without a status, when it begins: whoever dies in it leaves that", async () => {
    const id = await make();
    await web.db.query(`create function slow() returns trigger language plpgsql as $$
      begin perform 1 from audit_log where resource = 'deliveries' and resource_id = old.id::text and status is null;
        if not found then raise 'no line'; end if; return old; end $$`);
    await web.db.query("create trigger slow before delete on deliveries for each row execute function slow()");
    const removed = await ann.call("DELETE", `/api/v1/deliveries/${id}`);
    await web.db.query("drop function slow() cascade");
    expect(removed.status).toBe(204);
  });

  test("by a token names the token and its owner", async () => {
    const made = await ann.call("POST", "/api/v1/tokens", { label: "script" });
    const { id, token } = z.object({ id: z.string(), token: z.string() }).parse(made.body);
    await web.call("POST", "/api/v1/deliveries", delivery, { authorization: `Bearer ${token}` });
    expect((await lines(`token=${id}`))[0]).toMatchObject({ actor: "ann@example.com (script)", operatorId: ann.id });
    const all = JSON.stringify(await lines("limit=1000"));
    expect(all.includes(token)).toBe(false);
  });

  test("of a setting shows the setting, of an action what was asked", async () => {
    const settings = await web.call("GET", "/api/v1/settings");
    const { version: _, ...fields } = settings.body as Record<string, unknown>;
    const saved = await web.call("PUT", "/api/v1/settings", { ...fields, organisation: "Example" });
    expect(saved.status).toBe(200);
    const [line] = await lines("resource=settings");
    expect(line).toMatchObject({ action: "update", actor: "admin (environment)", operatorId: null });
    expect(JSON.stringify(line?.changes)).toContain('"Example"');
  });

  test("of people names none of them", async () => {
    await web.call("POST", "/api/v1/recipients", { address: "private@example.org", attributes: { note: "private" } });
    await web.call("POST", "/api/v1/allowlist", { address: "private@example.org", note: "private" });
    await web.call("DELETE", "/api/v1/allowlist/private%40example.org");
    await web.call("GET", "/api/v1/quarantine/export");
    const log = await lines("limit=1000");
    expect(log.map(({ action, resource }) => `${action} ${resource}`)).toEqual(
      expect.arrayContaining(["create recipients", "create allowlist", "remove allowlist", "read quarantine/export"]),
    );
    expect(JSON.stringify(log)).not.toContain("private");
  });
});

describe("operators", () => {
  test("are logged in the transaction of the change, without their passwords", async () => {
    const bob = await addOperator(web, "bob@example.com", ["reports"]);
    await signIn(web, { login: bob.login, password: "a wrong one" }, "192.0.2.9");
    const put = { login: bob.login, name: "Bob", roles: ["reports", "content-contributor"] };
    await web.call("PUT", `/api/v1/operators/${bob.id}`, put);
    const log = await lines(`operator=${bob.id}`);
    expect(log.map(({ action, detail }) => [action, detail])).toEqual([
      ["sign-in", { refused: "sign-in-failed" }],
      ["sign-in", { by: "password" }],
      ["set-password", {}],
    ]);
    expect(log[0]).toMatchObject({ address: "192.0.2.9", status: 401 });
    const [changed] = await lines(`resource=operators&id=${bob.id}&action=update`);
    expect(changed?.changes).toContainEqual({
      pointer: "/roles",
      before: ["reports"],
      after: ["reports", "content-contributor"],
    });
    expect(JSON.stringify(await lines("limit=1000"))).not.toContain(PASSWORD);
  });

  test("what somebody typed as a login that nobody has is not kept", async () => {
    await signIn(web, { login: "my-password-by-mistake", password: "x" });
    expect(JSON.stringify(await lines("limit=1000"))).not.toContain("by-mistake");
    const rows = await web.db.query("select * from sign_in_failures");
    expect(JSON.stringify(rows)).not.toContain("by-mistake");
  });
});

test("filters meet, pages follow each other, times bound them", async () => {
  const all = await lines("limit=1000");
  const paged: unknown[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: z.output<ReturnType<typeof pageOf<typeof auditLineSchema>>> = await web.get(
      `/api/v1/audit?limit=4${cursor && `&cursor=${cursor}`}`,
      pageOf(auditLineSchema),
    );
    paged.push(...page.data);
    cursor = page.nextCursor;
  }
  expect(paged).toEqual(all);
  const at = all[3]?.at ?? "";
  const [since, until] = [await lines(`since=${at}&limit=1000`), await lines(`until=${at}&limit=1000`)];
  expect([since.length + until.length, since.every((line) => line.at >= at)]).toEqual([all.length, true]);
  expect(await lines(`action=create&address=192.0.2.9`)).toEqual([]);
  expect((await web.call("GET", "/api/v1/audit?operator=x")).status).toBe(422);
});
