/** The content of a delivery: problems lead to their place, the menu inserts at the cursor, what is set is kept. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

const SELECTED =
  "(({ activeElement: field }) => field.value.slice(field.selectionStart, field.selectionEnd))(document)";

describeInBrowser("content", (world) => {
  const html = () => world.page.getByRole("textbox", { name: "HTML" });
  const section = (name: string) => world.page.getByRole("button", { name });
  const save = async () => {
    await world.page.getByRole("button", { name: "Save and analyse" }).click();
    await world.page.getByRole("button", { name: /^Send to/ }).waitFor();
  };

  test("a problem of the saved content is listed, marked, and one click away", async () => {
    await world.go("/deliveries/9/content");
    await html().fill(`${"<p>\n</p>\n".repeat(40)}Hello {{ recipient.twon }}`);
    await save();
    await world.page.getByText('unknown attribute "twon"; the audience has "town"').waitFor();
    await world.page.getByText("HTML (1)").waitFor();
    await world.page.getByText("Links are found once the content has no errors.").waitFor();
    await world.page.getByText("Text", { exact: true }).first().click();
    await world.page.getByRole("button", { name: "HTML, line 81, column 10" }).click();
    await expect.poll(() => world.page.evaluate(SELECTED)).toBe("recipient.twon");
    expect(await html().evaluate((field) => field.scrollTop)).toBeGreaterThan(400);
  });

  test("the menu inserts where the cursor was, in the syntax of the content, and undo takes it back", async () => {
    await world.go("/deliveries/9/content");
    await html().fill("Hello !");
    await html().press("ArrowLeft");
    await world.page.getByRole("button", { name: "Insert" }).click();
    await world.page.getByRole("menuitem", { name: "recipient.first_name" }).click();
    await expect.poll(() => html().inputValue()).toBe("Hello {{ recipient.first_name }}!");
    await world.page.keyboard.press("Control+z");
    await expect.poll(() => html().inputValue()).toBe("Hello !");

    await world.page.getByText("Campaign <%= %>").click();
    const subject = world.page.getByLabel("Subject");
    await subject.fill("News ");
    await world.page.getByRole("button", { name: "Insert" }).click();
    await world.page.getByRole("menuitem", { name: "Mirror page link" }).click();
    await expect.poll(() => subject.inputValue()).toBe("News <%@ include view='mirror-page' %>");
  });

  test("MJML is told", async () => {
    await world.go("/deliveries/9/content");
    expect(await world.page.getByText("MJML: compiled to HTML").count()).toBe(0);
    await html().fill("<mjml><mj-body></mj-body></mjml>");
    await world.page.getByText("MJML: compiled to HTML").waitFor();
  });

  test("what is set in the folded sections is kept, and each line says what is set", async () => {
    await world.go("/deliveries/9/content");
    await section("Format and charset").click();
    await world.page.getByLabel("Format", { exact: true }).selectOption("Text only");
    await section("Tracking").click();
    await world.page.getByLabel("Track opens").uncheck();
    await section("Variables").click();
    await world.page.getByRole("button", { name: "Add a variable" }).click();
    await world.page.getByLabel("Name 1").fill("shop");
    await world.page.getByLabel("Value 1").fill("Lyon");
    await section("Attachments").click();
    await world.page
      .locator('input[type="file"]')
      .last()
      .setInputFiles({
        name: "logo.png",
        mimeType: "image/png",
        buffer: Buffer.from("not looked at"),
      });
    await world.page.getByLabel("Content id").fill("logo");
    await save();
    await world.page.reload();
    await section("Format and charset Text only · utf-8").waitFor();
    await section("Tracking Clicks").waitFor();
    await section("Variables 1 variable").click();
    expect(await world.page.getByLabel("Value 1").inputValue()).toBe("Lyon");
    await section("Attachments 1 file").click();
    await world.page.getByText("logo.png").first().waitFor();
    expect(await world.page.getByLabel("Content id").inputValue()).toBe("logo");
  });

  test("a line that is no header is refused before anything is sent, its section opens", async () => {
    await world.go("/deliveries/9/content");
    await section("Headers and error address").click();
    await world.page.getByLabel("Extra headers").fill("X-Shop: Lyon\n\nno colon here");
    await section("Headers and error address").click();
    await world.page.getByRole("button", { name: "Save and analyse" }).click();
    await world.page.getByText("line 2: The line is blank").waitFor();
    await world.page.getByText(/line 3: A header is written/).waitFor();
    expect(await world.page.getByLabel("Extra headers").and(world.page.locator(":focus")).count()).toBe(1);
    expect(world.fixture.calls.filter((call) => call.startsWith("PATCH"))).toEqual([]);
  });

  test("links: found ones with their place; a mode and a label are kept", async () => {
    await world.go("/deliveries/9/content");
    const row = world.page.getByRole("row", { name: /shop\.example\/near/ });
    await row.getByRole("combobox").selectOption("Not tracked");
    await row.getByLabel(/Label/).fill("Nearest shop");
    await save();
    await world.page.reload();
    expect(await row.getByRole("combobox").inputValue()).toBe("not-tracked");
    expect(await row.getByLabel(/Label/).inputValue()).toBe("Nearest shop");
    await row.getByRole("button", { name: "HTML, line 5" }).click();
    expect(await html().and(world.page.locator(":focus")).count()).toBe(1);
  });
});
