/** The live page: one bar that is the target, figures that are doors, questions that tell the consequence. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

type Part = { name: string; count: number; width: number };

/** The large bar, which is the first on the page. */
const partsOf = (page: Page): Promise<Part[]> =>
  page
    .getByRole("img", { name: /targeted recipients/ })
    .first()
    .evaluate((bar) =>
      [...bar.children].map((part) => ({
        name: part.getAttribute("data-part") ?? "",
        count: Number(part.getAttribute("data-count")),
        width: part.getBoundingClientRect().width,
      })),
    );

const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`);

describeInBrowser("live page", (world) => {
  test("the parts are the target, in order, and stay so while it moves", async () => {
    await world.go("/deliveries/12");
    await figure(world.page, "sent").getByText("53,240").waitFor();
    const before = await partsOf(world.page);
    expect(before.map((part) => part.name)).toEqual([
      "sent",
      "retrying",
      "waiting",
      "inDoubt",
      "failed",
      "cancelled",
      "excluded",
    ]);
    expect(before.reduce((sum, part) => sum + part.count, 0)).toBe(100_000);

    world.fixture.tick("12", ({ indicators }) => {
      indicators.sent += 10_000;
      indicators.pending -= 10_000;
    });
    await figure(world.page, "sent").getByText("63,240").waitFor();
    const after = await partsOf(world.page);
    expect(after.reduce((sum, part) => sum + part.count, 0)).toBe(100_000);
    expect(after[0]?.width).toBeGreaterThan(before[0]?.width ?? 0);
    expect(Math.abs(total(after) - total(before))).toBeLessThan(1);
  });

  test("a tick moves neither the figures nor what lies below", async () => {
    await world.go("/deliveries/12");
    const heading = world.page.getByRole("heading", { name: "Destinations" });
    await figure(world.page, "sent").getByText("53,240").waitFor();
    const before = await heading.boundingBox();
    world.fixture.tick("12", (stored) => {
      stored.indicators.sent += 41_000;
      stored.indicators.pending -= 41_000;
      stored.indicators.takenIntoAccount = 0;
      stored.rate = null;
    });
    await figure(world.page, "sent").getByText("94,240").waitFor();
    expect(await heading.boundingBox()).toEqual(before);
    await world.page.getByText("not known yet").first().waitFor();
  });

  test("each figure opens its rows", async () => {
    await world.go("/deliveries/12");
    await figure(world.page, "retrying").getByRole("link").click();
    await world.page.waitForURL(/\/deliveries\/12\/messages\?status=taken-into-account$/);
    await world.page.goBack();
    await figure(world.page, "excluded").getByRole("link").click();
    await world.page.waitForURL(/\/deliveries\/12\/exclusions$/);
    await world.page.goBack();
    await world.page
      .getByRole("row", { name: /webpost\.example/ })
      .getByRole("link")
      .last()
      .click();
    await world.page.waitForURL(/domain=webpost\.example/);
    await world.page.waitForURL(/status=failed/);
  });

  test("pausing tells what finishes and what stays, then does it", async () => {
    await world.go("/deliveries/12");
    await figure(world.page, "sent").getByText("53,240").waitFor();
    await world.page.getByRole("button", { name: "Pause" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Pause this delivery?" });
    await dialog.getByText("312 messages are on the wire and will finish; 41,200 stay.").waitFor();
    expect(world.fixture.calls.filter((call) => call.startsWith("POST"))).toEqual(["POST /session"]);

    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "hidden" });
    expect(world.fixture.calls.filter((call) => call.includes("/actions/"))).toEqual([]);

    await world.page.getByRole("button", { name: "Pause" }).click();
    await dialog.getByRole("button", { name: "Pause" }).click();
    await world.page.getByText("Pausing. 312 messages are on the wire and will finish.").waitFor();
    expect(world.fixture.calls.filter((call) => call.includes("/actions/"))).toEqual([
      "POST /deliveries/12/actions/pause",
    ]);
    await world.page.getByRole("button", { name: "Resume" }).waitFor();
  });

  test("stopping says how many it cancels", async () => {
    await world.go("/deliveries/12");
    await figure(world.page, "sent").getByText("53,240").waitFor();
    await world.page.getByRole("button", { name: "Stop" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Stop this delivery for good?" });
    await dialog.getByText("41,200 will be cancelled. A stopped delivery cannot be resumed.").waitFor();
    await dialog.getByRole("button", { name: "Stop and cancel 41,200 messages" }).click();
    await world.page.getByText("Stopped", { exact: true }).first().waitFor();
    expect(await world.page.getByRole("button", { name: /Pause|Resume|^Stop/ }).count()).toBe(0);
  });

  test("why a delivery holds is told with the server's reply", async () => {
    await world.go("/deliveries/11");
    await world.page.getByText("535 5.7.8 Authentication credentials invalid").waitFor();
    await world.page.getByText("Nothing is lost: 8,880 messages wait.").waitFor();
  });

  test("a broken stream is told, and comes back", async () => {
    await world.go("/deliveries/12");
    await world.page.getByText("Live", { exact: true }).nth(1).waitFor();
    world.fixture.drop("12");
    await world.page.getByText("Connection lost, trying again").waitFor();
    await world.page.getByText("Connection lost, trying again").waitFor({ state: "hidden" });
    world.fixture.tick("12", ({ indicators }) => {
      indicators.sent += 1;
      indicators.pending -= 1;
    });
    await figure(world.page, "sent").getByText("53,241").waitFor();
  });

  test("reactions: people first, machines beside; what nobody counts is no zero", async () => {
    await world.go("/deliveries/12");
    const card = (name: string) => world.page.locator(`[data-reaction="${name}"]`);
    await card("opens").getByText("16,504").waitFor();
    await card("opens").getByText("27,684").waitFor();
    await card("reactivity").getByText("15.5%").waitFor();
    await card("clicks").getByRole("link").click();
    await world.page.waitForURL(/#links$/);
    await card("optOuts").getByRole("link").click();
    await world.page.waitForURL(/\/unsubscriptions$/);

    await world.go("/deliveries/6");
    await card("opens").getByText("not tracked").waitFor();
    await card("reactivity").getByText("not tracked").waitFor();
    await card("mirrorViews").getByText("no public mirror page").waitFor();
    expect(await card("opens").getByText(/\d/).count()).toBe(0);
  });

  test("clicks by link, the most clicked first", async () => {
    await world.go("/deliveries/12");
    const rows = world.page.getByRole("table", { name: "Clicks by link" }).locator("tbody tr");
    await expect.poll(() => rows.count()).toBe(3);
    expect(await rows.first().textContent()).toContain("https://shop.example/spring");
    await rows.first().getByText("1,597").waitFor();
  });

  test("the state follows the stream without a reload", async () => {
    await world.go("/deliveries/12");
    await world.page.getByText("In progress", { exact: true }).waitFor();
    world.fixture.tick("12", (stored) => {
      stored.delivery.state = "finished";
      Object.assign(stored.indicators, { sent: 94_600, failed: 588, pending: 0, takenIntoAccount: 0, inDoubt: 0 });
    });
    await world.page.getByText("Finished", { exact: true }).first().waitFor();
    expect(await world.page.getByRole("button", { name: "Pause" }).count()).toBe(0);
  });
});

const total = (parts: Part[]): number => parts.reduce((sum, part) => sum + part.width, 0);
