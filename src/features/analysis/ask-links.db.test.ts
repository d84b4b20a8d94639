/** Links are asked where the typology says so, and before the analysis holds anything. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { settingsSchema } from "../../contract/index.ts";
import type { AskLink } from "../../platform/link-probe.ts";
import { beginAnalysis, runAnalysis } from "./analyse-delivery.ts";

let database: TestDatabase;
let audience: { import: string };
beforeAll(async () => {
  database = await createTestDatabase();
  audience = await importCsv(database.db, "email\na@a.example\n");
});
afterAll(() => database.drop());

async function typologyWith(level: string): Promise<string> {
  const [row] = await database.db.query<{ id: number }>(
    `with t as (insert into typologies (name, description, created_at, updated_at) values ($1, '', now(), now()) returning id)
     insert into typology_rules (typology_id, kind, name, enabled, execution_order, definition)
     select id, 'built-in', 'links-reachable', true, 50, jsonb_build_object('level', $1::text) from t returning typology_id as id`,
    [level],
  );
  return String(row?.id);
}

async function analyseWith(typology: string | undefined, links: readonly string[], askLink: AskLink) {
  const { db } = database;
  const html = `<p>unsubscribe</p>${links.map((url) => `<a href="${url}">Shop</a>`).join("")}`;
  const id = await seedDelivery(db, {
    audience,
    content: { subject: "Hello", html, text: "Hello, unsubscribe", syntax: "liquid" },
    settings: settingsSchema.parse({ validity: "3d", ...(typology !== undefined && { typology }) }),
  });
  await beginAnalysis(db, id, "test", NOW);
  return runAnalysis(db, id, () => NOW, { ...CONTENT_DEPS, askLink });
}

test("nobody is asked unless the typology wants it", async () => {
  const asked: string[] = [];
  await analyseWith(undefined, ["https://shop.example/"], async (url) => {
    asked.push(url);
    return { kind: "answered", status: 404 };
  });
  expect(asked).toEqual([]);
});

test("a broken link is an item of the rule, at its level; nothing of the delivery is locked meanwhile", async () => {
  const { db } = database;
  const { ready, items } = await analyseWith(await typologyWith("error"), ["https://shop.example/gone"], async () => {
    await db.query("update deliveries set label = 'Renamed' where state = 'analysing'");
    return { kind: "answered", status: 404 };
  });
  expect(ready).toBe(false);
  expect(items).toMatchObject([{ id: "link-broken", level: "error", rule: "links-reachable" }]);
});

test("at most a hundred are asked, five at once", async () => {
  let now = 0;
  let most = 0;
  let all = 0;
  const urls = Array.from({ length: 120 }, (_, i) => `https://shop.example/${i}`);
  const { ready, items } = await analyseWith(await typologyWith("warning"), urls, async () => {
    all++;
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
    return { kind: "answered", status: 200 };
  });
  expect({ ready, all, most }).toEqual({ ready: true, all: 100, most: 5 });
  expect(items.find(({ id }) => id === "link-not-asked")).toMatchObject({
    level: "info",
    title: "20 links could not be tried",
  });
});

test("what is edited meanwhile is analysed anew", async () => {
  const { db } = database;
  const typology = await typologyWith("info");
  const analysis = analyseWith(typology, ["https://shop.example/"], async () => {
    await db.query("update deliveries set version = version + 1 where state = 'analysing'");
    return { kind: "answered", status: 200 };
  });
  await expect(analysis).rejects.toMatchObject({ code: "delivery-changed" });
});
