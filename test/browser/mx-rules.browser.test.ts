/** MX rules: made, refused at their fields, put in order, asked about; and the providers below. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("MX rules", (world) => {
  const rows = (name: string) => world.page.getByRole("table", { name }).locator("tbody tr");
  const names = () => rows("MX rules").locator("[data-row-link]").allTextContents();

  test("in their order, each with its limits and what is odd about it", async () => {
    await world.go("/sending/rules");
    await expect.poll(names).toEqual(["1 Google gently", "2 Partner", "3 Google statements"]);
    for (const words of ["*.google.com", "500–12,000", "Required", "On"]) {
      expect(await rows("MX rules").first().getByText(words, { exact: true }).count()).toBe(1);
    }
    const warning = rows("MX rules")
      .nth(2)
      .getByTitle(/before it takes all its hosts/);
    expect(await warning.textContent()).toBe("Never applies");
  });

  test("arrows change the order, also by keyboard, and stop at the ends", async () => {
    await world.go("/sending/rules");
    const up = world.page.getByRole("button", { name: "Further up: Google statements" });
    await up.focus();
    await world.page.keyboard.press("Enter");
    await expect.poll(names).toEqual(["1 Google gently", "2 Google statements", "3 Partner"]);
    await world.page.keyboard.press("Enter");
    await expect.poll(names).toEqual(["1 Google statements", "2 Google gently", "3 Partner"]);
    expect(await up.getAttribute("aria-disabled")).toBe("true");
    await world.page.keyboard.press("Enter");
    await world.page.getByText("Never applies").waitFor({ state: "detached" });
    expect(world.fixture.calls.filter((call) => call.endsWith("/order"))).toHaveLength(2);
    await world.page.getByRole("button", { name: "Further down: Google statements" }).focus();
    await world.page.keyboard.press("Enter");
    await expect.poll(names).toEqual(["1 Google gently", "2 Google statements", "3 Partner"]);
    await world.page.keyboard.press("Enter");
    await expect.poll(names).toEqual(["1 Google gently", "2 Partner", "3 Google statements"]);
  });

  test("a new rule: refused at its field, then made with all that was typed", async () => {
    await world.go("/sending/rules");
    await world.page.getByRole("link", { name: "New MX rule" }).click();
    await world.page.getByLabel("Name").fill("Slow");
    await world.page.getByLabel("MX hosts").fill("*.slow.example\ninfo@slow.example");
    await world.page.getByRole("button", { name: "Create" }).click();
    await world.page.getByText("No host name looks like this").waitFor();
    await world.page.getByLabel("MX hosts").fill("*.slow.example\nmx?.slow.example");
    await world.page.getByLabel("Connections, most").fill("3");
    await world.page.getByLabel("Messages an hour, least").fill("60");
    await world.page.getByLabel("Messages an hour, most").fill("600");
    await world.page.getByLabel("Time-out of data, s").fill("900");
    await world.page.getByLabel("Counted for").selectOption({ label: "All sites of the rule together" });
    await world.page.getByRole("switch", { name: "Shared by all sources" }).click();
    await world.page.getByLabel("TLS").selectOption({ label: "Encrypted" });
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "POST"),
      world.page.getByRole("button", { name: "Create" }).click(),
    ]);
    expect(request.postDataJSON()).toEqual({
      name: "Slow",
      enabled: true,
      mx: ["*.slow.example", "mx?.slow.example"],
      sources: null,
      shared: true,
      countedPer: "rule",
      connections: { min: 1, max: 3 },
      messagesPerConnection: 100,
      messagesPerHour: { min: 60, max: 600 },
      connectionsPerMinute: null,
      timeouts: { connect: null, data: 900, other: null },
      tls: "encrypted",
    });
    await world.page.waitForURL(/\/sending\/rules\/13$/);
  });

  test("a rule is changed over the version that was read, and deleted", async () => {
    await world.go("/sending/rules/2");
    expect(await world.page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await world.page.getByRole("switch", { name: "In use" }).click();
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "PATCH"),
      world.page.getByRole("button", { name: "Save" }).click(),
    ]);
    expect(request.headers()["if-match"]).toBe('"1"');
    expect(request.postDataJSON()).toMatchObject({ name: "Partner", enabled: true });
    await world.page.getByText("Saved", { exact: true }).waitFor();
    await world.page.getByRole("button", { name: "Delete" }).click();
    await world.page.getByRole("dialog").getByText("Its lanes follow the next rule that matches").waitFor();
    await world.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await world.page.waitForURL(/\/sending\/rules$/);
    await expect.poll(() => rows("MX rules").count()).toBe(2);
  });

  test("which rule applies: for MX hosts, for a domain; the question stands in the address", async () => {
    await world.go("/sending/rules");
    await world.page.getByRole("textbox", { name: "MX hosts" }).fill("aspmx.l.google.com, alt1.aspmx.l.google.com");
    await world.page.keyboard.press("Enter");
    await world.page.waitForURL(/\?mx=aspmx/);
    const answer = world.page.getByRole("status").filter({ hasText: "Would apply without it" });
    await answer.getByRole("link", { name: "Google gently" }).waitFor();
    await answer.getByText("google (comes with Envoi), default (comes with Envoi)").waitFor();
    await world.page.getByLabel("By", { exact: true }).selectOption({ label: "Recipient domain" });
    await world.page.getByRole("textbox", { name: "Recipient domain" }).fill("partner.example");
    await world.page.getByRole("button", { name: "Show" }).click();
    await world.page.waitForURL(/\?domain=partner\.example/);
    await answer.getByText("mx1.partner.example").waitFor();
    expect(await answer.getByText("no other one").count()).toBe(1);
    await world.page.getByRole("textbox", { name: "Recipient domain" }).fill("unknown.example");
    await world.page.keyboard.press("Enter");
    await world.page.getByRole("alert").getByText("No mail has gone to unknown.example.").waitFor();
  });

  test("providers are found by name or mask, and lead to their lanes", async () => {
    await world.go("/sending/rules");
    await world.page.getByLabel("Filter providers").fill("yahoodns");
    await expect.poll(() => rows("Providers").count()).toBe(1);
    await rows("Providers").getByRole("link").click();
    await world.page.waitForURL(/\/sending\?provider=yahoo$/);
  });
});
