/** Reply texts over the API: found, read with their messages, qualified, made rules. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { seedInProgress } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem } from "../../contract/index.ts";
import { bounceRuleSchema } from "../../contract/reply-texts.ts";
import {
  bounceRuleAnswerSchema,
  replyTextCountsSchema,
  replyTextDetailSchema,
  replyTextSchema,
} from "../../contract/responses-reply-texts.ts";
import { pageOf } from "../../contract/responses.ts";
import { DAY } from "../../core/time.ts";
import { type NotedReply, noteReplies } from "./index.ts";

const URL_OF = "/api/v1/reply-texts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() => web.db.query("truncate bounce_rules, reply_texts restart identity cascade"));
afterAll(() => web.close());

const REPLY: NotedReply = {
  text: "550 5.9.9 <kim@example.org>: the moon is in the wrong house, ticket 4Xy92kQ1, see https://example.org/m?id=1",
  stage: "rcpt",
  code: 550,
  enhanced: "5.9.9",
  mx: "mx.example.org",
  provider: null,
  type: "not-defined",
  reason: "not-defined",
  rule: "default-unknown",
  at: Date.parse("2026-11-21T10:00:00Z"),
};

const note = (...replies: Partial<NotedReply>[]) =>
  web.db.transaction((tx) =>
    noteReplies(
      tx,
      replies.map((reply) => ({ ...REPLY, ...reply })),
    ),
  );
const list = (query = "") => web.get(`${URL_OF}${query}`, pageOf(replyTextSchema));
const patch = (body: object, headers = {}) => web.call("PATCH", `${URL_OF}/1`, body, headers);

describe("reply texts", () => {
  test("are found by state, provider, type and part of the text, page by page", async () => {
    await note({});
    await note({ text: "550 100%_sure", provider: "google", type: "hard", reason: "user-unknown" });
    await note({ text: "550 so sorry", provider: "google" });
    const ids = async (query: string) => (await list(query)).data.map(({ id }) => id);
    expect(await ids("")).toEqual(["3", "2", "1"]);
    expect(await ids("?state=to-qualify")).toEqual(["3", "1"]);
    expect(await ids("?provider=google")).toEqual(["3", "2"]);
    expect(await ids("?type=hard")).toEqual(["2"]);
    expect(await ids("?search=SORRY")).toEqual(["3"]);
    expect(await ids("?search=%25_")).toEqual(["2"]);
    const first = await list("?limit=2");
    expect(first.data).toHaveLength(2);
    expect(await ids(`?limit=2&cursor=${first.nextCursor}`)).toEqual(["1"]);
    expect((await web.call("GET", `${URL_OF}?cursor=x`)).status).toBe(422);
    expect((await web.call("GET", `${URL_OF}/99`)).status).toBe(404);
  });

  test("are shown with messages that got them", async () => {
    await note({});
    const delivery = await seedInProgress(web.db, 3, 10);
    await web.db.query(
      `insert into message_attempts (part_id, seq, attempt, at, kind, stage, code, reply, type, reason, rule)
       select p.id, m.seq, 1, now(), 'refused', 'rcpt', 550,
              case m.seq when 0 then 'the other' else '550 5.9.9 <lee@example.org>: the moon is in the wrong house, ticket '
                || '7Zz' || m.seq || '1Q, see https://example.org/m?id=1' end, 'not-defined', 'not-defined', 'default-unknown'
         from delivery_parts p join messages m on m.part_id = p.id where p.delivery_id = $1`,
      [delivery],
    );
    await web.db.query("update delivery_parts set pending = 0, retrying = 3 where delivery_id = $1", [delivery]);
    const { examples } = await web.get(`${URL_OF}/1`, replyTextDetailSchema);
    expect(examples.map(({ key }) => key.replace(/^.*-/, "")).toSorted()).toEqual(["1", "2"]);
    expect(examples[0]).toMatchObject({ recipient: expect.stringMatching(/^p\d@one\.example$/), stage: "rcpt" });
  });

  test("are counted by state, and each by day, whatever the stage and provider", async () => {
    await note({}, { stage: "dot", provider: "google" }, { at: REPLY.at - DAY });
    await note({ text: "550 100%_sure", type: "hard", reason: "user-unknown" });
    expect(await web.get(`${URL_OF}/counts`, replyTextCountsSchema)).toEqual({ toQualify: 1, keep: 1, ignore: 0 });
    const { days } = await web.get(`${URL_OF}/1`, replyTextDetailSchema);
    expect(days).toEqual([
      { day: "2026-11-20", count: 1 },
      { day: "2026-11-21", count: 2 },
    ]);
  });

  test("are qualified under their version, and given back to the rules", async () => {
    await note({});
    expect((await patch({ type: "soft" })).status).toBe(422);
    expect((await patch({ type: "soft", reason: "refused" }, { "if-match": '"2"' })).status).toBe(412);
    const qualified = await patch({ type: "soft", reason: "refused" }, { "if-match": '"1"' });
    expect(qualified.status, qualified.text).toBe(200);
    expect(qualified.body).toMatchObject({ state: "keep", type: "soft", reason: "refused", version: 2 });
    expect(replyTextSchema.parse(qualified.body).qualifiedBy).not.toBeNull();
    await note({});
    expect((await list()).data).toMatchObject([{ type: "soft", count: 2 }]);
    expect((await patch({ state: "ignore" })).body).toMatchObject({ state: "ignore", type: "soft" });
    expect((await patch({ state: "to-qualify" })).body).toMatchObject({ qualifiedAt: null, qualifiedBy: null });
    await note({});
    expect((await list()).data).toMatchObject([{ state: "to-qualify", type: "not-defined" }]);
  });
});

describe("a rule of a text", () => {
  const makeRule = (body: object = {}) => web.call("POST", `${URL_OF}/1/rule`, body);
  const pointerOf = (body: unknown) => (body as Problem).errors?.[0]?.pointer;

  test("has its words without what varies, its code and stages, and what the person said", async () => {
    await note({}, { stage: "ehlo" });
    expect((await makeRule()).status).toBe(422);
    expect((await web.call("GET", `${URL_OF}/1/rule`)).status).toBe(422);
    await patch({ type: "hard", reason: "user-unknown" });
    const draft = await web.get(`${URL_OF}/1/rule`, bounceRuleSchema);
    const made = await makeRule();
    expect(made.body).toMatchObject(draft);
    expect(made.status, made.text).toBe(201);
    expect(bounceRuleAnswerSchema.parse(made.body)).toMatchObject({
      name: "text-1",
      stage: ["rcpt"],
      code: ["550"],
      text: ["the moon is in the wrong house ticket & see"],
      verdict: { type: "hard", reason: "user-unknown", action: null, scope: "address" },
      examples: [{ reply: REPLY.text, stage: "rcpt" }],
      warnings: [],
    });
    expect((await makeRule()).status).toBe(422);
  });

  test("may have other words, name, action and scope", async () => {
    await note({});
    await patch({ type: "soft", reason: "refused" });
    const made = await makeRule({ name: "moon", text: ["moon * wrong"], action: "slow", scope: "source" });
    expect(made.body).toMatchObject({ name: "moon", verdict: { action: "slow", scope: "source" } });
  });

  test("is refused when the text says too little, or speaks of an address before RCPT", async () => {
    await note({ text: "550 4Xy92kQ1 no" });
    await patch({ type: "soft", reason: "refused" });
    expect(pointerOf((await makeRule()).body)).toBe("/text");
    await web.db.query("update reply_texts set stages = '{mail}'");
    const answer = await makeRule({ scope: "address", text: ["no"] });
    expect([answer.status, pointerOf(answer.body)]).toEqual([422, "/scope"]);
  });

  test("of a text that came by mail is for the command that it quotes too", async () => {
    const text = "host mx.example.org said: 550 moon in the wrong house (in reply to RCPT TO command)";
    await note({ text, stage: "async", enhanced: null });
    await patch({ type: "soft", reason: "mailbox-full" });
    const made = await makeRule();
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({ stage: ["async", "rcpt"] });
  });
});
