/** The message log: filters live in the address, the list keeps its place, one message tells everything. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("message log", (world) => {
  const rows = () => world.page.getByRole("table", { name: "Message log" }).locator("tbody tr");

  test("filters go into the address and survive a reload", async () => {
    await world.go("/deliveries/12/messages");
    await world.page.getByLabel("Status").selectOption("failed");
    await world.page.getByLabel("Domain", { exact: true }).fill("office.example");
    await world.page.waitForURL(/status=failed.*domain=office\.example|domain=office\.example.*status=failed/);
    await expect.poll(() => rows().count()).toBe(4);

    await world.page.reload();
    await expect.poll(() => rows().count()).toBe(4);
    expect(await world.page.getByLabel("Status").inputValue()).toBe("failed");
    expect(await world.page.getByLabel("Domain", { exact: true }).inputValue()).toBe("office.example");

    await world.page.getByRole("button", { name: "Clear filters" }).click();
    await expect.poll(() => rows().count()).toBe(100);
    expect(new URL(world.page.url()).search).toBe("");
  });

  test("pages by cursor, and the log that is being read does not jump", async () => {
    await world.go("/deliveries/12/messages");
    await expect.poll(() => rows().count()).toBe(100);
    await world.page.getByRole("button", { name: "Load more" }).click();
    await expect.poll(() => rows().count()).toBe(200);
    expect(world.fixture.calls).toContain("GET /deliveries/12/messages?limit=100&cursor=100");

    const row = rows().nth(150);
    await row.scrollIntoViewIfNeeded();
    const before = await world.page.evaluate("scrollY");
    await row.getByRole("button").click();
    await world.page.getByRole("complementary").waitFor();
    expect(await world.page.evaluate("scrollY")).toBe(before);
    await world.page.keyboard.press("Escape");
    await world.page.getByRole("complementary").waitFor({ state: "hidden" });
    expect(await world.page.evaluate("scrollY")).toBe(before);
    expect(await row.getByRole("button").and(world.page.locator(":focus")).count()).toBe(1);
  });

  test("one message: every attempt with its reply, variables, source", async () => {
    await world.go("/deliveries/12/messages?message=4-5");
    const drawer = world.page.getByRole("complementary", { name: "fatou.5@webpost.example" });
    await drawer.getByText("Attempt 2").waitFor();
    expect(await drawer.getByText("452 4.2.2 Mailbox full, try again later").count()).toBe(2);
    await drawer.getByText("TLSv1.3").first().waitFor();
    await drawer.getByText("84ms").waitFor();
    await drawer.getByText("mailbox-full-452").first().waitFor();

    await drawer.getByText("Variables").click();
    await drawer.getByText("first_name").waitFor();
    await drawer.getByText("Source", { exact: true }).click();
    await drawer.getByText("Subject: Spring is here, Ada").waitFor();
    expect(await drawer.getByRole("link", { name: "Open as file" }).getAttribute("href")).toBe(
      "/api/v1/messages/4-5/source",
    );
  });

  test("one message: what its recipient did and what machines did, its mirror page, the same bytes as sent", async () => {
    await world.go("/deliveries/12/messages?message=4-0");
    const drawer = world.page.getByRole("complementary", { name: "ada.0@bigmail.example" });
    expect(await drawer.getByRole("link", { name: "Mirror page" }).getAttribute("href")).toBe(
      "/api/v1/messages/4-0/mirror",
    );
    await drawer.getByText("Reactions (4)").click();
    await drawer.getByText("https://shop.example/spring").waitFor();
    await drawer.getByText("Person", { exact: true }).waitFor();
    await drawer.getByText("Scanner").waitFor();
    await drawer.getByText("Source", { exact: true }).click();
    await drawer.getByText("Same bytes as sent").waitFor();
    await world.go("/deliveries/12/messages?message=4-3");
    await world.page.getByText("Source", { exact: true }).click();
    await world.page.getByText("Other bytes than sent").waitFor();
  });

  test("an address made by hand opens the log of the message's delivery", async () => {
    await world.page.goto(`${world.fixture.url}/messages?message=4-5`);
    await world.page.waitForURL(/\/deliveries\/12\/messages\?message=/);
    await world.page.getByRole("complementary", { name: "fatou.5@webpost.example" }).waitFor();
  });
});
