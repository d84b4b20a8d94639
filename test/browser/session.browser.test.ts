/** Signing in, and foreign HTML that may not act. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";
import { INVITATION, OPERATOR } from "./fixture-account.ts";
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
    await world.page.getByRole("button", { name: "Use a token instead" }).click();
    await world.page.getByText("cat .data/admin-token").waitFor();
    await world.page.getByLabel("Token").fill("wrong");
    await world.page.getByRole("button", { name: "Sign in" }).click();
    await world.page.getByText("This token is not known.").waitFor();
    await world.page.getByLabel("Token").fill(TOKEN);
    await world.page.getByRole("button", { name: "Sign in" }).click();
    await world.page.getByText("dora.3@office.example").waitFor();
    expect(world.page.url()).toContain("status=failed");
  });

  test("by login and password; the code is asked for after the password, and the way back is one click", async () => {
    await world.page.context().clearCookies();
    await world.page.goto(`${world.fixture.url}/deliveries`);
    await world.page.evaluate("localStorage.removeItem('envoi.sign-in')");
    await world.page.reload();
    const submit = world.page.getByRole("button", { name: "Sign in", exact: true });
    await world.page.getByLabel("Login").fill(OPERATOR.login);
    await world.page.getByLabel("Password", { exact: true }).fill("wrong");
    await submit.click();
    await world.page.getByText("Login and password do not belong together.").waitFor();
    expect(await world.page.getByLabel("Code").count()).toBe(0);
    await world.page.getByLabel("Password", { exact: true }).fill(OPERATOR.password);
    await submit.click();
    await world.page.getByLabel("Code").fill("000000");
    await submit.click();
    await world.page.getByText("This code is wrong").waitFor();
    await world.page.getByLabel("Code").fill(OPERATOR.code);
    await submit.click();
    await world.page.getByText("Winter leftovers").waitFor();
  });

  test("one's own account: password, authenticator app, other browsers", async () => {
    await world.page.context().request.post(`${world.fixture.url}/api/v1/session`, { data: OPERATOR });
    await world.go("/deliveries");
    await world.page.getByRole("button", { name: "Appearance and account" }).click();
    await world.page.getByRole("menuitem", { name: "Your account" }).click();
    await world.page.getByText(`You are signed in as ${OPERATOR.login} (Ann).`).waitFor();

    await world.page.getByLabel("Current password").fill("wrong");
    await world.page.getByLabel("New password").fill("another long password");
    await world.page.getByLabel("Once more").fill("another long password");
    await world.page.getByRole("button", { name: "Change password" }).click();
    await world.page.getByText("This is not your password.").waitFor();
    await world.page.getByLabel("Current password").fill(OPERATOR.password);
    await world.page.getByRole("button", { name: "Change password" }).click();
    await world.page.getByText("The password is changed.").waitFor();

    await world.page.getByRole("button", { name: "Set up an authenticator app" }).click();
    await world.page.getByText("MZXW6YTB", { exact: true }).waitFor();
    await world.page.getByLabel("Code of the app").fill("000000");
    await world.page.getByRole("button", { name: "Confirm" }).click();
    await world.page.getByText("This code is wrong").waitFor();
    await world.page.getByLabel("Code of the app").fill(OPERATOR.code);
    await world.page.getByRole("button", { name: "Confirm" }).click();
    await world.page.getByText("aaaa-bbbb-cccc-dddd").waitFor();
    await world.page.getByRole("button", { name: "I have kept them" }).click();
    await world.page.getByText("2 recovery codes are left").waitFor();
    expect(await world.page.getByText("aaaa-bbbb-cccc-dddd").count()).toBe(0);
    await world.page.getByLabel("Password", { exact: true }).fill(OPERATOR.password);
    await world.page.getByRole("button", { name: "Remove the second factor" }).click();
    await world.page.getByRole("button", { name: "Set up an authenticator app" }).waitFor();

    await world.page.getByText("192.0.2.2").waitFor();
    await world.page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
    await world.page.getByText("192.0.2.2").waitFor({ state: "detached" });
    await world.page.getByText("192.0.2.1").waitFor();
  });

  test("an invitation leads to choosing a password, leaves nothing in the address, and a weak one is refused with words", async () => {
    await world.page.goto("about:blank");
    await world.page.goto(`${world.fixture.url}/#invitation=${INVITATION}`);
    await world.page.getByRole("heading", { name: "Choose your password" }).waitFor();
    expect(world.page.url()).not.toContain(INVITATION);
    const choose = async (one: string, two: string) => {
      await world.page.getByLabel("New password").fill(one);
      await world.page.getByLabel("Once more").fill(two);
    };
    await choose("short", "other");
    await world.page.getByText("The two are not the same.").waitFor();
    await choose("short", "short");
    await world.page.getByRole("button", { name: "Set password" }).click();
    await world.page.getByText("It has fewer than 12 characters").waitFor();
    await choose(OPERATOR.password, OPERATOR.password);
    await world.page.getByRole("button", { name: "Set password" }).click();
    await world.page.getByText("The password is set.").waitFor();
    await world.page.getByLabel("Login").waitFor();
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
