/** The operator's way on the real server, in a real Chromium: a file, a delivery, the checklist, sending, the log, a message. */
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findChromium } from "../../scripts/chromium.ts";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { TOKEN } from "./api.ts";
import { csvOf, makeTestDir, startEnvoi, type Run, type TestDir } from "./envoi.ts";

const found = await findChromium();
const PEOPLE = 300;

describe.skipIf(found === null)("screens on the real server", () => {
  let dir: TestDir;
  let database: TestDatabase;
  let server: Run;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    dir = makeTestDir();
    database = await createTestDatabase();
    server = startEnvoi(["start"], {
      DATABASE_URL: database.url,
      ENVOI_DATA_DIR: dir.path,
      ENVOI_ADMIN_TOKEN: TOKEN,
      ENVOI_SENDERS: "1",
      PORT: "0",
    });
    const [, url] = await server.says(/ready: (http:\S+)/);
    // Long enough to be seen.
    await fetch(`${url}/api/v1/settings`, {
      method: "PUT",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ start: { undo: "2s" } }),
    });
    browser = await chromium.launch({ executablePath: found?.executable ?? "", args: found?.args ?? [] });
    page = await (await browser.newContext({ locale: "en-US", reducedMotion: "reduce" })).newPage();
    await page.goto(`${url}/#token=${TOKEN}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    server?.child.kill("SIGTERM");
    await server?.ended;
    await database?.drop();
    dir?.remove();
  });

  test("from a file to every message's reply", async () => {
    const people = Array.from({ length: PEOPLE }, (_, i) => ({ email: `p${i}@sandbox.test`, first_name: `Name ${i}` }));
    const rows = csvOf([
      ...people,
      { email: "unknown@sandbox.test", first_name: "Nobody" },
      { email: "no address", first_name: "x" },
    ]);
    await page.goto(new URL("/deliveries/new", page.url()).href);
    await page.getByLabel("Label").fill("April");
    await page.getByLabel("From address").fill("news@shop.example");
    await page.getByLabel("Subject").fill("Hello {{ recipient.first_name }}");
    await page.getByRole("textbox", { name: "HTML" }).fill("<p>Hello {{ recipient.first_name }}</p><p>unsubscribe</p>");
    await page.getByLabel("One import").check();
    await page
      .locator('input[type="file"]')
      .setInputFiles({ name: "april.csv", mimeType: "text/csv", buffer: Buffer.from(rows) });
    await page.getByText("no address").first().waitFor();
    await expect.poll(() => page.getByLabel("Import", { exact: true }).inputValue()).not.toBe("");

    await page.getByRole("button", { name: "Save and analyse" }).click();
    const send = `Send to ${PEOPLE + 1} people`;
    await page.getByRole("button", { name: send }).click();
    await page.getByRole("dialog").getByRole("button", { name: send }).click();
    await page.getByRole("button", { name: "Call back" }).waitFor();
    await page.locator("header").getByText("Finished", { exact: true }).waitFor();

    await page.goto(page.url().replace(/\/deliveries\/(\d+).*/, "/deliveries/$1/messages?status=failed"));
    await page.getByRole("button", { name: "unknown@sandbox.test" }).click();
    await page
      .getByRole("complementary", { name: "unknown@sandbox.test" })
      .getByText(/^550 5\.1\.1 </)
      .waitFor();
    await page.goto(new URL("/sandbox", page.url()).href);
    await page
      .getByText(/^Hello Name \d+$/)
      .first()
      .waitFor();
  });

  test("a template that is wrong is told with its place", async () => {
    await page.goto(new URL("/deliveries/new", page.url()).href);
    await page.getByLabel("Label").fill("Wrong");
    await page.getByLabel("From address").fill("news@shop.example");
    await page.getByLabel("Subject").fill("x");
    await page.getByRole("textbox", { name: "HTML" }).fill("<p>\n{% fi %}</p>");
    await page.getByRole("button", { name: "Save and analyse" }).click();
    await page.getByText(/HTML part, line 2/).waitFor();
    expect(await page.getByRole("button", { name: /^Send to/ }).count()).toBe(0);
  });
});
