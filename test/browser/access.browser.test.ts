/** Operators, groups, tokens, sessions and the audit log on the real web role; what somebody may not do is not offered. */
import { expect, test } from "vitest";

import { CLIENT, startOidcProvider } from "../oidc-provider.ts";
import { addOperator, PASSWORD, signIn } from "../operators.ts";
import { describeOnRealApp, expectGoodLooks } from "./real-app.ts";

describeOnRealApp("access", (world) => {
  const row = (name: string) => world.page.getByRole("row").filter({ hasText: name });

  test("an operator is invited with a role and a group, chooses a password and signs in", async () => {
    const { page } = world;
    await world.web.call("POST", "/api/v1/operator-groups", { name: "Content team", roles: ["content-contributor"] });
    await world.go("/operators");
    await page.getByText("No operator yet").waitFor();
    await page.getByRole("link", { name: "New operator" }).first().click();
    await page.getByLabel("Login").fill("ann lee");
    await page.getByLabel("Name", { exact: true }).fill("Ann Lee");
    await page.getByRole("checkbox", { name: "Reports only" }).check();
    await page.getByRole("combobox", { name: "Groups" }).click();
    await page.getByRole("option", { name: "Content team" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Create and invite" }).click();
    await page.getByText("a login has no blanks").waitFor();
    await page.getByLabel("Login").fill("ann@example.com");
    await page.getByRole("button", { name: "Create and invite" }).click();
    const dialog = page.getByRole("dialog");
    const address = new URL((await dialog.locator("code").textContent()) ?? "");
    await dialog.getByRole("button", { name: "I have kept it" }).click();
    await page.getByText("Content contributor (by a group, too)").waitFor();
    expect(await page.getByRole("checkbox", { name: "Reports only" }).isChecked()).toBe(true);
    await expectGoodLooks(page, "operator");
    await world.go("/operators");
    await row("ann@example.com").getByText("Invited").waitFor();
    expect(await row("ann@example.com").textContent()).toContain("Reports only, Content contributor");

    const theirs = await world.stranger();
    await theirs.goto(`${world.url}/${address.hash}`);
    await theirs.getByLabel("New password").fill(PASSWORD);
    await theirs.getByLabel("Once more").fill(PASSWORD);
    await theirs.getByRole("button", { name: "Set password" }).click();
    await theirs.getByLabel("Login").fill("ann@example.com");
    await theirs.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await theirs.getByRole("button", { name: "Sign in" }).click();
    await theirs.getByRole("heading", { name: "Deliveries" }).waitFor();
    const places = await theirs.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents();
    expect(places).toEqual(["Envoi", "Deliveries", "Series", "Templates", "Blocks", "Settings"]);
    expect(await theirs.getByRole("link", { name: "New delivery" }).count()).toBe(0);
    await world.go("/recipients", theirs);
    await theirs.getByText("It needs the right “See people and messages”").waitFor();
    await expectGoodLooks(theirs, "not-allowed");
  });

  test("locked is seen and unlocked; deactivated signs out, and can be taken back", async () => {
    const { page } = world;
    const { page: theirs, operator } = await world.as("bob@example.com", ["campaign-manager"]);
    await world.go("/tokens", theirs);
    expect(await theirs.getByRole("navigation", { name: "Access" }).getByRole("link").allTextContents()).toEqual([
      "API tokens",
    ]);
    for (let i = 0; i < 6; i++) await signIn(world.web, { login: operator.login, password: "wrong" }, `192.0.2.${i}`);
    await world.go("/operators");
    await row("bob@example.com").getByText("Locked").waitFor();
    await expectGoodLooks(page, "operators");
    await row("bob@example.com").getByRole("link").click();
    await page.getByRole("button", { name: "Unlock" }).click();
    await page.getByText("Unlocked").waitFor();
    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("dialog").getByText("Their sessions end").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("button", { name: "Activate", exact: true }).waitFor();
    await theirs.reload();
    await theirs.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByRole("button", { name: "Activate", exact: true }).click();
    await page.getByRole("button", { name: "Deactivate" }).waitFor();
    await page.getByRole("link", { name: "What they changed" }).click();
    await page.waitForURL(/actor=bob/);
    await expect.poll(() => page.getByRole("row").count()).toBeGreaterThan(1);
  });

  test("a group gives its roles and is deleted", async () => {
    const { page } = world;
    const { operator } = await world.as("cleo@example.com", []);
    await world.go("/operators/groups/new");
    await page.getByLabel("Name", { exact: true }).fill("Readers");
    await page.getByRole("combobox", { name: "Members" }).fill("cleo");
    await page.getByRole("option", { name: /cleo@example.com/ }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("checkbox", { name: "Reports only" }).check();
    await page.getByRole("button", { name: "Create group" }).click();
    await page.waitForURL(/\/operators\/groups\/\d+$/);
    expect((await operator.call("GET", "/api/v1/deliveries")).status).toBe(200);
    await expectGoodLooks(page, "group");
    await page.getByRole("button", { name: "Delete group" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete group" }).click();
    await page.waitForURL(/\/operators\/groups$/);
    expect((await operator.call("GET", "/api/v1/deliveries")).status).toBe(403);
  });

  test("a token is shown once, opens what it was narrowed to, and is revoked", async () => {
    const { page } = world;
    await world.go("/tokens");
    await page.getByRole("button", { name: "New API token" }).click();
    await page.getByLabel("Label").fill("Shop");
    await page.getByRole("radio", { name: "Only this" }).check();
    expect(await page.getByRole("button", { name: "Create token" }).isDisabled()).toBe(true);
    await page.getByRole("checkbox", { name: "See deliveries and figures" }).check();
    await page.getByLabel("Expires").selectOption("in 30 days");
    await expectGoodLooks(page, "new-token");
    await page.getByRole("button", { name: "Create token" }).click();
    const token = (await page.getByRole("dialog", { name: "Your token" }).locator("code").textContent()) ?? "";
    await page.getByRole("button", { name: "I have kept it" }).click();
    const ask = (path: string) => world.web.call("GET", path, undefined, { authorization: `Bearer ${token}` });
    expect([(await ask("/api/v1/deliveries")).status, (await ask("/api/v1/recipients")).status]).toEqual([200, 403]);
    await row("Shop").getByText("One right").waitFor();
    await expectGoodLooks(page, "tokens");
    await page.getByRole("button", { name: "Revoke: Shop" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await row("Shop").waitFor({ state: "detached" });
    expect((await ask("/api/v1/deliveries")).status).toBe(401);
  });

  test("the audit log is filtered and shows before and after", async () => {
    const { page } = world;
    const { operator } = await world.as("dora@example.com", ["administrator"]);
    const { body } = await operator.call("GET", "/api/v1/settings");
    const { version, ...settings } = body as { version: number; organisation: string };
    const changed = await operator.call(
      "PUT",
      "/api/v1/settings",
      { ...settings, organisation: "Example" },
      { "if-match": `"${version}"` },
    );
    expect(changed.status).toBe(200);
    await world.go("/audit");
    await page.getByRole("textbox", { name: "Kind" }).fill("settings");
    await page.getByRole("textbox", { name: "Kind" }).press("Enter");
    await page.waitForURL(/resource=settings/);
    await expect.poll(() => page.getByRole("row").count()).toBe(2);
    await expectGoodLooks(page, "audit");
    await page.getByRole("row").nth(1).getByRole("button").click();
    const drawer = page.getByRole("complementary");
    await drawer.getByText("organisation").waitFor();
    expect(await drawer.locator("pre").allTextContents()).toContain("Example");
    await expectGoodLooks(page, "audit-line");
  });

  test("everybody's browsers are listed and signed out", async () => {
    const { page } = world;
    const { page: theirs } = await world.as("emil@example.com", ["reports"]);
    await world.go("/deliveries", theirs);
    await world.go("/operators/sessions");
    await page.getByLabel("Operator").selectOption("emil@example.com");
    await page.waitForURL(/operator=/);
    await expectGoodLooks(page, "sessions");
    await page.getByRole("button", { name: "Sign out: emil@example.com" }).click();
    await page.getByText("No browser is signed in").waitFor();
    await theirs.reload();
    await theirs.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  test("an identity provider is tried and switched on; who comes back from it goes on, or is told why not", async () => {
    const { page } = world;
    const provider = await startOidcProvider(world.url);
    try {
      const flo = await addOperator(world.web, "flo@example.com", ["reports"]);
      await world.go("/operators/sign-in");
      provider.behaviour.endSession = `${provider.issuer}/end`;
      await page.getByLabel("Issuer").fill(provider.issuer);
      await page.getByRole("button", { name: "Try" }).click();
      await page.getByText(`It answers: people sign in at ${provider.issuer}/authorize.`).waitFor();
      await page.getByRole("switch", { name: "Operators sign in with it" }).click();
      await page.getByLabel("Client ID").fill(CLIENT.clientId);
      await page.getByLabel("Client secret", { exact: true }).fill(CLIENT.clientSecret);
      await page.getByLabel("Name on the button").fill("Example ID");
      await page.getByRole("switch", { name: "Sign out at the provider, too" }).click();
      await page.getByText("http://127.0.0.1:8080/", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Add a line" }).click();
      await page.getByLabel("Value").fill("mailers");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Lines of roles need a claim to be about").waitFor();
      await page.getByLabel("Claim with roles or groups").fill("groups");
      await expectGoodLooks(page, "sign-in-settings");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("There is one; leave empty to keep it").waitFor();

      provider.behaviour.person = { sub: "gil", email: "gil@example.com", email_verified: true };
      const theirs = await world.stranger();
      await theirs.goto(`${world.url}/account`);
      const button = theirs.getByRole("link", { name: "Sign in with Example ID" });
      await button.click();
      await theirs.getByText("Nobody who may sign in here has your e-mail address.").waitFor();
      expect(new URL(theirs.url()).hash).toBe("");
      await expectGoodLooks(theirs, "sign-in-provider");
      provider.behaviour.person = { sub: "flo", email: flo.login, email_verified: true };
      await theirs.goto(`${world.url}/account`);
      await button.click();
      await theirs.waitForURL(`${world.url}/account`);
      await theirs.getByText(flo.login).first().waitFor();
      await theirs.getByRole("button", { name: /flo@example.com: / }).click();
      await theirs.getByRole("menuitem", { name: "Sign out" }).click();
      await button.waitFor();
      expect(provider.asked).toContain("/end");

      await world.go("/operators");
      await row(flo.login).getByRole("link").click();
      await page.getByText(provider.issuer).waitFor();
      await expectGoodLooks(page, "operator-provider");
      await page.getByRole("button", { name: "Unlink account" }).click();
      await page.getByRole("dialog").getByText("who signs in at the provider", { exact: false }).waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "Unlink account" }).click();
      await page.getByText(provider.issuer).waitFor({ state: "detached" });
    } finally {
      provider.close();
    }
  });
});
