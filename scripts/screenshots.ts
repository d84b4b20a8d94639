/**
 * Pictures of a running Envoi for the README: `npm run screenshots -- 'http://127.0.0.1:8080/#token=…'` (the address that the start
 * prints), while a delivery is under way or finished. Writes docs/screenshots/<screen>-<scheme>.png.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { type BrowserContext, chromium } from "playwright-core";

import { findChromium } from "./chromium.ts";

const OUT = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const SIZE = { width: 1280, height: 800 };
const SCHEMES = ["light", "dark"] as const;

async function main(signInUrl: string | undefined): Promise<number> {
  if (signInUrl === undefined || !URL.canParse(signInUrl)) {
    console.error(
      "Give the sign-in address that the start prints: npm run screenshots -- 'http://127.0.0.1:8080/#token=…'",
    );
    return 2;
  }
  const found = await findChromium();
  if (found === null) {
    console.error("No Chromium runs here. Set CHROMIUM_PATH or install one.");
    return 1;
  }
  await mkdir(OUT, { recursive: true });
  const browser = await chromium.launch({ executablePath: found.executable, args: found.args });
  try {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({ viewport: SIZE, colorScheme, deviceScaleFactor: 2, locale: "en-GB" });
      await takeAll(context, signInUrl, colorScheme);
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return 0;
}

async function takeAll(context: BrowserContext, signInUrl: string, scheme: string): Promise<void> {
  const page = await context.newPage();
  const { origin } = new URL(signInUrl);
  const firstRow = page.locator("main tbody [data-row-link]").first();
  const take = async (name: string) => {
    await page.evaluate("document.fonts.ready");
    await page.screenshot({ path: `${OUT}${name}-${scheme}.png` });
    console.log(`docs/screenshots/${name}-${scheme}.png`);
  };
  await page.goto(signInUrl);
  await firstRow.waitFor();
  await take("deliveries");

  await firstRow.click();
  await page.getByRole("heading", { name: "Destinations" }).waitFor();
  await firstRow.waitFor();
  await take("live");

  await page.goto(`${page.url()}/messages`);
  await firstRow.waitFor();
  await take("message-log");

  await firstRow.click();
  await page.getByRole("complementary").getByText("Attempt 1").waitFor();
  await take("message");

  await page.goto(`${origin}/sandbox`);
  await firstRow.waitFor();
  await take("sandbox");
}

process.exitCode = await main(process.argv[2]);
