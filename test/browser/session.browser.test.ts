/** Signing in, and foreign HTML that may not act. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";
import { TOKEN } from "./fixture-answers.ts";

describeInBrowser("session", (world) => {
  test("the printed address signs in and leaves no token behind", async () => {
    await world.page.context().clearCookies();
    await world.go(`/#token=${TOKEN}`);
    expect(world.page.url()).toBe(`${world.fixture.url}/deliveries`);
    expect(world.fixture.calls.some((call) => call.includes(TOKEN))).toBe(false);
    expect(await world.page.evaluate("document.cookie")).toBe("");
  });

  test("without a session the token is asked for, and a wrong one refused with words", async () => {
    await world.page.context().clearCookies();
    await world.page.goto(`${world.fixture.url}/deliveries/12/messages?status=failed`);
    await world.page.getByText("cat .data/admin-token").waitFor();
    await world.page.getByLabel("Token").fill("wrong");
    await world.page.getByRole("button", { name: "Sign in" }).click();
    await world.page.getByText("This token is not known.").waitFor();
    await world.page.getByLabel("Token").fill(TOKEN);
    await world.page.getByRole("button", { name: "Sign in" }).click();
    await world.page.getByText("dora.3@office.example").waitFor();
    expect(world.page.url()).toContain("status=failed");
  });

  test("signing out shows nothing of what was there", async () => {
    await world.go("/deliveries");
    await world.page.getByRole("button", { name: "Appearance and account" }).click();
    await world.page.getByRole("menuitem", { name: "Sign out" }).click();
    await world.page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await world.page.getByText("Winter leftovers").count()).toBe(0);
  });

  test("the choice of appearance stays", async () => {
    await world.go("/deliveries");
    await world.page.getByRole("button", { name: "Appearance and account" }).click();
    await world.page.getByRole("menuitem", { name: "Dark" }).click();
    await world.page.reload();
    await world.page.getByText("Winter leftovers").waitFor();
    expect(await world.page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
  });

  test("a message in the sandbox is shown without scripts and without calling anywhere", async () => {
    await world.go("/sandbox?message=490");
    const frame = world.page.frameLocator("iframe");
    await frame.getByRole("heading", { name: "Spring is here" }).waitFor();
    expect(await world.page.locator("iframe").getAttribute("sandbox")).toBe("");
    expect(await frame.getByText("a script ran").count()).toBe(0);
    expect(world.fixture.calls.filter((call) => call.includes("open.gif"))).toEqual([]);
  });
});
