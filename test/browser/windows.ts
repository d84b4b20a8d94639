/**
 * Pages for tests, in browser contexts that are used again: in a fresh one a page loads and compiles the whole UI anew, which is three
 * times the work. Nothing else passes from test to test: cookies, storage, permissions and routes go with the pages.
 */
import type { Browser, BrowserContext, Page } from "playwright-core";

export type Look = { width: number; scheme: "light" | "dark" };

const HEIGHT = 900;

export class Windows {
  private readonly free = new Map<string, BrowserContext[]>();
  private readonly busy: { look: string; context: BrowserContext }[] = [];
  private readonly browser: Browser;

  constructor(browser: Browser) {
    this.browser = browser;
  }

  /** Alone in its context, until `clear`. */
  async open({ width, scheme }: Look): Promise<Page> {
    const look = `${width} ${scheme}`;
    const context =
      this.free.get(look)?.pop() ??
      (await this.browser.newContext({
        viewport: { width, height: HEIGHT },
        colorScheme: scheme,
        locale: "en-US",
        timezoneId: "UTC",
        reducedMotion: "reduce",
      }));
    this.busy.push({ look, context });
    return context.newPage();
  }

  /** Closes all pages and forgets what they left. */
  async clear(): Promise<void> {
    await Promise.all(
      this.busy.splice(0).map(async ({ look, context }) => {
        await Promise.all(context.pages().map((page) => page.close()));
        await context.unrouteAll();
        await context.clearPermissions();
        await context.setStorageState({ cookies: [], origins: [] });
        this.free.set(look, [...(this.free.get(look) ?? []), context]);
      }),
    );
  }
}
