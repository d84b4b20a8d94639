/**
 * The pages that recipients see, in every language, light and dark, wide and 390 px: axe finds nothing, nothing sticks out of the window,
 * and the browser accepts their styles under their own policy. And what the HTML of a mail may do on our host.
 */
import { fastify, type FastifyInstance } from "fastify";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";

import { mailPolicy } from "../../src/features/mirror/policy.ts";
import { showPage, type Shown } from "../../src/features/unsubscribe/pages.ts";
import type { Db } from "../../src/platform/db.ts";
import { violations } from "./browser.ts";

const KINDS: Shown["kind"][] = ["ask", "done", "already", "back", "stands", "inert", "archive", "unknown"];
const LANGUAGES = ["en", "fr", "es"];
const LONG = `a.very.long.name.that.goes.on.${"and.on.".repeat(5)}@${"long.".repeat(20)}example`;
const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

const found = inject("chromium");

describe.skipIf(found === null)("public pages", () => {
  let app: FastifyInstance;
  let base = "";
  let browser: Browser;

  beforeAll(async () => {
    if (found === null) return;
    app = fastify();
    app.get("/logo.gif", (_request, reply) => reply.type("image/gif").send(PIXEL));
    app.get("/favicon.ico", (_request, reply) => reply.code(204).send());
    app.get<{ Params: { token: string } }>("/u/:token", (request, reply) => {
      const [kind, language] = request.params.token.split(".");
      const settings = { organisation: "The Very Long Organisation of Words".repeat(4), language, logoUrl: "" };
      if (language === "en") Object.assign(settings, { organisation: "Acme", logoUrl: `${base}/logo.gif` });
      const db = { query: () => Promise.resolve([{ settings, version: 1 }]) } as unknown as Db;
      const shown = (/inert|archive|unknown/.test(kind ?? "") ? { kind } : { kind, address: LONG, language }) as Shown;
      return showPage(db, request, reply, 200, shown);
    });
    app.get("/m/mail", (_request, reply) =>
      reply.type("text/html").header("content-security-policy", mailPolicy("'none'")).send(MAIL),
    );
    base = await app.listen({ host: "127.0.0.1", port: 0 });
    browser = await chromium.launch({ executablePath: found.executable, args: found.args });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  test.each([
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
  ] as const)("%i px, %s", async (width, colorScheme) => {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, locale: "de-DE" });
    const page = await context.newPage();
    const complaints = listen(page);
    const problems: string[] = [];
    for (const [i, kind] of KINDS.entries()) {
      for (const [j, language] of LANGUAGES.entries()) {
        await page.goto(`${base}/u/${kind}.${language}`);
        const name = `${kind}, ${language}`;
        // Languages take turns: axe is slow, and words change little for it.
        const found_ = (i + width) % LANGUAGES.length === j ? await violations(page) : [];
        for (const line of found_) problems.push(`${name}: ${line}`);
        if ((await page.evaluate<number>(SURPLUS)) > 0) problems.push(`${name}: sticks out of the window`);
        expect(await page.evaluate("getComputedStyle(document.querySelector('main')).borderTopStyle")).toBe("solid");
        expect(await page.getAttribute("html", "lang")).toBe(language);
      }
    }
    expect(problems).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("of a mail scripts, forms and frames do nothing; its pictures, styles and links work", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${base}/m/mail`);
    expect(await page.title()).toBe("mail");
    expect(await page.evaluate("document.querySelector('#picture').naturalWidth")).toBe(1);
    expect(await page.evaluate("getComputedStyle(document.querySelector('p')).color")).toBe("rgb(1, 2, 3)");
    await page.locator("button").click();
    await page.locator("#handler").click();
    expect(page.url()).toBe(`${base}/m/mail`);
    expect(await page.title()).toBe("mail");
    expect(
      page
        .frames()
        .slice(1)
        .map((frame) => frame.url())
        .filter((url) => url.includes("/u/")),
    ).toEqual([]);
    const opened = context.waitForEvent("page");
    await page.locator("#new").click();
    expect((await opened).url()).toContain("/u/ask.en");
    await page.locator("#here").click();
    await page.waitForURL(/\/u\/ask\.en$/);
    await context.close();
  });
});

const SURPLUS = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

const MAIL = `<title>mail</title><style>p { color: rgb(1, 2, 3) }</style><script>document.title = "script"</script>
<p>Text</p><img id="picture" src="data:image/gif;base64,${PIXEL.toString("base64")}"><img src="x:" onerror="document.title = 'handler'">
<form action="/u/ask.en"><button>Send</button></form><p id="handler" onclick="document.title = 'click'">Click</p>
<iframe src="/u/ask.en"></iframe><a id="new" target="_blank" href="/u/ask.en">New</a> <a id="here" href="/u/ask.en">Here</a>`;

/** What the page's console complains about: a style or picture that the policy refused, for instance. */
function listen(page: Page): string[] {
  const lines: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") lines.push(message.text());
  });
  page.on("pageerror", (error) => lines.push(error.message));
  return lines;
}
