/** The unsubscribe pages as recipients and scanners see them, over the real server: looking changes nothing. */
import { selectAll } from "css-select";
import type { AnyNode, Element } from "domhandler";
import { parseDocument } from "htmlparser2";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { AT, createPublicPages, seedMessages, type PublicPages } from "../../../test/public-pages.ts";
import { registerUnsubscribeRoutes } from "./index.ts";

let web: PublicPages;
beforeAll(async () => {
  web = await createPublicPages({ pages: registerUnsubscribeRoutes });
});
afterAll(() => web.close());
beforeEach(async () => {
  web.clock.at = AT;
  web.noted.length = 0;
  web.recognised.by = [];
  await web.db.query("delete from unsubscriptions");
  await web.db.query("delete from recipients");
  await web.db.query("delete from platform_settings");
});

const ONE_CLICK = {
  headers: { "content-type": "application/x-www-form-urlencoded" },
  payload: "List-Unsubscribe=One-Click",
};

async function changes() {
  const listed = await web.db.query("select address from recipients where denylisted_at is not null");
  return [...listed, ...(await web.db.query("select * from unsubscriptions")), ...web.noted];
}

describe("looking", () => {
  test("GET, HEAD and looking ahead change nothing, however often", async () => {
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
    expect(await changes()).toEqual([]);
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

describe("links that do nothing", () => {
  test("a link of a proof says so", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const url = urls(0, "preview").unsubscribe();
    const page = await web.visit("GET", url);
    expect(page.status).toBe(200);
    expect(page.body).toContain("This link is not active yet");
    expect((await web.visit("POST", url, ONE_CLICK)).status).toBe(409);
    expect((await web.visit("POST", `${url}/undo`)).status).toBe(409);
    expect(await changes()).toEqual([]);
  });

  test("an archive unsubscribes nobody and takes back nobody's choice; it is recorded as what it is", async () => {
    const { urls, partId } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    const cases = [
      [urls(0, "copy").unsubscribe(), [], "archive-token"],
      [urls(0).unsubscribe(), ["archive-network"], "archive-network"],
      [urls(0).unsubscribe(), ["archive-time"], "archive-time"],
    ] as const;
    for (const [url, by, signal] of cases) {
      web.recognised.by = by;
      for (const form of [ONE_CLICK, {}]) {
        const answer = await web.visit("POST", url, form);
        expect(answer.status).toBe(409);
        expect(answer.body).toContain("Nothing was changed");
        expect(answer.body).not.toContain("<form");
        expect(web.noted.splice(0)).toEqual([{ kind: "opt-out", partId, seq: 0, archive: [signal] }]);
      }
      expect(await changes()).toEqual([]);
    }
    web.recognised.by = [];
    await web.visit("POST", urls(0).unsubscribe());
    web.recognised.by = ["archive-network"];
    expect((await web.visit("POST", `${urls(0).unsubscribe()}/undo`)).status).toBe(409);
    expect((await web.visit("POST", `${urls(0, "copy").unsubscribe()}/undo`)).status).toBe(409);
    expect(await web.db.query("select 1 from recipients where denylisted_at is not null")).toHaveLength(1);
    expect(web.noted).toEqual([{ kind: "opt-out", partId, seq: 0 }]);
  });

  test("a look from an archive shows what the recipient would see, or what an inert copy is", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    web.recognised.by = ["archive-network"];
    expect((await web.visit("GET", urls(0).unsubscribe())).body).toContain("<button");
    const copy = await web.visit("GET", urls(0, "copy").unsubscribe(), { headers: { "accept-language": "fr" } });
    expect([copy.status, copy.body.includes("Rien n’a été modifié")]).toEqual([200, true]);
    expect(await changes()).toEqual([]);
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
    expect(await changes()).toEqual([]);
  });

  test("an address too long, or that of an answer to a form, gets a page", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    for (const each of [`${urls(0).unsubscribe()}/undo`, `/u/${"A".repeat(9000)}`, "/u/a/b/c"]) {
      const { status, headers } = await web.visit("GET", each);
      expect([status, headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    }
    expect(await changes()).toEqual([]);
  });

  test("a message that is no more", async () => {
    const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
    for (const method of ["GET", "POST"] as const) {
      expect((await web.visit(method, urls(7).unsubscribe())).status).toBe(404);
    }
    expect(await changes()).toEqual([]);
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
