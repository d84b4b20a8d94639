/** Making a delivery: refusals at their field, a CSV brought in on the spot, analysis, the question before sending. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("editor", (world) => {
  const acts = () => world.fixture.calls.filter((call) => call.startsWith("POST") && !call.includes("session"));

  test("the server's refusals stand at their fields, with line and column", async () => {
    await world.go("/deliveries/new");
    await world.page.getByLabel("From address").fill("nobody");
    await world.page.getByRole("textbox", { name: "HTML" }).fill("<p>\n{% fi %}</p>");
    await world.page.getByRole("button", { name: "Save and analyse" }).click();
    await world.page.getByText("unknown tag fi").waitFor();
    const label = world.page.getByLabel("Label");
    expect(await label.getAttribute("aria-invalid")).toBe("true");
    expect(await label.and(world.page.locator(":focus")).count()).toBe(1);
    await world.page.getByText("A delivery needs a label").waitFor();
    await world.page.getByText("No @ in the address").waitFor();
    await world.page.getByText("2 fields need a change").waitFor();
    await world.page.getByRole("button", { name: "HTML, line 2, column 4" }).click();
    expect(await world.page.evaluate("document.activeElement.value.slice(document.activeElement.selectionStart)")).toBe(
      "fi %}</p>",
    );
  });

  test("from nothing to sending", async () => {
    await world.go("/deliveries/new");
    await world.page.getByLabel("Label").fill("April");
    await world.page.getByLabel("From address").fill("news@shop.example");
    await world.page.getByLabel("Subject").fill("Hello {{ recipient.first_name }}");
    await world.page.getByRole("textbox", { name: "HTML" }).fill("<p>Hello</p>");
    await world.page.getByLabel("One import").check();
    await world.page.locator('input[type="file"]').setInputFiles({
      name: "april.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("email\nada@bigmail.example\n"),
    });
    await world.page.getByText("april.csv: 100,000 rows read").waitFor();
    await world.page.getByText("ada@@bigmail.example").waitFor();
    await expect.poll(() => world.page.getByLabel("Import", { exact: true }).inputValue()).not.toBe("");

    await world.page.getByRole("button", { name: "Save and analyse" }).click();
    await world.page.getByRole("button", { name: "Send to 95,188 people" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Send “April”?" });
    await dialog.getByText(/95,188 people get this message from news@shop\.example, starting now/).waitFor();
    expect(acts().filter((call) => call.endsWith("/confirm"))).toEqual([]);
    await dialog.getByLabel("Number of people").fill("95,188");
    await dialog.getByRole("button", { name: "Send to 95,188 people" }).click();
    await world.page.getByText("In progress", { exact: true }).waitFor();
    expect(acts().at(-1)).toMatch(/^POST \/deliveries\/\d+\/actions\/confirm$/);
  });

  test("warnings do not block; each excluded number opens its rows", async () => {
    await world.go("/deliveries/10/content");
    await world.page.getByText("2 warnings").waitFor();
    await world.page.getByRole("link", { name: "Duplicate" }).click();
    await world.page.waitForURL(/\/deliveries\/10\/exclusions\?reason=duplicate$/);
    await world.page.getByText("line 52: also line 3").waitFor();
    expect(await world.page.getByText("line 40: two @").count()).toBe(0);
  });

  test("a change needs a new analysis before it can be sent", async () => {
    await world.go("/deliveries/10/content");
    await world.page.getByRole("button", { name: "Send to 95,188 people" }).waitFor();
    await world.page.getByLabel("Subject").fill("Another subject");
    await world.page.getByText("Changed since the last analysis.").waitFor();
    expect(await world.page.getByRole("button", { name: /^Send to/ }).count()).toBe(0);
    await world.page.getByRole("button", { name: "Save and analyse" }).click();
    await world.page.getByRole("button", { name: "Send to 95,188 people" }).waitFor();
    const calls = world.fixture.calls.filter((call) => /PATCH|actions/.test(call));
    expect(calls).toEqual(["PATCH /deliveries/10", "POST /deliveries/10/actions/analyse"]);
  });

  test("someone else's change is not overwritten", async () => {
    await world.go("/deliveries/10/content");
    await world.page.getByLabel("Subject").fill("Mine");
    world.fixture.tick("10", ({ delivery }) => {
      delivery.version = 9;
      delivery.content.subject = "Theirs";
    });
    await world.page.getByRole("button", { name: "Save and analyse" }).click();
    await world.page.getByText("Someone has changed this delivery since you opened it.").waitFor();
    expect(await world.page.getByLabel("Subject").inputValue()).toBe("Mine");
    await world.page.getByRole("button", { name: "Reload" }).click();
    await expect.poll(() => world.page.getByLabel("Subject").inputValue()).toBe("Theirs");
  });
});
