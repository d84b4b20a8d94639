/** Templates: duplicated, edited, used for a new delivery, made of a delivery. */
import { expect, test } from "vitest";

import type { Template } from "../../src/contract/index.ts";
import { describeInBrowser } from "./browser.ts";
import { expectGoodLooks } from "./real-app.ts";

describeInBrowser("templates", (world) => {
  const changes = () => world.fixture.calls.filter((call) => /^(PUT|POST|DELETE) /.test(call) && !/session/.test(call));
  const bcc = () => world.page.getByRole("switch", { name: "E-mail BCC" });

  test("the one that comes with Envoi is read, duplicated, and the copy archives", async () => {
    await world.go("/deliveries");
    await world.page.getByRole("link", { name: "Templates", exact: true }).click();
    await world.page.getByRole("heading", { name: "Delivery templates" }).waitFor();
    await world.page.getByRole("link", { name: "Email delivery" }).click();
    await world.page.getByText("This template comes with Envoi").waitFor();
    expect(await world.page.getByRole("button", { name: /Save|Delete/ }).count()).toBe(0);
    expect(await world.page.getByLabel("Subject").isEditable()).toBe(false);
    expect(await bcc().isChecked()).toBe(false);

    await world.page.getByRole("button", { name: "Duplicate" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Duplicate the template" });
    expect(await dialog.getByLabel("Label").inputValue()).toBe("Copy of Email delivery");
    await dialog.getByLabel("Label").fill("With BCC");
    await world.page.keyboard.press("Enter");
    await world.page.getByRole("heading", { name: "With BCC" }).waitFor();
    await bcc().click({ force: true });
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByText("Saved", { exact: true }).waitFor();
    await world.page.getByRole("link", { name: "Delivery templates" }).click();
    await world.page
      .getByRole("row", { name: /With BCC/ })
      .getByText("On", { exact: true })
      .waitFor();
    await world.page
      .getByRole("row", { name: /Email delivery/ })
      .getByText("Off", { exact: true })
      .waitFor();
    expect(changes()).toEqual(["POST /templates/1/actions/duplicate", "PUT /templates/12"]);
  });

  test("a refusal stands at its field; somebody else's change is not overwritten", async () => {
    await world.go("/templates/2");
    await world.page.getByLabel("From address").fill("nobody");
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByText("No @ in the address").waitFor();
    await world.page.getByLabel("From address").fill("new@shop.example");
    const other = await world.open({ width: 1280, scheme: "light" });
    await world.go("/templates/2", other);
    await other.getByLabel("Label").fill("Theirs");
    await other.getByRole("button", { name: "Save" }).click();
    await other.getByText("Saved", { exact: true }).waitFor();
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByText("Somebody else has changed this template").waitFor();
    await world.page.getByRole("button", { name: "Reload" }).click();
    await world.page.getByRole("heading", { name: "Theirs" }).waitFor();
    expect(await world.page.getByLabel("From address").inputValue()).toBe("news@shop.example");
  });

  test("is published for single messages, again after a change, and taken back", async () => {
    const { page } = world;
    await world.go("/templates/2");
    await page.getByText("Not published for single messages").waitFor();
    await page.getByLabel("Label").fill("Receipt");
    const publish = page.getByRole("button", { name: "Publish for single messages" });
    expect(await publish.isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await publish.click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/People who asked for no more mail get these messages all the same/).waitFor();
    await expectGoodLooks(page, "publish");
    await dialog.getByRole("button", { name: "Publish for single messages" }).click();
    await page.getByText(/Published for single messages: version 2, .*, by ann@shop\.example/).waitFor();
    expect(await page.getByRole("button", { name: "Publish this version" }).count()).toBe(0);
    await page.getByLabel("Label").fill("Receipts");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The template is at version 3 now.").waitFor();
    await page.getByRole("button", { name: "Publish this version" }).click();
    await dialog.getByLabel("Also to people on the denylist").check();
    await dialog.getByRole("button", { name: "Publish this version" }).click();
    await page.getByText(/Published for single messages: version 3,/).waitFor();
    await page.getByText("Its messages go to people on the denylist too.").waitFor();
    await page.getByRole("button", { name: "End publication" }).click();
    await page.getByText("Not published for single messages").waitFor();
    expect(changes().filter((call) => call.includes("publish"))).toEqual([
      "POST /templates/2/actions/publish",
      "POST /templates/2/actions/publish",
      "POST /templates/2/actions/unpublish",
    ]);
  });

  test("is executed for people who are asked for, with their number; marketing goes to nobody on the denylist", async () => {
    const { page } = world;
    const posted: unknown[] = [];
    await page.route(/\/templates\/2\/actions\/execute$/, async (route) => {
      posted.push(route.request().postDataJSON());
      const made = await page.request.get(`${world.fixture.url}/api/v1/deliveries/10`);
      await route.fulfill({ status: 202, json: await made.json() });
    });
    await page.route(/\/api\/v1\/templates\/2$/, async (route) => {
      const template = (await (await route.fetch()).json()) as Template;
      const settings = { ...template.settings, nature: "marketing", approval: { mode: "automatic" } };
      await route.fulfill({ json: { ...template, settings } });
    });
    await world.go("/templates/2");
    await page.getByRole("button", { name: "Publish for single messages" }).click();
    expect(await page.getByRole("dialog").getByLabel("Also to people on the denylist").isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Execute" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/It starts by itself if there are no errors/).waitFor();
    const yes = dialog.getByRole("button", { name: "Execute" });
    expect(await yes.isDisabled()).toBe(true);
    await dialog.getByLabel("Audience").selectOption({ label: "subscribers-march.csv" });
    await dialog.getByText(/[\d,]+ people, less whom the analysis excludes/).waitFor();
    await expectGoodLooks(page, "execute");
    await yes.click();
    await page.waitForURL(/\/deliveries\/10\/content$/);
    expect(posted).toEqual([
      { label: expect.any(String) as string, audience: { import: expect.any(String) as string } },
    ]);
  });

  test("is made new, told what is wrong with its content, and deleted after a question", async () => {
    await world.go("/templates");
    await world.page.getByRole("button", { name: "New template" }).click();
    await world.page.getByRole("dialog").getByLabel("Label").fill("Short");
    await world.page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    await world.page.getByRole("textbox", { name: "HTML" }).fill("{% fi %}");
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByRole("button", { name: "HTML, line 1, column 1" }).click();
    await world.page.getByRole("button", { name: "Delete" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Delete the template “Short”?" });
    await dialog.getByText("Deliveries that were made from it stay as they are.").waitFor();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await world.page.getByRole("heading", { name: "Delivery templates" }).waitFor();
    await expect.poll(() => world.page.getByText("Short").count()).toBe(0);
    expect(changes()).toEqual(["POST /templates", "PUT /templates/12", "DELETE /templates/12"]);
  });

  test("a new delivery starts from it; what was typed stays, what is emptied is not copied", async () => {
    await world.go("/templates/2");
    await world.page.getByRole("link", { name: "New delivery" }).click();
    await world.page.waitForURL(/\/deliveries\/new\?template=/);
    await expect.poll(() => world.page.getByLabel("Subject").inputValue()).toBe("News of the month");
    expect(await bcc().isChecked()).toBe(true);
    await world.page.getByLabel("Label").fill("May");
    await world.page.getByLabel("Subject").fill("News of May");
    await world.page.getByLabel("Delivery template").selectOption("Email delivery");
    await expect.poll(() => world.page.getByLabel("From address").inputValue()).toBe("");
    expect(await world.page.getByLabel("Subject").inputValue()).toBe("News of May");
    expect(await bcc().isChecked()).toBe(false);
    await world.page.getByLabel("Delivery template").selectOption("Newsletter with archive");
    await expect.poll(() => world.page.getByLabel("Reply-to address").inputValue()).toBe("help@shop.example");
    await world.page.getByLabel("Reply-to address").fill("");
    await world.page.getByRole("button", { name: "Save and analyse" }).click();
    await world.page.getByRole("heading", { name: "May" }).waitFor();
    expect(await world.page.getByLabel("Subject").inputValue()).toBe("News of May");
    expect(await world.page.getByLabel("From address").inputValue()).toBe("news@shop.example");
    expect(await world.page.getByLabel("Reply-to address").inputValue()).toBe("");
    expect(await bcc().isChecked()).toBe(true);
    await world.page.getByRole("button", { name: "More acts" }).click();
    await world.page.getByRole("menuitem", { name: "Open its template" }).click();
    await world.page.getByRole("heading", { name: "Newsletter with archive" }).waitFor();
  });

  test("without a choice a new delivery starts from the one that comes with Envoi", async () => {
    await world.go("/deliveries/new");
    await expect
      .poll(() => world.page.getByLabel("Delivery template").locator("option:checked").textContent())
      .toBe("Email delivery");
  });

  test("one that is gone is said to be; another can be chosen", async () => {
    await world.go("/deliveries/new?template=99");
    await world.page.getByText("There is no template 99.").waitFor();
    expect(await world.page.getByRole("button", { name: "Save and analyse" }).isDisabled()).toBe(true);
    await world.page.getByLabel("Delivery template").selectOption("Email delivery");
    await expect.poll(() => world.page.getByRole("button", { name: "Save and analyse" }).isEnabled()).toBe(true);
  });

  test("a delivery is saved as a template, and what is being typed in it stays", async () => {
    await world.go("/deliveries/9/content");
    await world.page.getByLabel("Subject").fill("Being typed");
    await world.page.getByRole("button", { name: "More acts" }).click();
    await world.page.getByRole("menuitem", { name: "Save as template" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Save as template" });
    await dialog.getByText("as they were last saved").waitFor();
    expect(await dialog.getByLabel("Label").inputValue()).toBe("Winter leftovers");
    await dialog.getByRole("button", { name: "Save" }).click();
    await world.page.getByText("“Winter leftovers” is among the templates now").waitFor();
    expect(await world.page.getByLabel("Subject").inputValue()).toBe("Being typed");
    expect(changes()).toEqual(["POST /deliveries/9/actions/save-as-template"]);
  });
});
