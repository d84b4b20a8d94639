/** Mirror pages as recipients and operators open them, over the real server. The renderer stands in for the MTA's. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { AT, createPublicPages, seedMessages, type PublicPages } from "../../../test/public-pages.ts";
import { DAY } from "../../core/time.ts";
import type { TokenMark } from "../../core/tracking/token.ts";
import { saveFile } from "../files/index.ts";
import { registerMirrorApi, registerMirrorRoutes, type RenderMirror } from "./index.ts";

const LINKED = { html: '<a href="{{ message.mirror_url }}">' };
/** Odd on purpose: nothing may be repaired on its way. */
const MAIL =
  "<HTML><body bgcolor=white>\r\n<p>Zoë \u{1f600}<br>\0<!--[if mso]>x<![endif]--><script>alert(1)</script></P>";

let web: PublicPages;
let asked: string[] = [];
type Rendered = Awaited<ReturnType<RenderMirror>>;
let answer: Rendered;
const renderMessage: RenderMirror = async ({ deliveryId, partId, seq }, tokens) => {
  asked.push(`${deliveryId} ${partId}-${seq} ${tokens}`);
  return answer;
};

function answerWith(next: Rendered): void {
  answer = next;
}

function passTime(duration: number): void {
  web.clock.at = AT + duration;
}

beforeAll(async () => {
  web = await createPublicPages({
    pages: (app, deps) => registerMirrorRoutes(app, { ...deps, renderMessage }),
    api: (api, deps) => registerMirrorApi(api, { ...deps, renderMessage }),
  });
});
afterAll(() => web.close());
beforeEach(() => {
  web.clock.at = AT;
  web.noted.length = 0;
  asked = [];
  answer = { kind: "rendered", html: MAIL };
});

const seed = (settings: object = {}, manifest: object = LINKED) =>
  seedMessages(web.db, [{ address: "ada@one.example", attributes: { language: "fr" } }], { settings, manifest });

describe("the public page", () => {
  test("is the mail's HTML byte for byte, rendered for that recipient, and counts as a visit", async () => {
    const { urls, deliveryId, partId } = await seed();
    const page = await web.visit("GET", urls(0).mirror());
    expect(page.status).toBe(200);
    expect(page.body).toBe(MAIL);
    expect(page.headers["content-length"]).toBe(String(Buffer.byteLength(MAIL)));
    expect(asked).toEqual([`${deliveryId} ${partId}-0 live`]);
    expect(web.noted).toEqual([{ kind: "mirror", partId, seq: 0 }]);
  });

  test("runs nothing, is not found by search engines and gets no cookie", async () => {
    const { urls } = await seed();
    const { headers } = await web.visit("GET", urls(0).mirror());
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "x-robots-tag": "noindex, nofollow",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    expect(headers["set-cookie"]).toBeUndefined();
    const policy = String(headers["content-security-policy"]).split("; ");
    expect(policy).toContain("sandbox allow-popups allow-popups-to-escape-sandbox");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'none'");
    expect(policy.filter((part) => part.startsWith("script"))).toEqual([]);
  });

  test("HEAD counts no visit", async () => {
    const { urls } = await seed();
    expect((await web.visit("HEAD", urls(0).mirror())).status).toBe(200);
    expect(web.noted).toEqual([]);
  });

  test("shows images of the mail without the mail", async () => {
    const image = { name: "l.png", contentType: "image/png", content: PNG };
    const file = await saveFile(web.db, image, AT);
    const attachment = {
      fileId: Number(file.id),
      name: "l.png",
      contentType: "image/png",
      contentId: "logo",
      size: PNG.length,
    };
    const { urls } = await seed({}, { ...LINKED, attachments: [attachment] });
    answer = { kind: "rendered", html: '<img src="cid:logo"><img src="cid:none">' };
    expect((await web.visit("GET", urls(0).mirror())).body).toBe(
      `<img src="data:image/png;base64,${PNG.toString("base64")}"><img src="cid:none">`,
    );
  });

  test.each<[string, object, () => void, TokenMark, number, string]>([
    ["a link of a proof", {}, () => {}, "preview", 200, "Ce lien n’est pas encore actif"],
    ["no mirror pages", { mirror: "none" }, () => {}, "live", 404, "Il n’y a pas de page ici"],
    ["only by the message's identifier", { mirror: "message-id" }, () => {}, "live", 404, "Il n’y a pas de page ici"],
    ["a mail of text", {}, () => answerWith({ kind: "rendered", html: null }), "live", 404, "pas de page web"],
    ["a message that is gone", {}, () => answerWith({ kind: "missing" }), "live", 404, "Il n’y a pas de page ici"],
    [
      "a rendering that fails",
      {},
      () => answerWith({ kind: "error", message: "x" }),
      "live",
      500,
      "ne peut pas être affichée",
    ],
    [
      "after its date",
      { resourceUntil: "2020-01-01T00:00:00+01:00" },
      () => passTime(0),
      "live",
      410,
      "Cette page a expiré",
    ],
    ["after its time", { resourceValidity: "30d" }, () => passTime(30 * DAY), "live", 410, "Cette page a expiré"],
  ])("%s", async (_name, settings, arrange, mark, status, text) => {
    const { urls } = await seed(settings);
    arrange();
    const page = await web.visit("GET", urls(0, mark).mirror(), { headers: { "accept-language": "fr" } });
    expect(page.status).toBe(status);
    expect(page.body).toContain(text);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["x-robots-tag"]).toBe("noindex, nofollow");
    expect(web.noted).toEqual([]);
  });

  test("works until the last moment of its time, in the recipient's language afterwards", async () => {
    const { urls } = await seed({ mirror: "force", resourceValidity: "30d" }, {});
    web.clock.at = AT + 30 * DAY - 1;
    expect((await web.visit("GET", urls(0).mirror())).status).toBe(200);
    web.clock.at += 1;
    expect((await web.visit("GET", urls(0).mirror())).body).toContain('<html lang="fr">');
  });

  test("altered, cut and foreign links, those of other pages, and messages that never were", async () => {
    const { urls } = await seed();
    const url = urls(0).mirror();
    const altered = url.slice(0, -1) + (url.endsWith("A") ? "B" : "A");
    const other = urls(0).unsubscribe().replace("/u/", "/m/");
    for (const each of [
      altered,
      url.slice(0, -2),
      other,
      urls(9).mirror(),
      "/m/x",
      "/m/%00",
      `/m/${"A".repeat(1900)}`,
      `/m/${"A".repeat(9000)}`,
      `${url}/more`,
    ]) {
      const page = await web.visit("GET", each);
      expect(page.status === 404 || each === "/m/%00").toBe(true);
      expect(page.status).toBeLessThan(500);
      expect(page.body).toContain("<!doctype html>");
    }
    expect(asked).toEqual([]);
  });

  test("while the database is away, says when to come back", async () => {
    const { urls } = await seed();
    const broken = () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
    const away = await createPublicPages({
      pages: (app, deps) => registerMirrorRoutes(app, { ...deps, renderMessage, db: { ...deps.db, query: broken } }),
    });
    try {
      const page = await away.visit("GET", urls(0).mirror(), { headers: { "accept-language": "es" } });
      expect(page.status).toBe(503);
      expect(page.headers["retry-after"]).toBe("60");
      expect(page.body).toContain("No disponible por un momento");
    } finally {
      await away.close();
    }
  });

  test("of an inert copy has the tokens of the copy", async () => {
    const { urls, deliveryId, partId } = await seed({}, LINKED);
    const page = await web.visit("GET", urls(0, "copy").mirror());
    expect([page.status, page.body]).toEqual([200, MAIL]);
    expect(asked).toEqual([`${deliveryId} ${partId}-0 copy`]);
  });
});

