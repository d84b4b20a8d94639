/**
 * What every browser test starts from: the built UI, the fixture server, one Chromium, a page that is signed in (global-setup.ts
 * found the one and built the other). Where no Chromium runs, the tests are skipped.
 */
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from "vitest";

import { TOKEN } from "./fixture-answers.ts";
import { type Fixture, startFixture } from "./fixture-server.ts";
import { type Look, Windows } from "./windows.ts";

export type { Look };

export type World = {
  /** Set before each test; it shows nothing yet. */
  page: Page;
  fixture: Fixture;
  /** A page of its own with another window or scheme, signed in. */
  open: (look: Look) => Promise<Page>;
  go: (path: string, page?: Page) => Promise<void>;
};

/** A `describe` whose tests share one browser and one fixture; each test has a fresh page and fresh data. */
export function describeInBrowser(name: string, tests: (world: World) => void): void {
  const found = inject("chromium");
  describe.skipIf(found === null)(name, () => {
    let browser: Browser;
    const world = {} as World;
    let windows: Windows;

    beforeAll(async () => {
      if (found === null) return;
      world.fixture = await startFixture(inject("builtUi"));
      browser = await chromium.launch({ executablePath: found.executable, args: found.args });
      windows = new Windows(browser);
    });
    afterAll(async () => {
      await browser?.close();
      await world.fixture?.close();
    });

    world.open = async (look) => {
      const page = await windows.open(look);
      // The server may close a connection that was kept from the test before in the moment in which it is used again.
      const signIn = { data: { token: TOKEN }, maxRetries: 2 };
      await page.context().request.post(`${world.fixture.url}/api/v1/session`, signIn);
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
    afterEach(() => windows.clear());

    tests(world);
  });
}

/** In place of axe's own text, of which a page needs only one. */
const LOADED = "undefined";

/**
 * What axe finds, one line each. Foreign mail in its frame is not ours to repair, so axe stays in the page itself ("legacy mode":
 * no second page that puts frames together), and names elements only where it finds something: three times as quick. Style sheets
 * are read for rules that axe has switched off, so they are not. `rules`: only these.
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const isLoaded = await page.evaluate<boolean>("typeof axe === 'object'");
  const { violations: found_ } = await new AxeBuilder({ page, ...(isLoaded && { axeSource: LOADED }) })
    .exclude("iframe")
    .setLegacyMode()
    .options({
      resultTypes: ["violations"],
      iframes: false,
      preload: { assets: ["media"] },
      ...(rules && { runOnly: { type: "rule", values: [...rules] } }),
    })
    .analyze();
  return found_.flatMap((each) =>
    each.nodes.map((node) => `${each.id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
  );
}
