/** Unsubscribing as recipients, mail programs and scanners do it, over the real server. */
import { selectAll } from "css-select";
import type { AnyNode, Element } from "domhandler";
import { parseDocument } from "htmlparser2";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { AT, createPublicPages, seedMessages, type PublicPages } from "../../../test/public-pages.ts";
import { denylist } from "../audience/index.ts";
import { registerUnsubscribeRoutes, registerUnsubscriptionApi } from "./index.ts";

let web: PublicPages;
beforeAll(async () => {
  web = await createPublicPages({ pages: registerUnsubscribeRoutes, api: registerUnsubscriptionApi });
});
afterAll(() => web.close());
beforeEach(async () => {
  web.clock.at = AT;
  web.noted.length = 0;
  await web.db.query("delete from unsubscriptions");
  await web.db.query("delete from recipients");
  await web.db.query("delete from platform_settings");
});

const ONE_CLICK = {
  headers: { "content-type": "application/x-www-form-urlencoded" },
  payload: "List-Unsubscribe=One-Click",
};

/** What is denylisted, and all unsubscriptions. */
async function standing() {
  const listed = await web.db.query<{ address: string; denylist_reason: string }>(
    "select address, denylist_reason from recipients where denylisted_at is not null order by address",
  );
  const rows = await web.db.query<{ source: string; repeats: number; denylisted: boolean; undone: boolean }>(
    "select source, repeats, denylisted, undone_at is not null as undone from unsubscriptions order by id",
  );
  return { listed: listed.map((row) => `${row.address} ${row.denylist_reason}`), rows };
}

