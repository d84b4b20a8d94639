import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import {
  BROWSER,
  createTrackedDelivery,
  KEY,
  startTrackingServer,
  type TrackedDelivery,
  type TrackingServer,
} from "../../../test/tracking-rig.ts";
import { DAY, HOUR } from "../../core/time.ts";
import { mintToken } from "../../core/tracking/token.ts";
import { createMetrics } from "../../platform/metrics.ts";
import { forgetPersons, loadReactions, loadTrackingIndicators, registerTrackingMetrics } from "./index.ts";

const SHOP = "https://shop.example/a?x=%20&y=1&y=2#top";

describe("public paths of tracking", () => {
  let database: TestDatabase;
  let dir: string;
  let server: TrackingServer;
  let delivery: TrackedDelivery;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "envoi-tracking-"));
    const now = Date.now();
    delivery = await createTrackedDelivery(database.db, {
      links: [
        { url: SHOP, label: "Shop", category: "sales" },
        { url: "https://bücher.example/straße?stadt=Köln#größe" },
        { url: "https://x.example/?c={{ recipient.code }}", personalised: true, label: "Code" },
        { url: "{{ message.mirror_url }}", personalised: true, mode: "mirror" },
        { url: "{{ message.unsubscribe_url }}", personalised: true, mode: "opt-out" },
        { url: "https://shop.example/leave", mode: "opt-out" },
        { url: "http://127.0.0.1/bait" },
        { url: "https://shop.example/8" },
        { url: "https://shop.example/9" },
      ],
      honeypot: 7,
      messages: 10,
      startedAt: now - HOUR,
      sentAt: now - HOUR,
    });
    server = await startTrackingServer(database.db, dir);
  });
  afterEach(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const get = (url: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET", ip = "192.0.2.1") =>
    server.app.inject({ method, url, headers: { "user-agent": BROWSER, ...headers }, remoteAddress: ip });
  const events = () =>
    database.db.query<{ kind: string; link: number; class: string; signals: string; seq: number; ip: string }>(
      "select kind, link, class, signals, seq, ip from tracking_events where delivery_id = $1 order by at, event_id",
      [delivery.deliveryId],
    );
  const figures = () => loadTrackingIndicators(database.db, delivery.deliveryId);

  describe("a link", () => {
    test("leads to its URL, letter for letter, and is told to nobody", async () => {
      const answer = await get(delivery.paths(1).click(1, null));
      expect(answer.statusCode).toBe(302);
      expect(answer.headers).toMatchObject({
        location: SHOP,
        "cache-control": "no-store",
        "x-robots-tag": "noindex, nofollow",
        "referrer-policy": "no-referrer",
      });
      expect(answer.body).toBe("");
    });

    test("with letters outside ASCII leads to the same place, escaped", async () => {
      const answer = await get(delivery.paths(1).click(2, null));
      expect(answer.headers.location).toBe("https://xn--bcher-kva.example/stra%C3%9Fe?stadt=K%C3%B6ln#gr%C3%B6%C3%9Fe");
    });

    test("that is personalised carries its URL itself, up to a thousand letters", async () => {
      for (const url of ["https://x.example/?c=a%2Fb&d=%C3%BC#x", `https://x.example/?${"c".repeat(1300)}`]) {
        expect((await get(delivery.paths(1).click(3, url))).headers.location).toBe(url);
      }
    });

    test("that was altered, cut or made by others leads nowhere", async () => {
      const path = delivery.paths(1).click(1, null);
      const foreign = delivery.paths(1, { key: { id: 1, words: [1, 2, 3, 4] } }).click(3, "https://evil.example/");
      const altered = [
        path.slice(0, -1) + (path.endsWith("A") ? "B" : "A"),
        path.slice(0, -1),
        `${path}A`,
        `${path}=`,
        foreign,
        delivery.paths(1).open().replace("/o/", "/r/"),
        delivery.paths(1).mirror().replace("/m/", "/r/"),
        "/r/x",
        "/r/%00",
        "/r/https%3A%2F%2Fevil.example",
        `/r/${"A".repeat(1999)}`,
      ];
      for (const each of altered) {
        const answer = await get(each);
        expect(answer.statusCode, each).toBe(400);
        expect(answer.headers.location).toBeUndefined();
        expect(answer.headers["content-type"]).toContain("text/html");
      }
      for (const each of [`/r/${"A".repeat(15_000)}`, "/r/", "/r//evil.example", "/r/..%2f..%2fx/y"]) {
        expect((await get(each)).statusCode, each.slice(0, 50)).toBeGreaterThanOrEqual(400);
      }
      await server.close();
      expect(await events()).toEqual([]);
    });

    test("takes no address from the request", async () => {
      const path = delivery.paths(1).click(1, null);
      for (const query of ["?url=https://evil.example", "?https://evil.example", "?next=//evil.example"]) {
        const answer = await get(path + query, { host: "evil.example", "x-forwarded-host": "evil.example" });
        expect(answer.headers.location).toBe(SHOP);
      }
    });

    test("whose URL would break the header or leave the web leads nowhere or stays in the header", async () => {
      const token = (url: string) =>
        `/r/${mintToken(KEY, { kind: "click", deliveryId: delivery.deliveryId, partId: 1, seq: 1, link: 3, url, inert: false })}`;
      for (const url of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a\\@evil.example", ""]) {
        expect((await get(token(url))).statusCode, url).toBe(404);
      }
      const answer = await get(token("https://x.example/\r\nSet-Cookie: admin=1\r\n\r\n<script>"));
      expect(answer.headers.location).toBe("https://x.example/Set-Cookie:%20admin=1<script>");
      expect(answer.cookies.map(({ name }) => name)).toEqual(["envoi_p"]);
    });

    test("of an unknown number or delivery is told as a page, in the visitor's language", async () => {
      const gone = { ...delivery.paths(1), click: delivery.paths(1).click(99, null) };
      const answer = await get(gone.click, { "accept-language": "fr" });
      expect(answer.statusCode).toBe(404);
      expect(answer.headers["content-language"]).toBe("fr");
      const elsewhere = mintToken(KEY, {
        kind: "click",
        deliveryId: 999_999,
        partId: 1,
        seq: 1,
        link: 1,
        url: null,
        inert: false,
      });
      expect((await get(`/r/${elsewhere}`)).statusCode).toBe(404);
    });

    test("is not for other methods", async () => {
      const answer = await server.app.inject({ method: "POST", url: delivery.paths(1).click(1, null) });
      expect(answer.statusCode).toBe(404);
      await server.close();
      expect(await events()).toEqual([]);
    });
  });

  describe("a link whose time is over", () => {
    test("says so in a page, and counts nothing", async () => {
      server.clock.ahead = 181 * DAY;
      const answer = await get(delivery.paths(1).click(1, null), { "accept-language": "es" });
      expect(answer.statusCode).toBe(410);
      expect(answer.body).toContain("Este enlace ha caducado");
      expect((await get(delivery.paths(1).click(3, "https://x.example/"))).statusCode).toBe(410);
      await server.close();
      expect(await events()).toEqual([]);
    });

    test("leads to the substitute when there is one", async () => {
      const other = await createTrackedDelivery(database.db, {
        links: [{ url: SHOP }],
        messages: 1,
        startedAt: Date.now() - 2 * DAY,
        tracking: { validity: "1d", expiredUrl: "https://shop.example/over?é" },
      });
      const answer = await get(other.paths(1).click(1, null));
      expect([answer.statusCode, answer.headers.location]).toEqual([302, "https://shop.example/over?%C3%A9"]);
    });
  });

  describe("what is not counted", () => {
    test("HEAD, looking ahead and proofs: the answer is the same, no cookie is set", async () => {
      const live = delivery.paths(1);
      const proof = delivery.paths(1, { inert: true });
      const answers = [
        await get(live.click(1, null), {}, "HEAD"),
        await get(live.click(1, null), { "sec-purpose": "prefetch;prerender" }),
        await get(live.click(1, null), { purpose: "prefetch" }),
        await get(live.click(1, null), { "x-moz": "prefetch" }),
        await get(proof.click(1, null)),
        await get(proof.click(3, SHOP)),
      ];
      for (const answer of answers) {
        expect([answer.statusCode, answer.headers.location]).toEqual([302, SHOP]);
        expect(answer.headers["set-cookie"]).toBeUndefined();
      }
      for (const answer of [await get(live.open(), {}, "HEAD"), await get(proof.open())]) {
        expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "image/gif"]);
      }
      await server.tracker.recordReaction({
        token: { deliveryId: delivery.deliveryId, partId: delivery.partId, seq: 1, inert: true },
        kind: "mirror",
        request: null,
        reply: null,
      });
      await server.close();
      expect(await events()).toEqual([]);
    });
  });

  describe("the pixel", () => {
    test("is a picture of 43 bytes that nobody keeps and every page may show", async () => {
      const answer = await get(delivery.paths(1).open());
      expect(answer.statusCode).toBe(200);
      expect(answer.rawPayload).toHaveLength(43);
      expect(answer.rawPayload.subarray(0, 6).toString("latin1")).toBe("GIF89a");
      expect(answer.headers).toMatchObject({
        "content-type": "image/gif",
        "content-length": "43",
        "cache-control": "no-store",
        "cross-origin-resource-policy": "cross-origin",
      });
      expect((await get("/o/AAAA")).statusCode).toBe(400);
    });

    test("counts once a minute, in one batch and across batches and processes", async () => {
      const path = delivery.paths(1).open();
      await get(path);
      server.clock.ahead += 59_000;
      await get(path);
      await server.close();
      expect(await events()).toHaveLength(1);
      const first = server;
      server = await startTrackingServer(database.db, dir);
      server.clock.ahead = first.clock.ahead;
      await get(path);
      server.clock.ahead += 2000;
      await get(path);
      await get(delivery.paths(2).open());
      await server.close();
      expect((await figures()).opens).toMatchObject({ recipients: 2, total: 3 });
    });

    test("fetched by a machine does not hide the reader's own opening", async () => {
      await get(delivery.paths(1).open(), { "user-agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)" });
      await get(delivery.paths(1).open());
      await server.close();
      expect((await events()).map((e) => e.class)).toEqual(["mail-proxy", "person"]);
      expect((await figures()).opens).toEqual({ recipients: 1, recipientsHuman: 1, total: 2, totalHuman: 1 });
    });
  });

  describe("who reacted", () => {
    test("is judged by address, header, timing and bait, and nothing is dropped", async () => {
      await get(delivery.paths(1).click(1, null));
      await get(delivery.paths(2).click(1, null), { "user-agent": "curl/8.14.1" });
      await get(delivery.paths(3).click(1, null), {}, "GET", "209.222.82.7");
      await get(delivery.paths(4).click(7, null));
      await get(delivery.paths(4).click(1, null));
      for (const link of [1, 8, 9]) await get(delivery.paths(5).click(link, null));
      await get(delivery.paths(6).open(), { "user-agent": "Mozilla/5.0" });
      await get(delivery.paths(7).click(1, null), {}, "GET", "::ffff:209.222.82.7");
      await server.close();
      expect((await events()).map((e) => `${e.seq} ${e.kind} ${e.class} ${e.signals}`).toSorted()).toEqual([
        "1 click person ",
        "2 click scanner user-agent",
        "3 click scanner rule:barracuda-network",
        "4 click scanner honeypot",
        "4 click scanner honeypot-nearby",
        "5 click scanner links-at-once",
        "5 click scanner links-at-once",
        "5 click scanner links-at-once",
        "6 open privacy-proxy rule:apple-mail-privacy user-agent",
        "7 click scanner rule:barracuda-network",
      ]);
      const { clicks, opens, byLink } = await figures();
      expect(clicks).toMatchObject({ recipients: 6, recipientsHuman: 1, total: 9, totalHuman: 1, personsHuman: 1 });
      expect(opens).toMatchObject({ recipients: 7, recipientsHuman: 1 });
      expect(byLink.map(({ number }) => number)).not.toContain(7);
    });

    test("right after sending is a program, whose click may come before the server's answer", async () => {
      const now = Date.now();
      const fresh = await createTrackedDelivery(database.db, {
        links: [{ url: SHOP }],
        messages: 2,
        startedAt: now,
        sentAt: now,
      });
      await get(fresh.paths(1).click(1, null));
      server.clock.ahead = 5000;
      await get(fresh.paths(2).click(1, null));
      await server.close();
      delivery = fresh;
      expect((await events()).map((e) => e.signals)).toEqual(["too-soon", ""]);
    });
  });

  test("the incumbent's example: John, Marie, Florian and Henry", async () => {
    const [, marie, florian, henry] = [1, 2, 3, 4].map((seq) => delivery.paths(seq));
    if (!marie || !florian || !henry) throw new Error("four recipients");
    const cookieOf = (answer: { cookies: { name: string; value: string }[] }) =>
      `other=1; envoi_p=${answer.cookies[0]?.value}; more=2`;
    await get(marie.open());
    await get(florian.open());
    const mine = cookieOf(await get(florian.click(1, null)));
    for (let i = 0; i < 8; i++) expect((await get(florian.click(1, null), { cookie: mine })).cookies).toEqual([]);
    // A friend to whom Florian forwarded it, in a browser of their own.
    await get(florian.open());
    const friends = cookieOf(await get(florian.click(1, null)));
    await get(florian.click(1, null), { cookie: friends });
    // Henry's browser keeps no cookies.
    await get(henry.open());
    for (let i = 0; i < 4; i++) await get(henry.click(1, null));
    await server.close();

    const { opens, clicks, reactivity, estimatedForwards, byLink, ...rest } = await figures();
    expect(opens).toMatchObject({ recipients: 3, recipientsHuman: 3 });
    expect(clicks).toMatchObject({
      recipients: 2,
      recipientsHuman: 2,
      total: 15,
      totalHuman: 15,
      persons: 6,
      personsHuman: 6,
    });
    expect(estimatedForwards).toBe(4);
    expect(((reactivity ?? 0) * 100).toFixed(2)).toBe("66.67");
    expect(rest).toMatchObject({ estimatedForwardsHuman: 4, reactivityHuman: reactivity });
    expect(byLink[0]).toEqual({
      number: 1,
      label: "Shop",
      category: "sales",
      url: SHOP,
      mode: "tracked",
      recipients: 2,
      recipientsHuman: 2,
      total: 15,
      totalHuman: 15,
    });
  });

  test("figures are those of the events themselves", async () => {
    const agents = [BROWSER, "curl/8.14.1", "Mozilla/5.0"];
    for (let i = 0; i < 300; i++) {
      const path = delivery.paths((i % 10) + 1);
      const headers = {
        "user-agent": agents[i % 3] ?? "",
        ...(i % 4 === 0 ? { cookie: `envoi_p=${"p".repeat(21)}${i % 8}` } : {}),
      };
      await get(i % 5 === 0 ? path.open() : path.click((i % 2) + 1, null), headers);
    }
    await server.close();
    const [counted] = await database.db.query(
      `select count(distinct (part_id, seq)) as opens, count(distinct (part_id, seq)) filter (where class = 'person') as "opensHuman",
              count(*) filter (where kind = 'open') as total,
              count(distinct (part_id, seq)) filter (where kind = 'click') as clicks,
              count(distinct (part_id, seq)) filter (where kind = 'click' and class = 'person') as "clicksHuman",
              count(*) filter (where kind = 'click' and class = 'person') as "clicksTotalHuman",
              count(distinct person) filter (where kind = 'click') as persons,
              count(distinct person) filter (where kind = 'click' and class = 'person') as "personsHuman",
              count(distinct (part_id, seq)) filter (where kind = 'click' and link = 2) as second
         from tracking_events where delivery_id = $1`,
      [delivery.deliveryId],
    );
    const { opens, clicks, byLink } = await figures();
    expect({
      opens: opens.recipients,
      opensHuman: opens.recipientsHuman,
      total: opens.total,
      clicks: clicks.recipients,
      clicksHuman: clicks.recipientsHuman,
      clicksTotalHuman: clicks.totalHuman,
      persons: clicks.persons,
      personsHuman: clicks.personsHuman,
      second: byLink[1]?.recipients,
    }).toEqual(counted);
    expect(clicks.personsHuman).toBeLessThan(clicks.persons);
  });

  test("visits of the pages are reactions, at their own links; a button pressed is a person's", async () => {
    const token = { deliveryId: delivery.deliveryId, partId: delivery.partId, seq: 3, inert: false };
    await server.tracker.recordReaction({ token, kind: "opt-out", request: null, reply: null });
    await server.tracker.recordReaction({ token: { ...token, seq: 4 }, kind: "mirror", request: null, reply: null });
    await get(delivery.paths(5).click(6, null));
    await server.close();
    const { opens, clicks, mirrorViews, optOuts, byLink } = await figures();
    expect(opens).toMatchObject({ recipients: 3, recipientsHuman: 3, total: 0 });
    expect(clicks.recipients).toBe(0);
    expect(mirrorViews).toEqual({ recipients: 1, recipientsHuman: 1, total: 1, totalHuman: 1 });
    expect(optOuts).toMatchObject({ recipients: 2, total: 2 });
    expect(byLink.map(({ number, total }) => [number, total]).filter(([, total]) => total)).toEqual([
      [4, 1],
      [5, 1],
      [6, 1],
    ]);
  });

  test("a message tells what its recipient did, newest first", async () => {
    await get(delivery.paths(1).open());
    server.clock.ahead = 1000;
    await get(delivery.paths(1).click(3, "https://x.example/?c=7"));
    await server.close();
    const reactions = await loadReactions(database.db, { partId: delivery.partId, seq: 1 });
    expect(reactions).toMatchObject([
      { kind: "click", class: "person", link: { number: 3, label: "Code" }, userAgent: BROWSER },
      { kind: "open", class: "person", link: null },
    ]);
    expect(await loadReactions(database.db, { partId: delivery.partId, seq: 2 })).toEqual([]);
  });

  test("a cookie is for one purpose, and goes over TLS only where there is TLS", async () => {
    const plain = (await get(delivery.paths(1).open())).headers["set-cookie"];
    expect(plain).toMatch(/^envoi_p=[\w-]{22}; Path=\/; Max-Age=34128000; HttpOnly; SameSite=Lax$/);
    const strange = await get(delivery.paths(1).open(), { cookie: "envoi_p='; drop table x; envoi_p=short" });
    expect(strange.headers["set-cookie"]).toMatch(/^envoi_p=[\w-]{22};/);
    const tls = await startTrackingServer(database.db, dir, "https://news.shop.example");
    const answer = await tls.app.inject({ method: "GET", url: delivery.paths(1).open() });
    expect(answer.headers["set-cookie"]).toMatch(/; Secure$/);
    await tls.close();
  });

  test("headers of any size and kind are stored or refused, never broken", async () => {
    await get(delivery.paths(1).click(1, null), { "user-agent": "x".repeat(9000) });
    await get(delivery.paths(2).click(1, null), { "user-agent": "\u00e9\u00ff'\"\\ %s $1 {}" });
    await get(delivery.paths(3).click(1, null), { cookie: `${";".repeat(7000)}envoi_p=` });
    await server.close();
    expect(await events()).toHaveLength(3);
  });

  test("a delivery that starts while the server runs is known before anybody asks", async () => {
    const next = await createTrackedDelivery(database.db, {
      links: [{ url: SHOP }],
      messages: 1,
      startedAt: Date.now(),
    });
    expect((await get(next.paths(1).click(1, null))).statusCode).toBe(302);
    // What it was when it was read first is replaced when it is announced.
    await database.db.query(
      "update deliveries set manifest = jsonb_set(manifest, '{links,0,url}', '\"https://shop.example/new\"') where id = $1",
      [next.deliveryId],
    );
    await database.db.query("select pg_notify('envoi_control', $1)", [String(next.deliveryId)]);
    await expect
      .poll(async () => (await get(next.paths(1).click(1, null))).headers.location)
      .toBe("https://shop.example/new");
  });

  test("nothing is left on the disk when all is stored; events of dropped partitions are let go", async () => {
    await get(
      `/r/${mintToken(KEY, { kind: "click", deliveryId: delivery.deliveryId, partId: 4_000_000, seq: 1, link: 1, url: null, inert: false })}`,
    );
    await get(delivery.paths(1).click(1, null));
    await server.close();
    expect(readdirSync(join(dir, "tracking"))).toEqual([]);
    expect(await events()).toHaveLength(1);
    expect((await figures()).clicks.total).toBe(1);
  });

  test("what is forgotten with its delivery is who clicked, not how many", async () => {
    await get(delivery.paths(1).click(1, null));
    await server.close();
    await database.db.query("update deliveries set finished_at = now() - interval '2 days' where id = $1", [
      delivery.deliveryId,
    ]);
    expect(await forgetPersons(database.db, Date.now() - DAY)).toBe(2);
    expect((await figures()).clicks.persons).toBe(1);
  });

  test("metrics say what was counted, what waits and what was lost", async () => {
    await get(delivery.paths(1).click(1, null));
    const metrics = createMetrics();
    registerTrackingMetrics(metrics, database.db, server.tracker);
    expect(await metrics.render()).toContain("envoi_tracking_events_waiting 1");
    await server.close();
    const text = await metrics.render();
    expect(text).toMatch(/envoi_reactions\{kind="click",by="person"\} \d+/);
    expect(text).toContain("envoi_tracking_events_lost 0");
  });
});
