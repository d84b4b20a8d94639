/** Lanes and what shaping did: figures that move in rows that do not, acts on a lane, restrictions undone. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

const LANE = (letter: string) => letter.repeat(32);

describeInBrowser("sending", (world) => {
  const acts = () => world.fixture.calls.filter((call) => call.includes("/actions/"));
  const rows = (name: string) => world.page.getByRole("table", { name }).locator("tbody tr");
  const names = () => rows("Lanes").locator("[data-row-link]").allTextContents();
  const drawer = () => world.page.getByRole("complementary");

  test("lanes: most waiting first, what holds each back in a sentence, filters in the address", async () => {
    await world.go("/sending");
    await expect.poll(() => rows("Lanes").count()).toBe(6);
    expect((await names()).map((each) => each.split(" ")[0])).toEqual([
      "google",
      "outlook",
      "yahoo",
      "gmx",
      "other",
      "apple",
    ]);
    await rows("Lanes").nth(1).getByText("in 1 hr.").waitFor();
    expect(
      await rows("Lanes")
        .nth(0)
        .getByText(/12,000 messages an hour by MX rule google/)
        .count(),
    ).toBe(1);
    await world.page.getByLabel("Held back by").selectOption({ label: "Back-off" });
    await world.page.waitForURL(/constraint=back-off/);
    await expect.poll(() => rows("Lanes").count()).toBe(1);
    await world.page.getByLabel("Held back by").selectOption({ label: "DNS" });
    await world.page.getByText("No lane matches").waitFor();
    await world.go("/sending?provider=google&source=out1");
    await expect.poll(() => rows("Lanes").count()).toBe(1);
    expect(await world.page.getByLabel("Provider").inputValue()).toBe("google");
  });

  test("rows keep their places while figures move, until somebody sorts", async () => {
    await world.go("/sending");
    await expect.poll(() => rows("Lanes").count()).toBe(6);
    expect(await world.page.getByRole("button", { name: "Sort by waiting" }).isVisible()).toBe(false);
    const before = await rows("Lanes").last().boundingBox();
    world.fixture.changeSending(({ lanes }) => {
      const apple = lanes.find(({ provider }) => provider === "apple");
      if (apple !== undefined) apple.figures = { ...apple.figures, waiting: 99_000 };
    });
    await rows("Lanes").last().getByText("99,000").waitFor();
    expect(await rows("Lanes").last().boundingBox()).toEqual(before);
    await world.page.getByRole("button", { name: "Sort by waiting" }).click();
    await rows("Lanes").first().getByText("99,000").waitFor();
  });

  test("a lane is pinned and given back, suspended and released", async () => {
    await world.go("/sending");
    await world.page.getByRole("button", { name: /^google/ }).click();
    await world.page.waitForURL(new RegExp(`lane=${LANE("a")}`));
    await drawer().getByLabel("Messages an hour").fill("500");
    const [pin] = await Promise.all([
      world.page.waitForRequest((each) => each.url().endsWith("/actions/pin")),
      drawer().getByRole("button", { name: "Pin" }).click(),
    ]);
    expect(pin.postDataJSON()).toEqual({ connections: null, messagesPerHour: 500 });
    await drawer().getByText("Pinned by admin").waitFor();
    await drawer().getByRole("button", { name: "Unpin" }).click();
    await drawer().getByText("A pinned value is moved neither").waitFor();

    expect(await drawer().getByRole("button", { name: "Release" }).isDisabled()).toBe(true);
    await drawer().getByLabel("For").fill("soon");
    await drawer().getByRole("button", { name: "Suspend" }).click();
    await drawer().getByText("a time is written 90s").waitFor();
    await drawer().getByLabel("For").fill("2h");
    await drawer().getByRole("button", { name: "Suspend" }).click();
    await drawer().getByText("Suspended until").waitFor();
    await drawer().getByRole("button", { name: "Release" }).click();
    await drawer().getByText("Suspended until").waitFor({ state: "detached" });
    const path = `POST /lanes/${LANE("a")}/actions`;
    expect(acts()).toEqual([`${path}/pin`, `${path}/unpin`, `${path}/suspend`, `${path}/suspend`, `${path}/release`]);
  });

  test("the drawer of a lane has its own events, with those of its provider, and a door to its rule", async () => {
    await world.go(`/sending?lane=${LANE("b")}`);
    await expect.poll(() => drawer().locator("[data-event]").count()).toBe(2);
    await drawer().locator('[data-event="e4"]').getByText("Other sources instead").waitFor();
    await drawer().getByRole("link", { name: "outlook", exact: true }).click();
    await world.page.waitForURL(/\/sending\/rules\?mx=shop-example.*&source=/);
    await world.page.getByText("Would apply without it").waitFor();
  });

  test("events: each with cause, evidence, effect and end; doors to message and delivery", async () => {
    await world.go("/sending/events");
    await expect.poll(() => rows("What shaping did").count()).toBe(6);
    const second = rows("What shaping did").nth(1);
    for (const words of [
      "Mail signed by shop.example at google",
      "1,000 messages/h",
      "google-4.7.28",
      /^421 4\.7\.28/,
    ]) {
      expect(await second.getByText(words).count()).toBe(1);
    }
    await rows("What shaping did").nth(4).getByText("ended by itself").waitFor();
    await second.getByRole("link", { name: "Message 4-5" }).click();
    await world.page.waitForURL(/\/messages\?message=4-5/);
  });

  test("events: standing ones, alerts, those of a provider or of a delivery", async () => {
    await world.go("/sending/events");
    await world.page.getByLabel("Show").selectOption({ label: "Standing restrictions" });
    await world.page.waitForURL(/show=standing/);
    await expect.poll(() => rows("What shaping did").count()).toBe(2);
    await world.page.getByLabel("Show").selectOption({ label: "Alerts" });
    await expect.poll(() => rows("What shaping did").count()).toBe(1);
    await world.page.getByLabel("Show").selectOption({ label: "Everything" });
    await world.page.getByLabel("Provider").selectOption("outlook");
    await expect.poll(() => rows("What shaping did").count()).toBe(2);
    await world.go("/sending/events?delivery=12");
    await expect.poll(() => rows("What shaping did").count()).toBe(2);
    await world.page.getByLabel("Delivery", { exact: true }).fill("spring");
    await world.page.getByText("Nothing matches").waitFor();
  });

  test("a restriction is undone once somebody has read what that means; what is over cannot be", async () => {
    await world.go("/sending/events");
    await world.page.getByRole("button", { name: "Undo: out1 at outlook" }).click();
    const dialog = world.page.getByRole("dialog", { name: "End this restriction now?" });
    await dialog.getByText("mail leaves again as fast as the MX rule lets it").waitFor();
    expect(acts()).toEqual([]);
    await dialog.getByRole("button", { name: "Undo" }).click();
    await rows("What shaping did").nth(2).getByText("ended by admin").waitFor();
    expect(acts()).toEqual(["POST /shaping-events/e4/actions/undo"]);
    await expect.poll(() => world.page.getByRole("button", { name: /^Undo/ }).count()).toBe(1);
  });

  test("by keyboard alone: g l to the lanes, a row, its drawer, back", async () => {
    await world.go("/deliveries");
    await world.page.keyboard.press("g");
    await world.page.keyboard.press("l");
    await world.page.waitForURL(/\/sending$/);
    await expect.poll(() => rows("Lanes").count()).toBe(6);
    await world.page.keyboard.press("j");
    await world.page.keyboard.press("Enter");
    await world.page.getByRole("complementary", { name: "google · out1" }).waitFor();
    await world.page.keyboard.press("j");
    await world.page.getByRole("complementary", { name: "outlook · out1" }).waitFor();
    await world.page.keyboard.press("Escape");
    await drawer().waitFor({ state: "detached" });
  });
});
