/** Properties of a delivery: where each value comes from, another value, the inherited one again; folders as a filter. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("properties", (world) => {
  const row = (name: string) => world.page.getByRole("textbox", { name, exact: true });

  test("a value of the template is replaced and comes back", async () => {
    // The one that is being edited.
    await world.go("/deliveries/9/properties");
    await row("Delivery duration").fill("3d");
    await world.page.getByText("will change").waitFor();
    await world.page.getByRole("button", { name: "Save", exact: true }).click();
    await world.page.getByText("Properties saved").waitFor();
    await world.page.getByRole("button", { name: "Reset: Delivery duration" }).click();
    expect(await row("Delivery duration").inputValue()).toBe("2d");
    await world.page.getByRole("button", { name: "Save", exact: true }).click();
    await world.page.getByRole("button", { name: "Reset: Delivery duration" }).waitFor({ state: "detached" });
  });

  test("the list of deliveries is filtered by folder; folders are shown as a tree", async () => {
    await world.go("/deliveries");
    await world.page.getByLabel("Folder", { exact: true }).selectOption("2");
    await world.page.waitForURL(/folder=.*2/);
    await world.page.getByRole("button", { name: "Folders…" }).click();
    await world.page.getByRole("dialog", { name: "Folders" }).getByText("Spring").first().waitFor();
  });
});
