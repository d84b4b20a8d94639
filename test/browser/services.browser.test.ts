/** Services on the real web role: made, people subscribed with and without their confirmation, the history of one. */
import { expect, test } from "vitest";

import { describeOnRealApp, expectGoodLooks } from "./real-app.ts";

describeOnRealApp("services", (world) => {
  const row = (name: string) => world.page.getByRole("row").filter({ hasText: name });

  /** A page that is open learns of it when it is loaded again. */
  async function publishedTemplate(label: string, html: string): Promise<string> {
    const sender = { name: "News", address: "news@sender.example" };
    const template = { label, content: { subject: label, html, text: label }, sender };
    const made = await world.web.call("POST", "/api/v1/templates", template);
    const { id } = made.body as { id: string };
    expect((await world.web.call("POST", `/api/v1/templates/${id}/actions/publish`)).status).toBe(202);
    return id;
  }

  test("a newsletter is made, people are subscribed, one confirms and leaves", async () => {
    const { page } = world;
    const welcome = await publishedTemplate("Welcome", "<p>Welcome</p>");
    await world.go("/services");
    await page.getByText("No service yet").waitFor();
    await page.getByRole("link", { name: "New service" }).first().click();
    await page.getByLabel("Ends after days").fill("365");
    await page.getByRole("button", { name: "Create service" }).click();
    await expect.poll(() => page.locator('[aria-invalid="true"]').count()).toBe(1);
    await page.getByLabel("Name").fill("The Letter");
    await page.getByRole("checkbox", { name: "Public page" }).check();
    const asks = page.getByLabel("Asks for the confirmation");
    await asks.selectOption({ label: "Welcome" });
    await page.getByRole("button", { name: "Create service" }).click();
    await page.getByText("nobody could confirm with it").waitFor();
    await asks.selectOption({ label: "The built-in text" });
    await page.getByLabel("Welcomes who is subscribed").selectOption({ label: "Welcome" });
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
    await row("ann@one.example").first().waitFor();
    await row("cleo@one.example").getByText("in a moment").waitFor();
    await world.web.call("POST", `/api/v1/templates/${welcome}/actions/unpublish`);
    await world.web.db.query(
      `update service_mails set due_at = null, sent_as = 'built-in', problem = 'There is no template 7, or it is not published'
        where kind = 'welcome' and address = 'ann@one.example'`,
    );
    await page.reload();
    await page.getByText("by the built-in text: There is no template 7").waitFor();
    await page
      .getByLabel("Welcomes who is subscribed")
      .getByText("Welcome (not published)")
      .waitFor({ state: "attached" });
    await expectGoodLooks(page, "service");
    await page.getByRole("link", { name: "cleo@one.example" }).click();
    await page.getByText("fair in May").waitFor();
    await expectGoodLooks(page, "recipient-subscriptions");
  });
});
