/** Without a mouse: places, rows, search, help; and nothing taken from someone who is typing. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("keyboard", (world) => {
  const focused = () => world.page.locator(":focus").textContent();

  test("g d, g m, g s go places", async () => {
    await world.go("/deliveries/12");
    await world.page.keyboard.press("g");
    await world.page.keyboard.press("m");
    await world.page.waitForURL(/\/deliveries\/12\/messages$/);
    await world.page.keyboard.press("g");
    await world.page.keyboard.press("s");
    await world.page.waitForURL(/\/sandbox$/);
    await world.page.keyboard.press("g");
    await world.page.keyboard.press("d");
    await world.page.waitForURL(/\/deliveries$/);
  });

  test("j and k move, Enter opens", async () => {
    await world.go("/deliveries");
    await world.page.getByText("Winter leftovers").waitFor();
    await world.page.keyboard.press("j");
    await expect.poll(focused).toBe("Spring collection, newsletter subscribers");
    await world.page.keyboard.press("j");
    await world.page.keyboard.press("j");
    await world.page.keyboard.press("k");
    await expect.poll(focused).toBe("Loyalty statement March");
    await world.page.keyboard.press("Enter");
    await world.page.waitForURL(/\/deliveries\/11$/);
  });

  test("with the drawer open, j reads the next message", async () => {
    await world.go("/deliveries/12/messages");
    await world.page.getByText("ada.0@bigmail.example").click();
    await world.page.getByRole("complementary", { name: "ada.0@bigmail.example" }).waitFor();
    await world.page.keyboard.press("j");
    await world.page.getByRole("complementary", { name: "bruno.1@webpost.example" }).waitFor();
  });

  test("slash goes to the search, where letters are letters", async () => {
    await world.go("/deliveries/12/messages");
    await world.page.keyboard.press("/");
    await world.page.keyboard.type("julia");
    await world.page.waitForURL(/recipient=julia/);
    expect(await world.page.getByLabel("Recipient", { exact: true }).inputValue()).toBe("julia");
  });

  test("? lists the keys", async () => {
    await world.go("/deliveries");
    await world.page.keyboard.press("?");
    await world.page.getByRole("dialog", { name: "Keyboard" }).getByText("Go to deliveries").waitFor();
  });
});
