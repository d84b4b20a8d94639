/**
 * The built UI on the real web role and a database of its own, for pages whose worth is in what the server does with them. Tests of one file
 * share it: they come one after another, each with a page of its own.
 */
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject } from "vitest";

import { addOperator, type TestOperator } from "../operators.ts";
import type { Role } from "../../src/core/operators/rights.ts";
import { createTestWebApp, type TestWebApp, TOKEN } from "../web-app.ts";
import { violations } from "./browser.ts";
import { Windows } from "./windows.ts";

export type RealWorld = {
  web: TestWebApp;
  url: string;
  /** Set before each test, signed in with the admin token; it shows nothing yet. */
  page: Page;
  /** A page of somebody with these roles. */
  as: (login: string, roles: readonly Role[]) => Promise<{ page: Page; operator: TestOperator }>;
  /** A page in which nobody is signed in. */
  stranger: () => Promise<Page>;
  go: (path: string, page?: Page) => Promise<void>;
};

export function describeOnRealApp(name: string, tests: (world: RealWorld) => void): void {
  const found = inject("chromium");
  describe.skipIf(found === null)(name, () => {
    let browser: Browser;
    const world = {} as RealWorld;
    let windows: Windows;

    beforeAll(async () => {
      if (found === null) return;
      world.web = await createTestWebApp({ uiDir: inject("builtUi") });
      world.url = await world.web.app.listen({ port: 0, host: "127.0.0.1" });
      browser = await chromium.launch({ executablePath: found.executable, args: found.args });
      windows = new Windows(browser);
    });
    afterAll(async () => {
      await browser?.close();
      await world.web?.close();
    });

    const open = () => windows.open({ width: 1280, scheme: "light" });
    world.stranger = open;
    world.as = async (login, roles) => {
      const operator = await addOperator(world.web, login, roles);
      const page = await open();
      const [cookie = "", value = ""] = operator.cookie.split("=");
      await page.context().addCookies([{ name: cookie, value, domain: "127.0.0.1", path: "/api" }]);
      return { page, operator };
    };
    world.go = async (path, page = world.page) => {
      await page.goto(world.url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
    };
    beforeEach(async () => {
      world.page = await open();
      const signedIn = await world.page
        .context()
        .request.post(`${world.url}/api/v1/session`, { data: { token: TOKEN }, maxRetries: 2 });
      expect(signedIn.status()).toBe(204);
    });
    afterEach(() => windows.clear());

    tests(world);
  });
}

const SURPLUS = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
const SHOTS = process.env["ENVOI_SCREENSHOTS"];

/**
 * The page as it stands: nothing sticks out on a phone, axe finds nothing in light, and no contrast that is too weak in the dark.
 * With ENVOI_SCREENSHOTS, pictures of it go into that folder.
 */
export async function expectGoodLooks(page: Page, name: string): Promise<void> {
  const found: string[] = [];
  const shoot = async (look: string) => {
    if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}-${look}.png` });
  };
  found.push(...(await violations(page)).map((each) => `light: ${each}`));
  await shoot("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
  found.push(...(await violations(page, ["color-contrast"])).map((each) => `dark: ${each}`));
  await shoot("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  const surplus = await page.evaluate<number>(SURPLUS);
  if (surplus > 0) found.push(`sticks out by ${surplus} px on a phone`);
  await shoot("phone");
  await page.setViewportSize({ width: 1280, height: 900 });
  expect(found).toEqual([]);
}
