/** Sources, pools with their shares, and the grid of the warm-up. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("sources", (world) => {
  const rows = (name: string) => world.page.getByRole("table", { name }).locator("tbody tr");
  const acts = () => world.fixture.calls.filter((call) => call.includes("/actions/"));

  test("sources by number, pools with shares of those in use", async () => {
    await world.go("/sending/sources");
    await expect.poll(() => rows("Sources").count()).toBe(4);
    await rows("Pools").first().getByText("out1 45.5%").waitFor();
    expect(await rows("Pools").first().textContent()).toMatch(/out2 45\.5%.*out3 9\.1%/);
    expect(await rows("Pools").nth(1).textContent()).toMatch(/out1 100%.*out4 off/);
  });

  test("a source needs an address; what is left empty is null", async () => {
    await world.go("/sending/sources");
    await world.page.getByRole("link", { name: "New source" }).first().click();
    await world.page.getByLabel("Name", { exact: true }).fill("out9");
    await world.page.getByLabel("HELO name").fill("out9.shop.example");
    await world.page.getByRole("button", { name: "Create" }).click();
    await world.page.getByText("A source has at least one address").waitFor();
    await world.page.getByLabel("IPv6 address").fill("2001:db8::9");
    await world.page.getByLabel("Sender process").fill("0");
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "POST"),
      world.page.getByRole("button", { name: "Create" }).click(),
    ]);
    expect(request.postDataJSON()).toEqual({
      name: "out9",
      addressV4: null,
      addressV6: "2001:db8::9",
      helo: "out9.shop.example",
      sender: 0,
      enabled: true,
      warmUp: "automatic",
    });
    await world.page.waitForURL(/\/sending\/sources\/14$/);
  });

  test("a source that a pool has is not deleted, and the reason is told", async () => {
    await world.go("/sending/sources/1");
    await world.page.getByRole("button", { name: "Delete" }).click();
    await world.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await world.page.getByText('It is in the pool "default".').waitFor();
    await world.page.waitForURL(/\/sending\/sources\/1$/);
  });

  test("shares follow weights as they are typed; the pool is saved over its version", async () => {
    await world.go("/sending/pools/1");
    const member = (n: number) =>
      world.page.getByRole("listitem").filter({ has: world.page.getByLabel(`Weight of source ${n}`) });
    await member(1).getByText("45.5%").waitFor();
    await world.page.getByLabel("Weight of source 1").fill("14");
    await member(1).getByText("70.0%").waitFor();
    await world.page.getByRole("button", { name: "Remove source 3" }).click();
    await world.page.getByRole("button", { name: "Add a source" }).click();
    await world.page.getByLabel("Source 3", { exact: true }).selectOption({ label: "out4 (off)" });
    expect(await member(3).textContent()).toContain("–");
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "PUT"),
      world.page.getByRole("button", { name: "Save" }).click(),
    ]);
    expect(request.headers()["if-match"]).toBe('"1"');
    expect(request.postDataJSON()).toEqual({
      name: "default",
      members: [
        { source: "1", weight: 14 },
        { source: "2", weight: 5 },
        { source: "4", weight: 1 },
      ],
    });
  });

  test("the grid: providers that got something, all of them on demand, by state", async () => {
    await world.go("/sending/warm-up");
    const providers = () => world.page.getByRole("rowheader").allTextContents();
    await expect.poll(providers).toEqual(["gmx", "google", "outlook", "yahoo"]);
    await world.page.getByRole("button", { name: /Day 9 18,300 of 50,000/ }).waitFor();
    await world.page.getByRole("switch", { name: "Also providers that got nothing yet" }).click();
    await expect.poll(providers).toHaveLength(6);
    await world.page.getByLabel("State").selectOption({ label: "Held" });
    await world.page.waitForURL(/state=held/);
    await expect.poll(providers).toEqual(["outlook"]);
  });

  test("an operator's word on a cell: released at once, finished after a question, a day that is not there is refused", async () => {
    await world.go("/sending/warm-up");
    await world.page.getByRole("button", { name: /260 of 2,000/ }).click();
    const drawer = world.page.getByRole("complementary", { name: "out2 at outlook" });
    expect(await drawer.getByRole("button", { name: "Hold" }).count()).toBe(0);
    await drawer.getByRole("button", { name: "Release" }).click();
    await drawer.getByRole("button", { name: "Hold" }).waitFor();
    await drawer.getByLabel("Day of the curve").fill("99");
    await drawer.getByRole("button", { name: "Set day" }).click();
    await drawer.getByText("There is no day 99").waitFor();
    await drawer.getByRole("button", { name: "Finish" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Finish the warm-up of out2 at outlook?" });
    await dialog.getByText("There is no daily limit any more.").waitFor();
    await dialog.getByRole("button", { name: "Finish" }).click();
    await drawer.getByText("no limit", { exact: true }).first().waitFor();
    const path = "POST /warm-up/2/outlook/actions";
    expect(acts()).toEqual([`${path}/release`, `${path}/set-day`, `${path}/finish`]);
  });
});
