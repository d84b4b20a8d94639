/** A scheduled message whose recipient was barred while it waited never leaves. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { singleMessageSchema } from "../../contract/responses-single-messages.ts";
import { HOUR } from "../../core/time.ts";
import { ignoreBarred } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

async function accept(to: string, sendAt: string | undefined) {
  const body = {
    to,
    sender: { name: "Shop", address: "shop@sender.example" },
    content: { subject: "Hello", text: "Hello" },
    ...(sendAt !== undefined && { sendAt }),
  };
  const answer = await web.call("POST", "/api/v1/messages", body);
  expect(answer.status, answer.text).toBe(202);
  return singleMessageSchema.parse(answer.body);
}

test("whoever came onto the denylist or into quarantine gets nothing; the others wait on", async () => {
  const soon = new Date(Date.now() + HOUR).toISOString();
  const late = new Date(Date.now() + 5 * HOUR).toISOString();
  const people = ["denied", "failing", "Upper", "fine"].map((name) => `${name}@one.example`);
  const scheduled = [];
  for (const to of people) scheduled.push(await accept(to, soon));
  const later = await accept("denied@one.example", late);
  const now = await accept("failing@one.example", undefined);
  await web.call("POST", "/api/v1/recipients", { address: "denied@one.example", attributes: {} });
  await web.db.query("update recipients set denylisted_at = now(), denylist_reason = 'test'");
  await web.db.query(
    `insert into quarantine (match_key, address, status, reason, updated_at)
     values ('failing@one.example', 'failing@one.example', 'quarantined', 'user-unknown', now()),
            ('upper@one.example', 'upper@one.example', 'quarantined', 'user-unknown', now())`,
  );
  const [carrier] = await web.db.query<{ id: number }>("select id from deliveries where kind = 'single'");
  const id = carrier?.id ?? 0;
  const parts = () =>
    web.db.query("select to_deliver, pending, cancelled from delivery_parts where delivery_id = $1", [id]);
  expect(await ignoreBarred(web.db, id, Date.now())).toBe(0);
  const at = Date.now() + 2 * HOUR;
  await web.db.query("update delivery_parts set owner = 's1' where delivery_id = $1", [id]);
  expect(await ignoreBarred(web.db, id, at)).toBe(0);
  await web.db.query("update delivery_parts set owner = null where delivery_id = $1", [id]);
  await web.db.query(
    `insert into platform_settings (settings, updated_at) values ('{"quarantine": {"foldLocalPart": false}}', now())`,
  );
  const counts = await Promise.all([ignoreBarred(web.db, id, at), ignoreBarred(web.db, id, at)]);
  expect(counts.toSorted()).toEqual([0, 2]);
  const statusOf = async (key: string) => {
    const { data } = (await web.call("GET", "/api/v1/messages?limit=100")).body as {
      data: { id: string; status: string; ignored: string | null }[];
    };
    const found = data.find((each) => each.id === key);
    return `${found?.status} ${found?.ignored ?? ""}`.trim();
  };
  expect(await Promise.all(scheduled.map((each) => statusOf(each.id)))).toEqual([
    "ignored denylisted",
    "ignored quarantined",
    "scheduled",
    "scheduled",
  ]);
  expect([await statusOf(later.id), await statusOf(now.id)]).toEqual(["scheduled", "queued"]);
  expect(await parts()).toEqual([{ to_deliver: 6, pending: 4, cancelled: 2 }]);
});