describe("the operator's view", () => {
  test.each([
    ["default, with the link in the content", {}, LINKED, 200],
    ["default, without it", {}, { html: "<p>" }, 404],
    ["forced", { mirror: "force" }, {}, 200],
    ["by the message's identifier", { mirror: "message-id" }, {}, 200],
    ["none", { mirror: "none" }, LINKED, 404],
  ])("28: mirror page %s: %i", async (_name, settings, manifest, status) => {
    const { partId, deliveryId } = await seed(settings, manifest);
    const page = await web.ask("GET", `/api/v1/messages/${partId}-0/mirror`);
    expect(page.status).toBe(status);
    expect(asked).toEqual(status === 200 ? [`${deliveryId} ${partId}-0 preview`] : []);
    expect(web.noted).toEqual([]);
    if (status !== 200) return;
    expect(page.body).toBe(MAIL);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(String(page.headers["content-security-policy"])).toMatch(/^sandbox allow-popups [^;]*; default-src 'none';/);
  });

  test("needs a login", async () => {
    const { partId } = await seed();
    expect((await web.visit("GET", `/api/v1/messages/${partId}-0/mirror`)).status).toBe(401);
  });

  test.each([
    ["x", 404, "not-found"],
    ["999999-0", 404, "not-found"],
  ])("%s is no message", async (key, status, code) => {
    const problem = await web.ask("GET", `/api/v1/messages/${key}/mirror`);
    expect(problem.status).toBe(status);
    expect(problem.json()).toMatchObject({ code });
  });

  test("after its time, without HTML, and what cannot be rendered are told as problems", async () => {
    const { partId } = await seed({ resourceValidity: "1d" });
    const read = () => web.ask("GET", `/api/v1/messages/${partId}-0/mirror`);
    answer = { kind: "rendered", html: null };
    expect((await read()).json()).toMatchObject({ status: 404, code: "not-found" });
    answer = { kind: "error", message: "no city" };
    expect((await read()).json()).toMatchObject({ status: 422, detail: expect.stringContaining("no city") });
    web.clock.at = AT + DAY;
    expect((await read()).json()).toMatchObject({ status: 410, code: "mirror-expired" });
  });
});

/** One transparent pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
