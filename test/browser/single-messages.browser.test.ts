/** Single messages on the screens: found by what is known of them, told about, taken back. */
import { expect, test } from "vitest";

import { describeOnRealApp } from "./real-app.ts";

describeOnRealApp("single messages", (world) => {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const send = (n: number, changes: object = {}) =>
    world.web.call("POST", "/api/v1/messages", {
      to: `reader${n}@example.org`,
      content: { subject: "Order {{ recipient.number }} is on its way", text: "Order {{ recipient.number }}" },
      sender: { address: "shop@sender.example" },
      data: { number: 4700 + n },
      externalId: `order-${4700 + n}`,
      tags: ["receipt"],
      ...changes,
    });
  const rows = () => world.page.getByRole("table", { name: "Single messages" }).locator("tbody tr");

  test("the list is filtered by status, and a message that waits is taken back", async () => {
    for (let n = 0; n < 8; n++) await send(n, n === 3 ? { sendAt: later } : {});
    await world.go("/single-messages");
    await expect.poll(() => rows().count()).toBe(8);
    await world.page.getByLabel("Status").selectOption("scheduled");
    await expect.poll(() => rows().count()).toBe(1);
    await rows().getByRole("button").click();
    const drawer = world.page.getByRole("complementary", { name: "reader3@example.org" });
    await drawer.getByText("order-4703").waitFor();
    await drawer.getByText("Order 4703 is on its way").waitFor();
    await drawer.getByRole("button", { name: "Take back" }).click();
    await drawer.getByText("Cancelled").waitFor();
    await world.page.keyboard.press("Escape");
    await world.page.getByRole("button", { name: "Clear filters" }).click();
    await world.page.getByLabel("External id").fill("order-4705");
    await expect.poll(() => rows().count()).toBe(1);
    expect(await rows().innerText()).toContain("reader5@example.org");
  });
});
