/** Services on the real web role: made, people subscribed with and without their confirmation, the history of one. */
import { expect, test } from "vitest";

import { describeOnRealApp, expectGoodLooks } from "./real-app.ts";

describeOnRealApp("services", (world) => {
  const row = (name: string) => world.page.getByRole("row").filter({ hasText: name });

  test("a newsletter is made, people are subscribed, one confirms and leaves", async () => {
    const { page } = world;
    await world.go("/services");
    await page.getByText("No service yet").waitFor();
    await page.getByRole("link", { name: "New service" }).first().click();
    await page.getByLabel("Ends after days").fill("365");
    await page.getByRole("button", { name: "Create service" }).click();
    await expect.poll(() => page.locator('[aria-invalid="true"]').count()).toBe(1);
    await page.getByLabel("Name").fill("The Letter");
    await page.getByRole("checkbox", { name: "Public page" }).check();
    await page.getByRole("button", { name: "Create service" }).click();
    await page.getByText("/s/").waitFor();
    const addresses = page.getByRole("textbox", { name: "Addresses" });
    await addresses.fill("ann@one.example\nbob@one.example\nnobody");
    await page.getByRole("button", { name: "Subscribe", exact: true }).click();
    await page.getByText("2 asked by mail").waitFor();
    expect(await addresses.inputValue()).toBe("nobody");
    await addresses.fill("cleo@one.example");
    await page.getByRole("checkbox", { name: "They have agreed" }).check();
    await page.getByLabel("Note").fill("fair in May");
    await page.getByRole("button", { name: "Subscribe", exact: true }).click();
    await row("cleo@one.example").getByText("Subscribed").waitFor();
    const [mail] = await world.web.db.query<{ body: string }>(
      "select body from notices where address = 'ann@one.example'",
    );
    const link = /\/s\/confirm\/\S+/.exec(mail?.body ?? "")?.[0] ?? "";
    expect((await world.web.app.inject({ method: "POST", url: link })).statusCode).toBe(200);
    await world.go("/services");
    await row("The Letter").getByText("2").waitFor();
    await expectGoodLooks(page, "services");
    await page.getByRole("link", { name: "The Letter" }).click();
    await row("ann@one.example").waitFor();
    await expectGoodLooks(page, "service");
    await page.getByRole("link", { name: "cleo@one.example" }).click();
    await page.getByText("fair in May").waitFor();
    await expectGoodLooks(page, "recipient-subscriptions");
  });
});
