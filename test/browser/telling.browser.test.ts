/** Alerts and webhooks on the screen. */
import { expect, test } from "vitest";

import { describeInBrowser, violations } from "./browser.ts";

describeInBrowser("alerts and webhooks", (world) => {
  test("every page of theirs is there, wide and narrow, and axe finds nothing", async () => {
    for (const look of [
      { width: 1280, scheme: "light" },
      { width: 390, scheme: "dark" },
    ] as const) {
      const page = await world.open(look);
      const screens = [
        ["/alerts", "no key signs"],
        ["/alerts/settings", "No sender runs"],
        ["/webhooks", "CRM"],
        ["/webhooks/1?request=7", "no room"],
      ] as const;
      for (const [path, text] of screens) {
        await world.go(path, page);
        await page.getByText(text).first().waitFor();
        expect([path, await violations(page)]).toEqual([path, []]);
      }
    }
  });
});