describe("looking", () => {
  test("GET, HEAD, OPTIONS and looking ahead change nothing, however often", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const url = urls(0).unsubscribe();
    for (const headers of [
      {},
      { "sec-purpose": "prefetch;prerender" },
      { purpose: "prefetch" },
      { "x-moz": "prefetch" },
    ]) {
      expect((await web.visit("GET", url, { headers })).status).toBe(200);
      expect((await web.visit("HEAD", url, { headers })).status).toBe(200);
    }
    await web.visit("GET", `${url}?List-Unsubscribe=One-Click`);
    await web.visit("GET", `${url}/undo`);
    expect(await standing()).toEqual({ listed: [], rows: [] });
    expect(web.noted).toEqual([]);
  });

  test("the page names the organisation, shows the address partly and has one button", async () => {
    await saveSettings({ organisation: "Café & Söhne", logoUrl: "https://img.example/logo.png" });
    const { urls } = await seedMessages(web.db, [{ address: "john.smith@one.example" }]);
    const page = await web.visit("GET", urls(0).unsubscribe());
    expect(page.body).toContain("j•••h@one.example");
    expect(page.body).not.toContain("john.smith");
    expect(page.body).toContain('alt="Café &#38; Söhne"');
    expect(page.body.match(/<button/g)).toHaveLength(1);
    expect(page.body).toContain('<form method="post">');
    expect(page.body).not.toMatch(/<script/i);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "x-robots-tag": "noindex, nofollow",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    expect(page.headers["set-cookie"]).toBeUndefined();
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("img-src https://img.example");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
  });

  test.each([
    ["the visitor's", "fr-FR,fr;q=0.9,en;q=0.8", { language: "es" }, {}, "en", "fr", "Se désabonner"],
    ["the best of the visitor's", "de, en;q=0.3, es;q=0.7", {}, {}, "fr", "es", "Darse de baja"],
    ["the recipient's", undefined, { language: "fr_CA" }, {}, "es", "fr", "Se désabonner"],
    ["the recipient's, by its short name", "de", { lang: "ES" }, {}, "fr", "es", "Darse de baja"],
    ["that of the message", undefined, {}, { language: "es" }, "fr", "es", "Darse de baja"],
    ["the platform's", "de", { language: 7 }, {}, "fr", "fr", "Se désabonner"],
    ["not one that is refused", "fr;q=0", {}, {}, "en", "en", "Unsubscribe"],
  ])("the language is %s", async (_name, accept, attributes, vars, platform, language, title) => {
    await saveSettings({ language: platform });
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example", attributes, vars }]);
    const headers = accept === undefined ? {} : { "accept-language": accept };
    const page = await web.visit("GET", urls(0).unsubscribe(), { headers });
    expect(page.body).toContain(`<html lang="${language}">`);
    expect(page.body).toContain(`<h1>${title}</h1>`);
    expect(page.headers["content-language"]).toBe(language);
  });

  test("hostile names, addresses and attributes stay text", async () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='x'>&amp;`;
    await saveSettings({ organisation: evil, logoUrl: 'https://img.example/a";onerror="x' });
    const { urls } = await seedMessages(web.db, [
      { address: `"<script>@b"@one.example`, attributes: { language: evil }, vars: { language: evil } },
    ]);
    for (const [method, path] of [
      ["GET", ""],
      ["POST", ""],
      ["GET", ""],
      ["POST", "/undo"],
    ] as const) {
      const { status, body } = await web.visit(method, urls(0).unsubscribe() + path);
      expect(status).toBe(200);
      const elements = selectAll<AnyNode, Element>("*", parseDocument(body));
      const known = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "img",
        "main",
        "h1",
        "p",
        "bdi",
        "form",
        "button",
      ];
      expect(elements.filter((each) => !known.includes(each.name))).toEqual([]);
      const images = elements.filter((each) => each.name === "img");
      expect(images.map((image) => Object.keys(image.attribs))).toEqual([["src", "alt", "class"]]);
      expect(images[0]?.attribs["alt"]).toBe(evil);
    }
  });
});

describe("acting", () => {
  test.each([
    ["the page's form", { headers: { "content-type": "application/x-www-form-urlencoded" }, payload: "" }, "page"],
    ["no body at all", {}, "page"],
    ["one-click, urlencoded", ONE_CLICK, "one-click"],
    [
      "one-click, urlencoded with a charset",
      { ...ONE_CLICK, headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" } },
      "one-click",
    ],
    [
      "one-click, multipart",
      {
        headers: { "content-type": "multipart/form-data; boundary=b" },
        payload: '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
      },
      "one-click",
    ],
    ["JSON that is none", { headers: { "content-type": "application/json" }, payload: "{" }, "page"],
    ["bytes that are no text", { headers: { "content-type": "image/png" }, payload: Buffer.from([0, 255, 0]) }, "page"],
  ])("POST with %s unsubscribes at once", async (_name, options, source) => {
    const { urls, partId } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const answer = await web.visit("POST", urls(0).unsubscribe(), options);
    expect(answer.status).toBe(200);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["location"]).toBeUndefined();
    expect(await standing()).toEqual({
      listed: ["ada@one.example unsubscribed"],
      rows: [{ source, repeats: 0, denylisted: true, undone: false }],
    });
    expect(web.noted).toEqual([{ kind: "opt-out", partId, seq: 0 }]);
  });

  test("only that address", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }, { address: "bob@one.example" }]);
    await web.visit("POST", urls(1).unsubscribe(), ONE_CLICK);
    expect((await standing()).listed).toEqual(["bob@one.example unsubscribed"]);
  });

  test("again and again is once; the first source and time stay", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    await web.visit("POST", urls(0).unsubscribe(), ONE_CLICK);
    web.clock.at += 60_000;
    const again = await web.visit("POST", urls(0).unsubscribe());
    expect(again.status).toBe(200);
    expect((await standing()).rows).toEqual([{ source: "one-click", repeats: 1, denylisted: true, undone: false }]);
    expect(await web.db.query("select at, last_at from unsubscriptions")).toEqual([{ at: AT, last_at: AT + 60_000 }]);
    expect(await web.db.query("select denylisted_at from recipients")).toEqual([{ denylisted_at: AT }]);
    expect(web.noted).toHaveLength(1);
  });

  test("twenty at the same moment are one", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => web.visit("POST", urls(0).unsubscribe(), i % 2 ? ONE_CLICK : {})),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const { listed, rows } = await standing();
    expect(listed).toEqual(["ada@one.example unsubscribed"]);
    expect(rows).toMatchObject([{ repeats: 19, denylisted: true, undone: false }]);
    expect(web.noted).toHaveLength(1);
  });

  test("a recipient who was deleted, or moved to another address, is known by the address of the message", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "Gone@one.example" }]);
    await web.db.query("delete from recipients");
    await web.visit("POST", urls(0).unsubscribe(), ONE_CLICK);
    expect((await standing()).listed).toEqual(["Gone@one.example unsubscribed"]);
  });

  test("who is denylisted already keeps the first reason, and the wish is kept too", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    await denylist(web.db, { address: "ada@one.example", reason: "complained", at: AT - 1 });
    expect((await web.visit("GET", urls(0).unsubscribe())).body).toContain("You are already unsubscribed");
    await web.visit("POST", urls(0).unsubscribe());
    expect(await standing()).toEqual({
      listed: ["ada@one.example complained"],
      rows: [{ source: "page", repeats: 0, denylisted: false, undone: false }],
    });
  });

  test("a large body is refused and changes nothing", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const answer = await web.visit("POST", urls(0).unsubscribe(), { ...ONE_CLICK, payload: "x".repeat(8193) });
    expect(answer.status).toBe(413);
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(await standing()).toEqual({ listed: [], rows: [] });
  });
});

describe("links that do nothing", () => {
  test("a link of a proof says so", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const url = urls(0, true).unsubscribe();
    const page = await web.visit("GET", url);
    expect(page.status).toBe(200);
    expect(page.body).toContain("This link is not active yet");
    expect((await web.visit("POST", url, ONE_CLICK)).status).toBe(409);
    expect((await web.visit("POST", `${url}/undo`)).status).toBe(409);
    expect(await standing()).toEqual({ listed: [], rows: [] });
  });

  test("altered, foreign and cut links, those of other pages, and NUL are not valid", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const url = urls(0).unsubscribe();
    const altered = url.slice(0, -1) + (url.endsWith("A") ? "B" : "A");
    const other = urls(0).mirror().replace("/m/", "/u/");
    for (const each of [
      altered,
      url.slice(0, -3),
      other,
      "/u/x",
      "/u/%00",
      "/u/%F0%9F%92%A9",
      `/u/${"A".repeat(1900)}`,
    ]) {
      for (const method of ["GET", "POST"] as const) {
        const answer = await web.visit(method, each);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
        expect(answer.headers["x-robots-tag"]).toBe("noindex, nofollow");
      }
      expect((await web.visit("POST", `${each}/undo`)).status).toBeGreaterThanOrEqual(400);
    }
    expect(await standing()).toEqual({ listed: [], rows: [] });
  });

  test("a message that is no more", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    for (const method of ["GET", "POST"] as const) {
      expect((await web.visit(method, urls(7).unsubscribe())).status).toBe(404);
    }
    expect(await standing()).toEqual({ listed: [], rows: [] });
  });
});

describe("taking it back", () => {
  test("mail goes on, and the row tells both", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const url = urls(0).unsubscribe();
    const done = await web.visit("POST", url);
    const action = /action="([^"]+)"/.exec(done.body)?.[1] ?? "";
    const undone = await web.visit("POST", new URL(action, url).href);
    expect(undone.body).toContain("You are subscribed again");
    expect(await standing()).toEqual({
      listed: [],
      rows: [{ source: "page", repeats: 0, denylisted: true, undone: true }],
    });
    expect((await web.visit("GET", url)).body).toContain("<form");
  });

  test("twice is once, and unsubscribing again is a new row", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const url = urls(0).unsubscribe();
    await web.visit("POST", url);
    await Promise.all([web.visit("POST", `${url}/undo`), web.visit("POST", `${url}/undo`)]);
    web.clock.at += 1000;
    await web.visit("POST", url, ONE_CLICK);
    const { listed, rows } = await standing();
    expect(listed).toEqual(["ada@one.example unsubscribed"]);
    expect(rows.map((row) => row.undone)).toEqual([true, false]);
  });

  test("a complaint or an operator's entry stays", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    await denylist(web.db, { address: "ada@one.example", reason: "complained", at: AT - 1 });
    await web.visit("POST", urls(0).unsubscribe());
    const page = await web.visit("POST", `${urls(0).unsubscribe()}/undo`);
    expect(page.body).toContain("You are still unsubscribed");
    expect((await standing()).listed).toEqual(["ada@one.example complained"]);
  });

  test("another message's unsubscription stays; when both are taken back, mail goes on", async () => {
    const one = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const two = await seedMessages(web.db, [{ address: "ADA@one.example" }]);
    await web.visit("POST", one.urls(0).unsubscribe());
    web.clock.at += 1000;
    await web.visit("POST", two.urls(0).unsubscribe());
    const first = await web.visit("POST", `${one.urls(0).unsubscribe()}/undo`);
    expect(first.body).toContain("You are still unsubscribed");
    expect((await standing()).listed).toHaveLength(1);
    const second = await web.visit("POST", `${two.urls(0).unsubscribe()}/undo`);
    expect(second.body).toContain("You are subscribed again");
    expect((await standing()).listed).toEqual([]);
  });

  test("who never unsubscribed is told that mail goes on", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    expect((await web.visit("POST", `${urls(0).unsubscribe()}/undo`)).body).toContain("You are subscribed again");
    expect(await standing()).toEqual({ listed: [], rows: [] });
  });
});

describe("operators", () => {
  test("see who unsubscribed, newest first, in pages, by address", async () => {
    const { urls, deliveryId, partId } = await seedMessages(web.db, [
      { address: "ada@one.example" },
      { address: "bob@one.example" },
    ]);
    await web.visit("POST", urls(0).unsubscribe(), ONE_CLICK);
    await web.visit("POST", urls(1).unsubscribe());
    await web.visit("POST", `${urls(1).unsubscribe()}/undo`);
    const at = new Date(AT).toISOString();
    const ada = {
      address: "ada@one.example",
      at,
      source: "one-click",
      scope: "e-mail",
      deliveryId: String(deliveryId),
      messageKey: `${partId}-0`,
      denylisted: true,
      repeats: 0,
      lastAt: at,
      undoneAt: null,
    };
    const first = (await web.ask("GET", "/api/v1/unsubscriptions?limit=1")).json() as {
      data: unknown[];
      nextCursor: string;
    };
    expect(first.data).toMatchObject([{ address: "bob@one.example", source: "page", undoneAt: at }]);
    expect((await web.ask("GET", `/api/v1/unsubscriptions?cursor=${first.nextCursor}`)).json()).toEqual({
      data: [ada],
      nextCursor: null,
    });
    expect((await web.ask("GET", "/api/v1/unsubscriptions?address=ADA@ONE.example")).json()).toMatchObject({
      data: [ada],
    });
    expect((await web.ask("GET", "/api/v1/unsubscriptions?address=nobody")).json()).toEqual({
      data: [],
      nextCursor: null,
    });
    expect((await web.ask("GET", "/api/v1/unsubscriptions?cursor=x")).status).toBe(422);
    expect((await web.visit("GET", "/api/v1/unsubscriptions")).status).toBe(401);
  });
});

test("while the database is away, a page says so and when to come back", async () => {
  const broken = () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
  const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
  const away = await createPublicPages({
    pages: (app, deps) => {
      const db = { ...deps.db, query: broken, transaction: broken };
      registerUnsubscribeRoutes(app, { ...deps, db });
    },
  });
  try {
    for (const [method, options] of [
      ["GET", {}],
      ["POST", ONE_CLICK],
    ] as const) {
      const answer = await away.visit(method, urls(0).unsubscribe(), options);
      expect(answer.status).toBe(503);
      expect(answer.headers["retry-after"]).toBe("60");
      expect(answer.body).toContain("Please try again in a minute");
    }
  } finally {
    await away.close();
  }
});

async function saveSettings(settings: object): Promise<void> {
  await web.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
    JSON.stringify(settings),
  ]);
}
