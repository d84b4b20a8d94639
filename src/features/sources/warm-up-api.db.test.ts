/** The grid of sources and providers, and an operator's word on one of its cells. */
import Fastify from "fastify";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { warmUpCellSchema } from "../../contract/responses-shaping.ts";
import type { WarmUpCell } from "../../contract/shaping.ts";
import type { Provider } from "../../core/shaping/rule.ts";
import { DAY } from "../../core/time.ts";
import { AppError } from "../../platform/errors.ts";
import { SHAPING_CHANNEL } from "../../platform/events.ts";
import { recordWarmUp, registerSourceRoutes, reserveWarmUp } from "./index.ts";

const CURVE = [80, 160, 320];
const START = Date.UTC(2026, 10, 21, 9);
const provider = (name: string, warmUp: readonly number[] | null): Provider => ({ name, label: name, mx: [], warmUp });

let database: TestDatabase;
let now = START;
const app = Fastify();
beforeAll(async () => {
  database = await createTestDatabase();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof AppError ? error.status : 400).send({ detail: (error as Error).message }),
  );
  const providers = [provider("yahoo", null), provider("google", CURVE)];
  registerSourceRoutes(app, { db: database.db, now: () => now, providers });
});
beforeEach(async () => {
  now = START;
  await database.db.query("truncate sources, pools, pool_sources, warm_ups, warm_up_days restart identity");
  await database.db.query(
    `insert into sources (name, address_v4, helo, warm_up, created_at, updated_at)
     values ('a', '192.0.2.1', 'a.example', 'automatic', now(), now()), ('known', '192.0.2.2', 'k.example', 'off', now(), now()),
            ('b', '192.0.2.3', 'b.example', 'automatic', now(), now())`,
  );
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

async function grid(query = ""): Promise<{ data: WarmUpCell[]; nextCursor: string | null }> {
  return (await app.inject({ method: "GET", url: `/warm-up${query}` })).json();
}

async function act(action: string, body?: object, cell = "1/google"): Promise<string> {
  const answer = await app.inject({
    method: "POST",
    url: `/warm-up/${cell}/actions/${action}`,
    ...(body ? { payload: body } : {}),
  });
  if (answer.statusCode !== 200) return `${answer.statusCode} ${answer.json().detail}`;
  return said(warmUpCellSchema.parse(answer.json()));
}

const said = (cell: WarmUpCell) => `${cell.day} ${cell.allowance} ${cell.state}`;
const reserve = (want: number) =>
  reserveWarmUp(database.db, { sourceId: 1, provider: "google", curve: CURVE }, want, now);

/** A day of mail; what it was. Ends on the next day. */
async function mail(counts: { accepted?: number; deferred?: number } = { accepted: 50 }): Promise<string> {
  const { day, allowance, state } = await reserve(10);
  await recordWarmUp(database.db, [
    { sourceId: 1, provider: "google", at: now, accepted: 0, deferred: 0, refused: 0, complaints: 0, ...counts },
  ]);
  now += DAY;
  return `${day} ${allowance} ${state}`;
}

test("the grid has every source with a warm-up at every provider, in pages", async () => {
  await reserve(10);
  const { data, nextCursor } = await grid();
  expect(nextCursor).toBeNull();
  expect(
    data.map((cell) => `${cell.source} ${cell.provider} ${said(cell)} ${cell.hourlyAllowance} ${cell.used}`),
  ).toEqual([
    "a google 1 80 warming 10 10",
    "a other 1 200 warming 25 0",
    "a yahoo 1 200 warming 25 0",
    "b google 1 80 warming 10 0",
    "b other 1 200 warming 25 0",
    "b yahoo 1 200 warming 25 0",
  ]);
  expect(warmUpCellSchema.array().parse(data)).toEqual(data);
  const first = await grid("?limit=4");
  expect([...first.data, ...(await grid(`?limit=4&cursor=${first.nextCursor}`)).data]).toEqual(data);
  expect((await grid("?source=3&provider=yahoo")).data.map(({ source }) => source)).toEqual(["b"]);
  expect((await grid("?state=held")).data).toEqual([]);
});

test("it goes up by itself, and once done shows what the last day allowed", async () => {
  expect([await mail(), await mail(), await mail()]).toEqual(["1 80 warming", "2 160 warming", "3 320 warming"]);
  await mail({ accepted: 7 });
  now -= DAY;
  expect((await grid("?source=1&provider=google")).data).toMatchObject([
    { day: 3, allowance: 320, state: "done", used: 7, acceptedToday: 7 },
  ]);
});

test("hold keeps the step, whether the day has begun or not; release goes on", async () => {
  await mail();
  expect(await act("hold")).toBe("2 160 held");
  expect([await mail(), await mail()]).toEqual(["2 160 held", "2 160 held"]);
  await reserve(10);
  expect(await act("release")).toBe("2 160 warming");
  expect([await mail(), await mail()]).toEqual(["2 160 warming", "3 320 warming"]);
  expect(await act("release")).toBe("3 320 done");
});

test("release goes on where a step is had again because of how it went", async () => {
  await mail();
  await mail({ accepted: 70, deferred: 30 });
  expect((await grid("?state=held")).data.map(said)).toEqual(["2 160 held"]);
  expect(await act("release")).toBe("3 320 warming");
  expect(await mail()).toBe("3 320 warming");
});

test("finish is for good, also after a pause; restart begins with the first day", async () => {
  await mail();
  expect(await act("finish")).toBe("3 320 done");
  expect((await reserve(1e6)).granted).toBe(1e6);
  now += 400 * DAY;
  expect((await reserve(1e6)).granted).toBe(1e6);
  expect(await act("restart")).toBe("1 80 warming");
  expect([await mail(), await mail()]).toEqual(["1 80 warming", "2 160 warming"]);
});

test("set-day goes to a day at once; what has left today counts", async () => {
  await reserve(10);
  expect(await act("set-day", { day: 3 })).toBe("3 320 warming");
  expect(await reserve(100)).toMatchObject({ granted: 30, remainingToday: 280, day: 3 });
  expect(await act("set-day", { day: 1 })).toBe("1 80 warming");
  expect(await reserve(100)).toMatchObject({ granted: 0, remainingToday: 40, day: 1 });
  // What left at the higher step is no sending day of the lower one.
  await mail();
  expect([await mail(), await mail()]).toEqual(["1 80 warming", "2 160 warming"]);
  expect(await act("set-day", { day: 1 }, "3/yahoo")).toBe("1 200 warming");
});

test.each([
  [
    "set-day",
    { day: 4 },
    "1/google",
    "422 /day: There is no day 4: the curve of this provider has 3. After the last one it is done",
  ],
  ["set-day", { day: 0 }, "1/google", "400"],
  ["set-day", { day: "x" }, "1/google", "400"],
  ["hold", undefined, "9/google", "404 There is no source 9."],
  ["hold", undefined, "x/google", "404 There is no source x."],
  ["hold", undefined, "1/nobody", "404 There is no provider nobody."],
  ["hold", undefined, "2/google", "422 Source 2 has its warm-up switched off"],
  ["explode", undefined, "1/google", "404"],
])("%s %j of %s is refused: %s", async (action, body, cell, expected) => {
  expect(await act(action, body, cell)).toContain(expected);
  expect(await database.db.query("select from warm_ups")).toEqual([]);
});

test("senders hear of it", async () => {
  let heard = 0;
  let wake = () => {};
  const listener = await database.db.listen(SHAPING_CHANNEL, () => {
    heard++;
    wake();
  });
  await act("hold");
  await new Promise<void>((resolve) => {
    wake = () => heard >= 2 && resolve();
    wake();
  });
  await listener.close();
});
