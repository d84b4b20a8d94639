/** The preview: of what is saved, as somebody in particular, and harmless. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("preview", (world) => {
  const drawer = () => world.page.getByRole("complementary", { name: "Preview" });
  const paper = () => drawer().frameLocator("iframe");

  test("F9 shows the worst cases of the audience, and F9 closes again", async () => {
    await world.go("/deliveries/10/content");
    await world.page.getByLabel("Subject").press("F9");
    await paper().getByText("Maximilian-Alexander").first().waitFor();
    await drawer().getByText("Emptiest").click();
    await drawer().getByText("recipient.first_name").waitFor();
    await drawer().getByText("Not in Latin letters").click();
    await paper().getByText("さくら").waitFor();
    await world.page.keyboard.press("F9");
    await drawer().waitFor({ state: "hidden" });
  });

  test("what is not saved is saved first: the server makes the preview", async () => {
    await world.go("/deliveries/10/content");
    await world.page.getByLabel("Subject").fill("Another subject");
    await world.page.getByRole("button", { name: "Save and preview" }).click();
    await drawer().getByRole("heading", { name: "Another subject" }).waitFor();
    const calls = world.fixture.calls.filter((call) => /PATCH|preview/.test(call));
    expect(calls).toEqual(["PATCH /deliveries/10", "POST /deliveries/10/preview"]);
  });

  test("a new delivery is saved, and its preview opens", async () => {
    await world.go("/deliveries/new");
    await world.page.getByLabel("Label").fill("April");
    await world.page.getByLabel("From address").fill("news@shop.example");
    await world.page.getByLabel("Subject").fill("April news");
    await world.page.keyboard.press("F9");
    await world.page.waitForURL(/\/deliveries\/\d+\/content\?preview=true$/);
    await drawer().getByRole("heading", { name: "April news" }).waitFor();
  });

  test("as one recipient, or with pasted attributes; what is no JSON is told", async () => {
    await world.go("/deliveries/10/content?preview=true");
    await drawer().getByText("A recipient", { exact: true }).click();
    const address = drawer().getByLabel("Address of a recipient of the audience");
    await address.fill("ada@bigmail.example");
    await address.press("Enter");
    await paper().getByText("Spring is here, Ada").waitFor();

    await drawer().getByText("Attributes", { exact: true }).click();
    await drawer().getByText("Edit these attributes").click();
    const json = drawer().getByLabel("Attributes as JSON");
    expect(JSON.parse(await json.inputValue())).toMatchObject({ first_name: "Ada", city: "Lyon" });
    await json.fill("{ city }");
    await drawer().getByRole("button", { name: "Show" }).click();
    await drawer()
      .getByText(/This is no JSON/)
      .waitFor();
    await json.fill('{ "first_name": "Zoë" }');
    await drawer().getByRole("button", { name: "Show" }).click();
    await drawer().getByText("HTML", { exact: true }).click();
    await paper().getByText("Spring is here, Zoë").waitFor();
    await drawer().getByText("recipient.city").waitFor();
  });

  test("a message that cannot be made says why and leads to the place", async () => {
    await world.go("/deliveries/10/content");
    const html = world.page.getByRole("textbox", { name: "HTML" });
    await html.fill("<p>\n{{ recipient.twon }}</p>");
    await world.page.keyboard.press("F9");
    await drawer().getByText("This message cannot be made: maximilian@bigmail.example").waitFor();
    await drawer().getByRole("button", { name: "HTML, line 2, column 4" }).click();
    await drawer().waitFor({ state: "hidden" });
    expect(await html.and(world.page.locator(":focus")).count()).toBe(1);
  });

  test("narrow as a phone; no script runs", async () => {
    await world.go("/deliveries/10/content?preview=true");
    await paper().getByText("Maximilian-Alexander").first().waitFor();
    await drawer().getByText("Mobile").click();
    await expect.poll(async () => (await drawer().locator("iframe").boundingBox())?.width).toBe(375);
    expect(await drawer().locator("iframe").getAttribute("sandbox")).toBe("");
    expect(await paper().getByText("a script ran").count()).toBe(0);
  });
});
