/** Single messages over HTTP after they were accepted: made of templates, waiting, taken back, listed, erased. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  DATA,
  INLINE,
  message,
  openSingleMessagesRig,
  someone,
  type SingleMessagesRig,
} from "../../../test/single-messages-rig.ts";
import { publishedTemplateSchema, singleMessageSchema } from "../../contract/responses-single-messages.ts";
import { HOUR, MINUTE } from "../../core/time.ts";

let rig: SingleMessagesRig;
beforeAll(async () => {
  rig = await openSingleMessagesRig();
});
afterAll(() => rig.close());

describe("templates", () => {
  test("a message is made from the template as it was published, until it is published again", async () => {
    const id = await rig.template();
    expect((await rig.refused({ to: someone(), template: id, data: DATA })).errors?.[0]).toMatchObject({
      code: "not-published",
    });
    expect(publishedTemplateSchema.parse((await rig.publish(id)).body)).toMatchObject({ template: id, version: 1 });
    rig.web.clock.ahead += 2000;
    const first = await rig.accepted({ to: someone(), template: id, data: DATA });
    expect(first).toMatchObject({ template: id, subject: "Your code 4711" });
    const put = await rig.web.call("PUT", `/api/v1/templates/${id}`, {
      label: "Receipt",
      ...INLINE,
      content: { ...INLINE.content, subject: "New {{ recipient.code }}" },
    });
    expect(put.status).toBe(200);
    rig.web.clock.ahead += 2000;
    expect(await rig.accepted({ to: someone(), template: id, data: DATA })).toMatchObject({
      subject: "Your code 4711",
    });
    await rig.publish(id);
    rig.web.clock.ahead += 2000;
    const renewed = await rig.accepted({ to: someone(), template: id, data: DATA });
    expect(renewed).toMatchObject({ subject: "New 4711" });
    expect(await rig.source(first.id)).toMatch(/^Subject: Your code 4711\r$/m);
    expect(await rig.source(renewed.id)).toMatch(/^Subject: New 4711\r$/m);
    expect((await rig.web.call("POST", `/api/v1/templates/${id}/actions/unpublish`)).status).toBe(204);
    rig.web.clock.ahead += 2000;
    await rig.refused({ to: someone(), template: id, data: DATA });
  });

  test("a message may differ from its template", async () => {
    const id = await rig.template();
    await rig.publish(id);
    const one = await rig.accepted({ to: someone(), template: id, data: DATA, content: { subject: "Other" } });
    expect(one).toMatchObject({ template: id, subject: "Other" });
    expect(await rig.source(one.id)).toContain("pen;ink;");
  });

  test("one that is part of a service may go to people on the denylist, marketing never", async () => {
    const to = someone();
    await rig.web.call("POST", "/api/v1/recipients", { address: to, attributes: {} });
    await rig.web.db.query(
      "update recipients set denylisted_at = now(), denylist_reason = 'test' where match_key = $1",
      [to],
    );
    const service = await rig.template();
    await rig.publish(service, { ignoreDenylist: true });
    expect(await rig.accepted({ to, template: service, data: DATA })).toMatchObject({ status: "queued" });
    const marketing = await rig.template({ nature: "marketing" });
    expect((await rig.publish(marketing, { ignoreDenylist: true })).status).toBe(422);
  });
});

describe("waiting", () => {
  const later = (ms: number) => new Date(Date.now() + rig.web.clock.ahead + ms).toISOString();

  test("a message waits for its time, and is taken back while it does", async () => {
    const sendAt = later(2 * HOUR);
    const one = await rig.accepted(message({ sendAt, expiresAt: later(3 * HOUR) }));
    expect(one).toMatchObject({ status: "scheduled", sendAt });
    const again = await rig.web.call("POST", `/api/v1/messages/${one.id}/actions/cancel`);
    expect([again.status, singleMessageSchema.parse(again.body).status]).toEqual([202, "cancelled"]);
    expect((await rig.web.call("POST", `/api/v1/messages/${one.id}/actions/cancel`)).status).toBe(202);
    await rig.checkIdentity();
  });

  test("attempts end at the date that the settings say", async () => {
    const validUntil = later(HOUR);
    const one = await rig.accepted(message({ settings: { validUntil } }));
    expect(one.expiresAt).toBe(validUntil);
  });

  test("what a sender has cannot be taken back; what is for later can", async () => {
    const [now, soon] = [await rig.accepted(message()), await rig.accepted(message({ sendAt: later(HOUR) }))];
    await rig.web.db.query("update delivery_parts set owner = 's1' where id = any($1)", [
      [now, soon].map(({ id }) => Number(id.split("-")[0])),
    ]);
    const answers = [];
    for (const { id } of [now, soon])
      answers.push((await rig.web.call("POST", `/api/v1/messages/${id}/actions/cancel`)).status);
    await rig.web.db.query("update delivery_parts set owner = null where owner = 's1'");
    expect(answers).toEqual([409, 202]);
  });

  test("a message of a campaign is no single one", async () => {
    expect((await rig.web.call("POST", "/api/v1/messages/1-999/actions/cancel")).status).toBe(404);
  });
});

describe("the list", () => {
  test("has the newest first, page by page, and finds by address, external id, tag, template and status", async () => {
    const to = someone();
    rig.web.clock.ahead += MINUTE;
    const first = await rig.accepted(message({ to, tags: ["one"], externalId: "list-1" }));
    rig.web.clock.ahead += 10;
    const second = await rig.accepted(
      message({ to, sendAt: new Date(Date.now() + rig.web.clock.ahead + HOUR).toISOString() }),
    );
    const ids = async (query: string) => (await rig.list(query)).data.map(({ id }) => id);
    const own = `recipient=${encodeURIComponent(to.toUpperCase())}`;
    expect(await ids(own)).toEqual([second.id, first.id]);
    expect(await ids(`${own}&status=scheduled`)).toEqual([second.id]);
    expect(await ids(`${own}&status=failed`)).toEqual([]);
    expect(await ids("externalId=list-1")).toEqual([first.id]);
    expect(await ids(`tag=one`)).toEqual([first.id]);
    expect(await ids(`${own}&since=${second.acceptedAt}`)).toEqual([second.id]);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { data: { id: string }[]; nextCursor: string | null } = await rig.list(
        `limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    const [all] = await rig.web.db.query<{ count: number }>("select count(*)::int as count from single_messages");
    expect([seen.length, new Set(seen).size]).toEqual([all?.count, all?.count]);
    expect(seen.slice(0, 2)).toEqual([second.id, first.id]);
  });
});

test("a person who is erased is gone from single messages too", async () => {
  const to = someone();
  const { body } = await rig.web.call("POST", "/api/v1/recipients", { address: to, attributes: {} });
  const one = await rig.accepted(
    message({ to, externalId: "erase-1", metadata: { name: "Ann" }, content: { subject: `For ${to}`, text: to } }),
  );
  await rig.web.db.query("update messages set status = 'sent' where part_id = $1", [Number(one.id.split("-")[0])]);
  await rig.web.db.query("update delivery_parts set sent = pending, pending = 0 where id = $1", [
    Number(one.id.split("-")[0]),
  ]);
  const erased = await rig.web.call("POST", `/api/v1/recipients/${(body as { id: string }).id}/actions/erase`, {});
  expect([erased.status, erased.text]).toEqual([expect.any(Number), expect.any(String)]);
  const rows = await rig.web.db.query<{ text: string }>(
    `select row_to_json(s)::text as text from single_messages s where s.part_id = $1 and s.seq = $2
     union all select row_to_json(c)::text from message_contents c
     union all select row_to_json(e)::text from message_external_ids e where external_id = 'erase-1'`,
    one.id.split("-").map(Number),
  );
  expect(rows.map(({ text }) => text).join("\n")).not.toContain(to);
});
