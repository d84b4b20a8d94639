/** Reply texts as senders' commits write them: each once, counted, judged, bounded. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { NOW } from "../../../test/seed-delivery.ts";
import { DAY, HOUR } from "../../core/time.ts";
import { forgetReplyTexts, type NotedReply, noteReplies } from "./index.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.db.query("truncate reply_texts restart identity cascade"));
afterAll(() => database.drop());

const REPLY: NotedReply = {
  text: "550 5.1.1 <kim@example.org>: user unknown id=4Xy92kQ1",
  stage: "rcpt",
  code: 550,
  enhanced: "5.1.1",
  mx: "mx.example.org",
  provider: "google",
  type: "hard",
  reason: "user-unknown",
  rule: "user-unknown",
  at: NOW,
};
const UNKNOWN = { type: "not-defined", reason: "not-defined", rule: "default-unknown" } as const;

const note = (...replies: Partial<NotedReply>[]) =>
  database.db.transaction((tx) =>
    noteReplies(
      tx,
      replies.map((reply) => ({ ...REPLY, ...reply })),
    ),
  );
const texts = () => database.db.query<Record<string, unknown>>("select * from reply_texts order by id");
const days = () =>
  database.db.query<Record<string, unknown>>(
    "select provider, stage, mx, count, day::text from reply_text_days order by day, provider, stage",
  );

describe("a reply text", () => {
  test("is kept once, with its first text, count, providers, stages, days", async () => {
    await note({}, { text: "550 5.1.1 <lee@example.org>: user unknown id=9Zz11aB7", at: NOW + 1000 });
    await note({ provider: null, stage: "async", mx: null, at: NOW + DAY });
    expect(await texts()).toMatchObject([
      {
        text: "550 5.1.1 <*>: user unknown id=#xxx#",
        first_text: REPLY.text,
        code: 550,
        enhanced: "5.1.1",
        count: 3,
        providers: ["google", "other"],
        stages: ["async", "rcpt"],
        first_seen: NOW,
        last_seen: NOW + DAY,
        state: "keep",
        type: "hard",
        qualified_at: null,
      },
    ]);
    expect(await days()).toEqual([
      { day: "2026-11-21", provider: "google", stage: "rcpt", mx: "mx.example.org", count: 2 },
      { day: "2026-11-22", provider: "other", stage: "async", mx: null, count: 1 },
    ]);
  });

  test("that no rule knows waits for a person, until a rule knows it", async () => {
    const text = "599 the moon is wrong";
    await note({ text, ...UNKNOWN });
    expect(await texts()).toMatchObject([{ state: "to-qualify", type: "not-defined" }]);
    await note({ text, type: "soft", reason: "refused", rule: "moon" });
    expect(await texts()).toMatchObject([{ state: "keep", type: "soft", reason: "refused", rule: "moon" }]);
  });

  test("keeps what a person said of it", async () => {
    await note({});
    await database.db.query("update reply_texts set state = 'ignore', type = 'soft', qualified_at = now()");
    await note({});
    expect(await texts()).toMatchObject([{ state: "ignore", type: "soft", count: 2 }]);
  });

  test("may be longer than a key of an index, hold NUL and signs of any script; an empty one is none", async () => {
    await note({ text: "Б".repeat(5000) }, { text: "550 a\0b" }, { text: "  " });
    expect((await texts()).map(({ first_text: text }) => text)).toEqual(
      expect.arrayContaining(["Б".repeat(2000), "550 a�b"]),
    );
    expect(await texts()).toHaveLength(2);
  });

  test("is counted right by senders that commit the same texts at once, in any order", async () => {
    const replies = Array.from({ length: 30 }, (_, i) => ({ text: `550 no ${"abcdefghij".repeat(i + 1)}` }));
    await Promise.all(Array.from({ length: 8 }, (_, i) => note(...(i % 2 === 0 ? replies : replies.toReversed()))));
    expect((await texts()).map(({ count }) => count)).toEqual(Array.from({ length: 30 }, () => 8));
  });
});

describe("what servers make up", () => {
  const word = (i: number) =>
    Array.from(String(i))
      .map((digit) => "abcdefghij".charAt(Number(digit)))
      .join("");
  const random = (from: number, count: number, at = NOW) =>
    Array.from({ length: count }, (_, i) => ({ text: `550 no ${word(from + i)} here`, at }));

  test("is bounded for each provider and day; known texts still count", async () => {
    await note({}, ...random(1000, 300));
    expect(await texts()).toHaveLength(200);
    await note({ text: "550 other words", provider: "yahoo" }, {}, ...random(2000, 50, NOW + HOUR));
    const kept = await texts();
    expect(kept).toHaveLength(201);
    expect(kept.filter(({ count }) => count === 2)).toMatchObject([{ first_text: REPLY.text }]);
    await note(...random(3000, 10, NOW + 2 * DAY));
    expect(await texts()).toHaveLength(211);
  });

  test("goes at night: old days, and texts nobody gave any more, unless somebody qualified them", async () => {
    await note({ text: "550 qualified" }, { text: "550 forgotten" });
    await note({ text: "550 young", at: NOW + 150 * DAY });
    await database.db.query("update reply_texts set qualified_at = now() where text = '550 qualified'");
    expect(await forgetReplyTexts(database.db, NOW + 181 * DAY)).toBe(1);
    expect((await texts()).map(({ text }) => text)).toEqual(["550 qualified", "550 young"]);
    expect(await days()).toHaveLength(1);
  });
});
