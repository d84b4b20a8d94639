/** Alerts and webhooks on the screen. */
import { expect, test } from "vitest";

import type { PlatformSettings } from "../../src/contract/index.ts";
import { describeInBrowser, violations } from "./browser.ts";
import { expectGoodLooks } from "./real-app.ts";

describeInBrowser("alerts and webhooks", (world) => {
  test("groups of operators hear of alerts, beside addresses; one that has no name any more stays", async () => {
    const { page } = world;
    const saved: unknown[] = [];
    await page.route(/\/operators\/names$/, (route) =>
      route.fulfill({ json: { operators: [], groups: [{ id: "2", name: "On call" }] } }),
    );
    await page.route(/\/api\/v1\/settings$/, async (route) => {
      if (route.request().method() === "PUT") saved.push((route.request().postDataJSON() as PlatformSettings).alerts);
      const stored = (await (await route.fetch()).json()) as PlatformSettings;
      await route.fulfill({ json: { ...stored, alerts: { ...stored.alerts, groups: ["7"] } } });
    });
    await world.go("/alerts/settings");
    await page.getByText("Group 7").first().waitFor();
    await page.getByRole("combobox", { name: "Groups of operators" }).click();
    await page.getByRole("option", { name: "On call" }).click();
    await page.keyboard.press("Escape");
    await expectGoodLooks(page, "alert-groups");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(saved).toMatchObject([{ groups: ["7", "2"] }]);
  });

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
