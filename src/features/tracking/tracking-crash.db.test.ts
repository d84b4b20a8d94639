import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { startPgProxy } from "../../../test/pg-proxy.ts";
import { BROWSER, createTrackedDelivery, startTrackingServer } from "../../../test/tracking-rig.ts";
import { openDb } from "../../platform/db.ts";
import { loadTrackingIndicators } from "./index.ts";

const PROCESS = new URL("../../../test/tracking-process.ts", import.meta.url);
const SHOP = "https://shop.example/";

describe("tracking through trouble", () => {
  let database: TestDatabase;
  let dir: string;
  const children = new Set<ChildProcess>();

  beforeEach(async () => {
    database = await createTestDatabase();
    dir = mkdtempSync(join(tmpdir(), "envoi-tracking-"));
  });
  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    await database.drop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function startProcess(databaseUrl: string) {
    const child = fork(PROCESS, { execArgv: ["--disable-warning=ExperimentalWarning"] });
    children.add(child);
    child.send({ databaseUrl, dataDir: dir });
    const [port] = (await once(child, "message")) as [number];
    return { child, url: `http://127.0.0.1:${port}` };
  }

  test("after kill -9 nothing that was answered is lost, and nothing counts twice", async () => {
    const messages = 4000;
    const delivery = await createTrackedDelivery(database.db, {
      links: [{ url: SHOP }],
      messages,
      startedAt: Date.now(),
    });
    const { child, url } = await startProcess(database.url);
    const answered = new Set<number>();
    let next = 1;
    const visitor = async (until: number) => {
      while (next <= until) {
        const seq = next++;
        const answer = await fetch(url + delivery.paths(seq).click(1, null), {
          redirect: "manual",
          headers: { "user-agent": BROWSER },
        });
        if (answer.status === 302) answered.add(seq);
        if (answered.size === 3000) child.kill("SIGKILL");
      }
    };
    const visitors = (until: number) => Promise.all(Array.from({ length: 8 }, () => visitor(until).catch(() => {})));
    await visitors(500);
    const total = async () => (await loadTrackingIndicators(database.db, delivery.deliveryId)).clicks.total;
    await expect.poll(total, { timeout: 10_000 }).toBe(500);
    // Some events are in the database by now and in the file as well; most of the others are only in the file.
    await visitors(messages);
    expect(await total()).toBeLessThan(answered.size);
    expect(child.killed).toBe(true);
    expect(answered.size).toBeGreaterThanOrEqual(3000);

    const later = await startTrackingServer(database.db, dir);
    await later.close();
    const rows = await database.db.query<{ seq: number; count: number }>(
      "select seq, count(*) from tracking_events where delivery_id = $1 group by seq",
      [delivery.deliveryId],
    );
    const stored = new Set(rows.map(({ seq }) => seq));
    expect([...answered].filter((seq) => !stored.has(seq))).toEqual([]);
    expect(rows.filter(({ count }) => count > 1)).toEqual([]);
    const { clicks } = await loadTrackingIndicators(database.db, delivery.deliveryId);
    expect(clicks).toMatchObject({ recipients: stored.size, total: stored.size, persons: stored.size });
    expect(readdirSync(join(dir, "tracking"))).toEqual([]);
  });

  test("two processes share a data directory; each takes only its own events and those of the dead", async () => {
    const delivery = await createTrackedDelivery(database.db, {
      links: [{ url: SHOP }],
      messages: 100,
      startedAt: Date.now(),
    });
    const [first, second] = [await startProcess(database.url), await startProcess(database.url)];
    const click = (base: string, seq: number) =>
      fetch(base + delivery.paths(seq).click(1, null), { redirect: "manual", headers: { "user-agent": BROWSER } });
    for (let seq = 1; seq <= 50; seq++) await click(seq % 2 ? first.url : second.url, seq);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const third = await startProcess(database.url);
    for (let seq = 51; seq <= 100; seq++) await click(seq % 2 ? third.url : second.url, seq);
    await expect
      .poll(async () => (await loadTrackingIndicators(database.db, delivery.deliveryId)).clicks.total, {
        timeout: 10_000,
      })
      .toBe(100);
  });

  test("while the database is away links lead on, and what happened is stored when it is back", async () => {
    const proxy = await startPgProxy(database.url);
    const db = await openDb(proxy.url);
    const delivery = await createTrackedDelivery(database.db, {
      links: [{ url: SHOP }, { url: "https://x.example/?c={{ c }}", personalised: true }],
      messages: 200,
      startedAt: Date.now(),
    });
    const server = await startTrackingServer(db, dir);
    const unknown = await createTrackedDelivery(database.db, {
      links: [{ url: SHOP }],
      messages: 1,
      startedAt: Date.now(),
    });
    const get = (path: string) => server.app.inject({ method: "GET", url: path, headers: { "user-agent": BROWSER } });
    try {
      await get(delivery.paths(1).click(1, null));
      await proxy.cut();
      for (let seq = 1; seq <= 100; seq++) {
        const answer = await get(delivery.paths(seq).click(1, null));
        expect([answer.statusCode, answer.headers.location]).toEqual([302, SHOP]);
        expect((await get(delivery.paths(seq).open())).statusCode).toBe(200);
      }
      expect((await get(unknown.paths(1).click(2, "https://x.example/?c=1"))).headers.location).toBe(
        "https://x.example/?c=1",
      );
      const away = await get(unknown.paths(1).click(1, null));
      expect([away.statusCode, away.headers["retry-after"]]).toEqual([503, "60"]);
      expect((await get(`${delivery.paths(1).click(1, null)}x`)).statusCode).toBe(400);
      await proxy.restore();
      await expect
        .poll(async () => (await loadTrackingIndicators(database.db, delivery.deliveryId)).clicks.total, {
          timeout: 10_000,
        })
        .toBe(101);
      const { opens } = await loadTrackingIndicators(database.db, delivery.deliveryId);
      expect(opens).toMatchObject({ recipients: 100, total: 100 });
      expect((await get(unknown.paths(1).click(1, null))).statusCode).toBe(302);
    } finally {
      await server.close();
      await db.close();
      await proxy.close();
    }
  });

  test("a server that ends while the database is away leaves its events to the next one", async () => {
    const proxy = await startPgProxy(database.url);
    const db = await openDb(proxy.url);
    const delivery = await createTrackedDelivery(database.db, {
      links: [{ url: SHOP }],
      messages: 10,
      startedAt: Date.now(),
    });
    const server = await startTrackingServer(db, dir);
    await proxy.cut();
    await server.app.inject({
      method: "GET",
      url: delivery.paths(1).click(1, null),
      headers: { "user-agent": BROWSER },
    });
    await server.close();
    await db.close();
    expect(readdirSync(join(dir, "tracking"))).toHaveLength(1);
    const next = await startTrackingServer(database.db, dir);
    await next.close();
    expect((await loadTrackingIndicators(database.db, delivery.deliveryId)).clicks.total).toBe(1);
    expect(readdirSync(join(dir, "tracking"))).toEqual([]);
  });
});
