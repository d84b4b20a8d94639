/**
 * What every browser test starts from: the built UI, the fixture server, one Chromium, a page that is signed in (global-setup.ts
 * found the one and built the other). Where no Chromium runs, the tests are skipped.
 */
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from "vitest";

import { TOKEN } from "./fixture-answers.ts";
import { type Fixture, startFixture } from "./fixture-server.ts";

export type Look = { width: number; scheme: "light" | "dark" };

export type World = {
  /** Set before each test; it shows nothing yet. */
  page: Page;
  fixture: Fixture;
  /** A page of its own with another window or scheme, signed in. */
  open: (look: Look) => Promise<Page>;
  go: (path: string, page?: Page) => Promise<void>;
};

const HEIGHT = 900;

/** A `describe` whose tests share one browser and one fixture; each test has a fresh page and fresh data. */
export function describeInBrowser(name: string, tests: (world: World) => void): void {
  const found = inject("chromium");
  describe.skipIf(found === null)(name, () => {
    let browser: Browser;
    const world = {} as World;
    const pages: Page[] = [];

    beforeAll(async () => {
      if (found === null) return;
      world.fixture = await startFixture(inject("builtUi"));
      browser = await chromium.launch({ executablePath: found.executable, args: found.args });
    });
    afterAll(async () => {
      await browser?.close();
      await world.fixture?.close();
    });

    world.open = async ({ width, scheme }) => {
      const context = await browser.newContext({
        viewport: { width, height: HEIGHT },
        colorScheme: scheme,
        locale: "en-US",
        timezoneId: "UTC",
        reducedMotion: "reduce",
      });
      await context.request.post(`${world.fixture.url}/api/v1/session`, { data: { token: TOKEN } });
      const page = await context.newPage();
      pages.push(page);
      return page;
    };
    world.go = async (path, page = world.page) => {
      await page.goto(world.fixture.url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
    };

    beforeEach(async () => {
      world.fixture.reset();
      world.page = await world.open({ width: 1280, scheme: "light" });
    });
    afterEach(async () => {
      await Promise.all(pages.splice(0).map((page) => page.context().close()));
    });

    tests(world);
  });
}

/**
 * What axe finds, one line each. Foreign mail in its frame is not ours to repair, so axe stays in the page itself ("legacy mode":
 * no second page that puts frames together), and names elements only where it finds something: three times as quick. `rules`: only these.
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const { violations: found_ } = await new AxeBuilder({ page })
    .exclude("iframe")
    .setLegacyMode()
    .options({
      resultTypes: ["violations"],
      iframes: false,
      ...(rules && { runOnly: { type: "rule", values: [...rules] } }),
    })
    .analyze();
  return found_.flatMap((each) =>
    each.nodes.map((node) => `${each.id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
  );
}
