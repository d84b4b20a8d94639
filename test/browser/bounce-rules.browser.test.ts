/** Reply texts qualified and made rules; bounce rules ordered, tried, refused at their fields; past messages judged again. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("bounces", (world) => {
  const rows = (name: string) => world.page.getByRole("table", { name }).locator("tbody tr");
  const button = (name: string) => world.page.getByRole("button", { name, exact: true });
  const body = async (method: string, act: () => Promise<void>) => {
    const [request] = await Promise.all([world.page.waitForRequest((each) => each.method() === method), act()]);
    return { sent: request.postDataJSON() as unknown, ifMatch: request.headers()["if-match"] };
  };

  test("a text is qualified and becomes a rule, tried before it is made; what it shows cannot deceive", async () => {
    await world.go("/reply-texts");
    await expect.poll(() => rows("Reply texts").count()).toBe(3);
    expect(await rows("Reply texts").nth(2).textContent()).toContain("‹U+202E›gro.elpmaxe");
    expect(await world.page.getByTitle("3 reply texts to qualify").count()).toBe(2);
    await rows("Reply texts").first().getByRole("button").click();
    const drawer = world.page.getByRole("complementary");
    await drawer.getByText("No rule: tried again").waitFor();
    await drawer.getByRole("img", { name: /on the busiest day/ }).waitFor();
    expect(await drawer.getByRole("link", { name: "dora.3@office.example" }).getAttribute("href")).toBe(
      "/messages?message=4-3",
    );
    expect(await button("Qualify").isDisabled()).toBe(true);
    await drawer.getByLabel("Type").selectOption("hard");
    await drawer.getByLabel("Reason").selectOption("user-unknown");
    const said = await body("PATCH", () => button("Qualify and make a rule").click());
    expect(said).toEqual({ sent: { type: "hard", reason: "user-unknown" }, ifMatch: '"1"' });
    await world.page.waitForURL(/\/bounce-rules\/new\?text=/);
    await world.page.getByText("Made of reply text 9").waitFor();
    expect(await world.page.getByLabel("Name").inputValue()).toBe("text-9");
    const tried = await body("POST", () => button("Try").click());
    expect(tried.sent).toMatchObject({ days: 7, change: { kind: "add", rule: { name: "text-9", code: ["550"] } } });
    await world.page.getByText("12,480 of 184,220 replies would be judged otherwise.").waitFor();
    await world.page.getByText("12,439 would quarantine their addresses and did not").waitFor();
    await button("Create").click();
    await world.page.waitForURL(/\/bounce-rules\/13$/);
    await world.page.getByTitle("2 reply texts to qualify").first().waitFor();
  });

  test("a text is ignored and given back; another's word in between is told", async () => {
    await world.go("/reply-texts?state=all&text=5");
    await world.page.getByText("Said by admin").waitFor();
    expect(await body("PATCH", () => button("Ignore").click())).toEqual({ sent: { state: "ignore" }, ifMatch: '"1"' });
    await world.page.getByText("Ignored.", { exact: true }).waitFor();
    expect(await body("PATCH", () => button("Give back to rules").click())).toEqual({
      sent: { state: "to-qualify" },
      ifMatch: '"2"',
    });
    await world.page.getByText("Rules judge it again.").waitFor();
    await world.page.route("**/reply-texts/5", (route) =>
      route.request().method() === "PATCH"
        ? route.continue({ headers: { ...route.request().headers(), "if-match": '"1"' } })
        : route.continue(),
    );
    await button("Keep").click();
    await world.page.getByRole("alert").getByText("Somebody else has changed it").waitFor();
  });

  test("rules: order by keyboard, refused at their fields, changed over their version; shipped ones are read", async () => {
    await world.go("/bounce-rules");
    const names = () => rows("Your rules").locator("[data-row-link]").allTextContents();
    await world.page.getByRole("button", { name: "Further up: partner-quota" }).focus();
    await world.page.keyboard.press("Enter");
    await expect.poll(names).toEqual(["1 moon-house", "2 partner-quota", "3 partner-blocks"]);
    await world.page.getByLabel("Filter rules").fill("quota exceeded");
    await expect.poll(() => rows("Rules that come with Envoi").count()).toBe(1);
    await button("mailbox-full").click();
    await world.page.getByRole("complementary").getByText("40-mailbox.toml:12").waitFor();
    await world.page.keyboard.press("Escape");

    await world.page.getByRole("link", { name: "moon-house" }).click();
    await world.page.getByLabel("Codes", { exact: true }).fill("550 250");
    await world.page.getByLabel("Text", { exact: true }).fill("moon * house\n$nothing");
    await button("Add an example").click();
    await button("Save").click();
    await world.page.getByText('code "250" is not like 550, 55x or 5xx').waitFor();
    await world.page.getByText("$nothing: no such list").waitFor();
    await world.page.getByText("Too small: at least 1 character").waitFor();
    await world.page.getByLabel("Codes", { exact: true }).fill("550, 55x");
    await world.page.getByLabel("Text", { exact: true }).fill("moon * house");
    await button("Remove example 2").click();
    await world.page.getByRole("group", { name: "Stage" }).getByText("EHLO").click();
    const { sent, ifMatch } = await body("PATCH", () => button("Save").click());
    expect(ifMatch).toBe('"1"');
    expect(sent).toMatchObject({ code: ["550", "55x"], stage: ["ehlo", "rcpt", "dot"], enhanced: ["5.9.*"] });
    await world.page.getByText("Saved", { exact: true }).waitFor();
    await button("Delete").click();
    await world.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => rows("Your rules").count()).toBe(2);
  });

  test("past messages are counted, then judged again, and it is taken back", async () => {
    await world.go("/reply-texts?state=keep&text=5");
    await button("Judge past messages again").click();
    const dialog = world.page.getByRole("dialog");
    const counted = await body("POST", () => dialog.getByRole("button", { name: "Count first" }).click());
    expect(counted.sent).toMatchObject({ dryRun: true });
    await dialog.getByText("77 messages would change, in 3 deliveries.").waitFor();
    const done = await body("POST", () => dialog.getByRole("button", { name: "Judge again" }).click());
    expect(done.sent).toMatchObject({ dryRun: false });
    await dialog.getByText("77 messages changed.").waitFor();
    await dialog.getByRole("link", { name: "Judged again" }).click();
    await world.page.waitForURL(/\/requalifications$/);
    await world.page
      .getByRole("button", { name: /^Undo: Reply text/ })
      .first()
      .click();
    await world.page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
    await rows("Judged again").first().getByText("Undone").waitFor();
  });
});
