/**
 * What every browser test starts from: the built UI, the fixture server, one Chromium, a page that is signed in. Where no Chromium
 * runs, the tests are skipped, and a line on stderr says so.
 */
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";

import { buildUi } from "../../scripts/build-ui.ts";
import { findChromium } from "../../scripts/chromium.ts";
import { TOKEN } from "./fixture-answers.ts";
import { type Fixture, startFixture } from "./fixture-server.ts";

export type Look = { width: number; scheme: "light" | "dark" };

export type World = {
  /** Set before each test. */
  page: Page;
  fixture: Fixture;
  /** A page of its own with another window or scheme, signed in. */
  open: (look: Look) => Promise<Page>;
  go: (path: string, page?: Page) => Promise<void>;
};

const HEIGHT = 900;

const found = await findChromium();
if (found === null) {
  process.stderr.write("\n*** BROWSER TESTS SKIPPED: no Chromium runs here. Set CHROMIUM_PATH or install one. ***\n\n");
}

/** A `describe` whose tests share one browser and one fixture; each test has a fresh page and fresh data. */
export function describeInBrowser(name: string, tests: (world: World) => void): void {
  describe.skipIf(found === null)(name, () => {
    let browser: Browser;
    const world = {} as World;
    const pages: Page[] = [];

    beforeAll(async () => {
      if (found === null) return;
      const { dir } = await buildUi();
      world.fixture = await startFixture(dir);
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
      const page = await context.newPage();
      pages.push(page);
      await page.goto(`${world.fixture.url}/#token=${TOKEN}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
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

/** What axe finds, one line each. Foreign mail in its frame is not ours to repair. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found_ } = await new AxeBuilder({ page }).exclude("iframe").analyze();
  return found_.flatMap((each) =>
    each.nodes.map((node) => `${each.id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
  );
}
