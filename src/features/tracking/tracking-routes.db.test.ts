import { expect, describe, test } from "vitest";

import { SHOP, useTracking } from "../../../test/tracking-fixture.ts";
import { createTrackedDelivery, KEY, startTrackingServer } from "../../../test/tracking-rig.ts";
import { DAY } from "../../core/time.ts";
import { mintToken } from "../../core/tracking/token.ts";

describe("public paths of tracking", () => {
  const t = useTracking();

  describe("a link", () => {
    test("leads to its URL, letter for letter, and is told to nobody", async () => {
      const answer = await t.get(t.delivery.paths(1).click(1, null));
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
      const answer = await t.get(t.delivery.paths(1).click(2, null));
      expect(answer.headers.location).toBe("https://xn--bcher-kva.example/stra%C3%9Fe?stadt=K%C3%B6ln#gr%C3%B6%C3%9Fe");
    });

    test("that is personalised carries its URL itself, up to a thousand letters", async () => {
      for (const url of ["https://x.example/?c=a%2Fb&d=%C3%BC#x", `https://x.example/?${"c".repeat(1300)}`]) {
        expect((await t.get(t.delivery.paths(1).click(3, url))).headers.location).toBe(url);
      }
    });

    test("31: that was altered, cut or made by others leads nowhere", async () => {
      const path = t.delivery.paths(1).click(1, null);
      const foreign = t.delivery.paths(1, { key: { id: 1, words: [1, 2, 3, 4] } }).click(3, "https://evil.example/");
      const altered = [
        path.slice(0, -1) + (path.endsWith("A") ? "B" : "A"),
        path.slice(0, -1),
        `${path}A`,
        `${path}=`,
        foreign,
        t.delivery.paths(1).open().replace("/o/", "/r/"),
        t.delivery.paths(1).mirror().replace("/m/", "/r/"),
        "/r/x",
        "/r/%00",
        "/r/https%3A%2F%2Fevil.example",
        `/r/${"A".repeat(1999)}`,
      ];
      for (const each of altered) {
        const answer = await t.get(each);
        expect(answer.statusCode, each).toBe(400);
        expect(answer.headers.location).toBeUndefined();
        expect(answer.headers["content-type"]).toContain("text/html");
      }
      for (const each of [
        `/r/${"A".repeat(15_000)}`,
        "/r/",
        "/r//evil.example",
        "/r/..%2f..%2fx/y",
        `/o/${"A".repeat(3000)}`,
      ]) {
        expect((await t.get(each)).statusCode, each.slice(0, 50)).toBe(400);
      }
      await t.server.close();
      expect(await t.events()).toEqual([]);
    });

    test("takes no address from the request", async () => {
      const path = t.delivery.paths(1).click(1, null);
      for (const query of ["?url=https://evil.example", "?https://evil.example", "?next=//evil.example"]) {
        const answer = await t.get(path + query, { host: "evil.example", "x-forwarded-host": "evil.example" });
        expect(answer.headers.location).toBe(SHOP);
      }
    });

    test("whose URL would break the header or leave the web leads nowhere or stays in the header", async () => {
      const token = (url: string) =>
        `/r/${mintToken(KEY, { kind: "click", deliveryId: t.delivery.deliveryId, partId: 1, seq: 1, link: 3, url, mark: "live" })}`;
      for (const url of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a\\@evil.example", ""]) {
        expect((await t.get(token(url))).statusCode, url).toBe(404);
      }
      const answer = await t.get(token("https://x.example/\r\nSet-Cookie: admin=1\r\n\r\n<script>"));
      expect(answer.headers.location).toBe("https://x.example/Set-Cookie:%20admin=1<script>");
      expect(answer.cookies.map(({ name }) => name)).toEqual(["envoi_p"]);
    });

    test("of an unknown number or delivery is told as a page, in the visitor's language", async () => {
      const answer = await t.get(t.delivery.paths(1).click(99, null), { "accept-language": "fr" });
      expect(answer.statusCode).toBe(404);
      expect(answer.headers["content-language"]).toBe("fr");
      const elsewhere = mintToken(KEY, {
        kind: "click",
        deliveryId: 999_999,
        partId: 1,
        seq: 1,
        link: 1,
        url: null,
        mark: "live",
      });
      expect((await t.get(`/r/${elsewhere}`)).statusCode).toBe(404);
    });

    test("is not for other methods", async () => {
      const answer = await t.server.app.inject({ method: "POST", url: t.delivery.paths(1).click(1, null) });
      expect(answer.statusCode).toBe(404);
      await t.server.close();
      expect(await t.events()).toEqual([]);
    });
  });

  describe("a link whose time is over", () => {
    test("says so in a page, and counts nothing", async () => {
      t.server.clock.ahead = 181 * DAY;
      const answer = await t.get(t.delivery.paths(1).click(1, null), { "accept-language": "es" });
      expect(answer.statusCode).toBe(410);
      expect(answer.body).toContain("Este enlace ha caducado");
      expect((await t.get(t.delivery.paths(1).click(3, "https://x.example/"))).statusCode).toBe(410);
      await t.server.close();
      expect(await t.events()).toEqual([]);
    });

    test("leads to the substitute when there is one", async () => {
      const other = await createTrackedDelivery(t.database.db, {
        links: [{ url: SHOP }],
        messages: 1,
        startedAt: Date.now() - 2 * DAY,
        tracking: { validity: "1d", expiredUrl: "https://shop.example/over?é" },
      });
      const answer = await t.get(other.paths(1).click(1, null));
      expect([answer.statusCode, answer.headers.location]).toEqual([302, "https://shop.example/over?%C3%A9"]);
    });
  });

  describe("what is not counted", () => {
    test("HEAD, looking ahead and proofs: the answer is the same, no cookie is set", async () => {
      const live = t.delivery.paths(1);
      const proof = t.delivery.paths(1, { mark: "preview" });
      const answers = [
        await t.get(live.click(1, null), {}, "HEAD"),
        await t.get(live.click(1, null), { "sec-purpose": "prefetch;prerender" }),
        await t.get(live.click(1, null), { purpose: "prefetch" }),
        await t.get(live.click(1, null), { "x-moz": "prefetch" }),
        await t.get(proof.click(1, null)),
        await t.get(proof.click(3, SHOP)),
      ];
      for (const answer of answers) {
        expect([answer.statusCode, answer.headers.location]).toEqual([302, SHOP]);
        expect(answer.headers["set-cookie"]).toBeUndefined();
      }
      for (const answer of [await t.get(live.open(), {}, "HEAD"), await t.get(proof.open())]) {
        expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "image/gif"]);
      }
      await t.server.tracker.recordReaction({
        token: { deliveryId: t.delivery.deliveryId, partId: t.delivery.partId, seq: 1, mark: "preview" },
        kind: "mirror",
        request: null,
        reply: null,
      });
      await t.server.close();
      expect(await t.events()).toEqual([]);
    });
  });

  describe("the pixel", () => {
    test("is a picture of 43 bytes that nobody keeps and every page may show", async () => {
      const answer = await t.get(t.delivery.paths(1).open());
      expect(answer.statusCode).toBe(200);
      expect(answer.rawPayload).toHaveLength(43);
      expect(answer.rawPayload.subarray(0, 6).toString("latin1")).toBe("GIF89a");
      expect(answer.headers).toMatchObject({
        "content-type": "image/gif",
        "content-length": "43",
        "cache-control": "no-store",
        "cross-origin-resource-policy": "cross-origin",
      });
      expect((await t.get("/o/AAAA")).statusCode).toBe(400);
    });

    test("22: opened twice within a minute counts once, in one batch and across batches and processes", async () => {
      const path = t.delivery.paths(1).open();
      await t.get(path);
      t.server.clock.ahead += 59_000;
      await t.get(path);
      await t.server.close();
      expect(await t.events()).toHaveLength(1);
      const first = t.server;
      t.server = await startTrackingServer(t.database.db, t.dir);
      t.server.clock.ahead = first.clock.ahead;
      await t.get(path);
      t.server.clock.ahead += 2000;
      await t.get(path);
      await t.get(t.delivery.paths(2).open());
      await t.server.close();
      expect((await t.figures()).opens).toMatchObject({ recipients: 2, total: 3 });
    });

    test("fetched by a machine does not hide the reader's own opening", async () => {
      await t.get(t.delivery.paths(1).open(), { "user-agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)" });
      await t.get(t.delivery.paths(1).open());
      await t.server.close();
      expect((await t.events()).map((e) => e.class)).toEqual(["mail-proxy", "person"]);
      expect((await t.figures()).opens).toEqual({ recipients: 1, recipientsHuman: 1, total: 2, totalHuman: 1 });
    });
  });

  test("a cookie is for one purpose, and goes over TLS only where there is TLS", async () => {
    const plain = (await t.get(t.delivery.paths(1).open())).headers["set-cookie"];
    expect(plain).toMatch(/^envoi_p=[\w-]{22}; Path=\/; Max-Age=34128000; HttpOnly; SameSite=Lax$/);
    const strange = await t.get(t.delivery.paths(1).open(), { cookie: "envoi_p='; drop table x; envoi_p=short" });
    expect(strange.headers["set-cookie"]).toMatch(/^envoi_p=[\w-]{22};/);
    const tls = await startTrackingServer(t.database.db, t.dir, "https://news.shop.example");
    const answer = await tls.app.inject({ method: "GET", url: t.delivery.paths(1).open() });
    expect(answer.headers["set-cookie"]).toMatch(/; Secure$/);
    await tls.close();
  });

  test("headers of any size and kind are stored or refused, never broken", async () => {
    await t.get(t.delivery.paths(1).click(1, null), { "user-agent": "x".repeat(9000) });
    await t.get(t.delivery.paths(2).click(1, null), { "user-agent": "\u00e9\u00ff'\"\\ %s $1 {}" });
    await t.get(t.delivery.paths(3).click(1, null), { cookie: `${";".repeat(7000)}envoi_p=` });
    await t.server.close();
    expect(await t.events()).toHaveLength(3);
  });

  test("a delivery that starts while the server runs is known before anybody asks", async () => {
    const next = await createTrackedDelivery(t.database.db, {
      links: [{ url: SHOP }],
      messages: 1,
      startedAt: Date.now(),
    });
    expect((await t.get(next.paths(1).click(1, null))).statusCode).toBe(302);
    // What it was when it was read first is replaced when it is announced.
    await t.database.db.query(
      "update deliveries set manifest = jsonb_set(manifest, '{links,0,url}', '\"https://shop.example/new\"') where id = $1",
      [next.deliveryId],
    );
    await t.database.db.query("select pg_notify('envoi_control', $1)", [String(next.deliveryId)]);
    await expect
      .poll(async () => (await t.get(next.paths(1).click(1, null))).headers.location)
      .toBe("https://shop.example/new");
  });
});
