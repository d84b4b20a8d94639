/** Blocks, domains, settings, unsubscribes: what is changed is kept, what is refused is told where. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("platform", (world) => {
  const changes = () => world.fixture.calls.filter((call) => /^(PUT|POST|DELETE) /.test(call) && !/session/.test(call));

  test("a block is named, written, refused with its place, saved, and deleted after a question", async () => {
    await world.go("/blocks");
    await world.page.getByRole("button", { name: "New block" }).click();
    await world.page.getByRole("dialog").getByLabel("Name").fill("Été footer");
    await world.page.getByRole("dialog").getByText("{% render 'ete-footer' %}").waitFor();
    await world.page.keyboard.press("Enter");
    await world.page.waitForURL(/\/blocks\/ete-footer$/);
    const html = world.page.getByRole("textbox", { name: "HTML variant" });
    await html.fill("<p>\n{% fi %}</p>");
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByRole("button", { name: "HTML, line 2, column 4" }).click();
    expect(await html.evaluate((field) => field.ownerDocument.activeElement === field)).toBe(true);

    await html.fill("<p>Bye</p>");
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByText("Saved", { exact: true }).waitFor();
    await world.page.getByRole("button", { name: "Delete" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Delete the block ete-footer?" });
    expect(changes().filter((call) => call.startsWith("DELETE"))).toEqual([]);
    await dialog.getByRole("button", { name: "Delete" }).click();
    await world.page.waitForURL(/\/blocks$/);
    await world.page.getByText("opening-hours").first().waitFor();
    expect(await world.page.getByText("ete-footer").count()).toBe(0);
  });

  test("a built-in block cannot be changed", async () => {
    await world.go("/blocks/greeting");
    await world.page.getByText("This block comes with Envoi").waitFor();
    expect(await world.page.getByRole("button", { name: /Save|Delete/ }).count()).toBe(0);
    expect(await world.page.getByRole("textbox", { name: "HTML variant" }).isEditable()).toBe(false);
  });

  test("a domain says what DNS has beside what it should have, the worst first", async () => {
    await world.go("/domains");
    await world.page.getByRole("link", { name: "shop.example", exact: true }).click();
    await world.page.getByText("There is no record.").waitFor();
    const order = await world.page
      .locator("[data-check]")
      .evaluateAll((all) => all.map((each) => each.dataset["check"]));
    expect(order).toEqual(["dkim", "spf", "bounce-mx", "dmarc"]);
    await world.page.locator('[data-check="spf"]').getByText("v=spf1 include:_spf.mail.example ~all").waitFor();
    await world.page
      .locator('[data-key="envoi2"]')
      .getByText("envoi2._domainkey.shop.example", { exact: true })
      .waitFor();
  });

  test("a record is copied as it belongs into DNS", async () => {
    await world.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await world.go("/domains/shop.example");
    await world.page.getByRole("button", { name: "Copy: Host" }).click();
    await world.page.getByRole("button", { name: "Copied: Host" }).waitFor();
    expect(await world.page.evaluate("navigator.clipboard.readText()")).toBe("envoi2._domainkey.shop.example");
  });

  test("a key is generated for a new domain; retiring the last one says what that means", async () => {
    await world.go("/domains");
    await world.page.getByRole("button", { name: "Add a domain" }).click();
    await world.page.getByRole("dialog").getByLabel("Domain").fill("Other.example");
    await world.page.keyboard.press("Enter");
    await world.page.getByText("No key: mail of this domain is not signed").waitFor();
    await world.page.getByRole("button", { name: "Generate a key" }).click();
    await world.page.getByRole("menuitem", { name: /Ed25519/ }).click();
    await world.page.getByText("envoi1._domainkey.other.example").first().waitFor();
    await world.page.getByRole("button", { name: "Retire" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Retire the key envoi1?" });
    await dialog.getByText(/It is the last active key/).waitFor();
    await dialog.getByRole("button", { name: "Retire" }).click();
    await world.page.getByText("Signs nothing new.").waitFor();
    expect(changes()).toEqual([
      "POST /domains/other.example/keys",
      "POST /domains/other.example/keys/100/actions/retire",
    ]);
  });

  test("settings: a refusal stands at its field; what is saved stays", async () => {
    await world.go("/settings");
    expect(await world.page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await world.page.getByLabel("Bounce domain").fill("not a domain");
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByText("A domain has no blanks").waitFor();
    await world.page.getByLabel("Bounce domain").fill("b.shop.example");
    await world.page.getByLabel("Attachments of a message, MB").fill("many");
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByText("A size is a number of megabytes, such as 2.5").waitFor();
    await world.page.getByLabel("Attachments of a message, MB").fill("2.5");
    await world.page.getByLabel("Sender address", { exact: true }).fill("news@shop.example");
    await world.page.getByLabel("Sender addresses that are allowed").fill("*@shop.example,*@*.shop.example");
    await world.page.getByRole("button", { name: "Save" }).click();
    await world.page.getByText("Saved", { exact: true }).waitFor();
    await world.page.reload();
    await expect.poll(() => world.page.getByLabel("Bounce domain").inputValue()).toBe("b.shop.example");
    expect(await world.page.getByLabel("Attachments of a message, MB").inputValue()).toBe("2.5");
    expect(await world.page.getByLabel("Sender addresses that are allowed").inputValue()).toBe(
      "*@shop.example, *@*.shop.example",
    );
    await world.go("/deliveries/new");
    expect(await world.page.getByLabel("From address").getAttribute("placeholder")).toBe("news@shop.example");
  });

  test("unsubscribes: who, by which way, and the address that one looks for", async () => {
    await world.go("/unsubscriptions");
    await world.page.getByText("One click in the mail program").waitFor();
    await world.page.getByText("Taken back").waitFor();
    await world.page.getByLabel("Look up an address").fill("stop@office.example");
    await world.page.waitForURL(/address=stop/);
    await expect.poll(() => world.page.locator("tbody tr").count()).toBe(1);
    await world.page.getByRole("link", { name: "stop@office.example" }).click();
    await world.page.waitForURL(/\/quarantine\?address=stop/);
  });

  test("in French, by the browser's language or by choice", async () => {
    await world.go("/deliveries");
    await world.page.getByRole("button", { name: "Appearance and account" }).click();
    await world.page.getByRole("menuitem", { name: "Français" }).click();
    await world.page.getByRole("heading", { name: "Diffusions" }).waitFor();
    await world.page.reload();
    await world.page.getByRole("link", { name: "Désinscriptions" }).waitFor();
    expect(await world.page.locator("html").getAttribute("lang")).toBe("fr");
  });
});
