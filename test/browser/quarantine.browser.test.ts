/** Quarantine, allowlist, inbound mail and mailboxes: what persons do there, and what the API is asked for. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("quarantine", (world) => {
  const changes = () => world.fixture.calls.filter((call) => /^(PUT|POST|DELETE) /.test(call) && !/session/.test(call));
  const dialog = () => world.page.getByRole("dialog");

  test("filters are in the address, and the file has the same ones", async () => {
    await world.go("/quarantine");
    await world.page.getByLabel("Status").selectOption("held");
    const rows = world.page.getByRole("table", { name: "Quarantine" }).locator("tbody tr");
    await expect.poll(() => rows.count()).toBe(2);
    await world.page.waitForURL(/status=held/);
    const file = await world.page.getByRole("link", { name: "Export" }).getAttribute("href");
    expect(file).toBe("/api/v1/quarantine/export?status=held");
  });

  test("an address is released with a note, which is in its history", async () => {
    await world.go("/quarantine?address=gone@office.example");
    const drawer = world.page.getByRole("complementary");
    await drawer.getByText("The customer called").waitFor();
    await drawer.getByRole("button", { name: "Release" }).click();
    await dialog().getByLabel("Note").fill("Asked for by phone");
    await dialog().getByRole("button", { name: "Release" }).click();
    await drawer.getByText("Asked for by phone").waitFor();
    await drawer.getByText("Valid", { exact: true }).first().waitFor();
    expect(changes()).toEqual(["POST /quarantine/gone%40office.example/actions/release"]);
  });

  test("an address is put in by hand; a refusal is told at its field", async () => {
    await world.go("/quarantine");
    await world.page.getByRole("button", { name: "Put in an address" }).click();
    await dialog().getByLabel("Address").fill("nobody");
    await dialog().getByLabel("Note").fill("spam trap");
    await dialog().getByRole("radio", { name: "Denylist" }).click();
    await dialog().getByRole("button", { name: "Denylist" }).click();
    await dialog().getByText("The address has no @").waitFor();
    await dialog().getByLabel("Address").fill("trap@example.org");
    await dialog().getByRole("button", { name: "Denylist" }).click();
    await world.page.waitForURL(/address=trap/);
    await world.page.getByRole("complementary").getByText("spam trap").waitFor();
  });

  test("many are counted before they are released, and counted again when the choice changes", async () => {
    await world.go("/quarantine");
    await world.page.getByRole("button", { name: "Release many" }).click();
    await dialog().getByLabel("Note").fill("outage");
    await dialog().getByRole("button", { name: "Count", exact: true }).click();
    const release = dialog().getByRole("button", { name: /^Release \d+ address/ });
    await release.waitFor();
    await dialog().getByLabel("Domain").fill("webpost.example");
    await release.waitFor({ state: "detached" });
    await dialog().getByRole("button", { name: "Count", exact: true }).click();
    await dialog().getByText("closed@webpost.example").waitFor();
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "POST"),
      dialog().getByRole("button", { name: "Release 3 addresses" }).click(),
    ]);
    expect(request.postDataJSON()).toMatchObject({ domain: "webpost.example", note: "outage", dryRun: false });
    await world.page.getByText("3 addresses are released.").waitFor();
  });

  test("held addresses: the evidence, and an answer with its number", async () => {
    await world.go("/quarantine");
    const held = world.page.getByRole("list", { name: "Held by the outage guard" });
    await held.getByText("1,312 addresses are held").waitFor();
    await held.getByRole("button", { name: /^They are unknown/ }).click();
    await dialog().getByLabel("Note").fill("Their postmaster says so");
    await dialog().getByRole("button", { name: "Quarantine 1,312 addresses" }).click();
    await held.getByText("1,312 addresses are held").waitFor({ state: "detached" });
    expect(changes()).toEqual(["POST /quarantine/held/outlook/actions/confirm"]);
  });

  test("a file tells what was taken and what was not; the allowlist gains and loses an address", async () => {
    await world.go("/quarantine/allowlist");
    await world.page.getByRole("button", { name: "Import" }).click();
    const file = { name: "partners.csv", mimeType: "text/csv", buffer: Buffer.from("email\nann@@example.com\n") };
    await dialog().locator("input[type=file]").setInputFiles(file);
    await dialog().getByText("ann@@example.com").waitFor();
    await dialog().getByText("1 more row was rejected.").waitFor();
    await world.page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await world.page.getByRole("button", { name: "Remove: probe@shop.example" }).click();
    await dialog().getByRole("button", { name: "Take off" }).click();
    await world.page.getByText("probe@shop.example is off the allowlist.").waitFor();
    expect(changes()).toEqual(["POST /allowlist/import", "DELETE /allowlist/probe%40shop.example"]);
  });

  test("an inbound mail: what it says, the mail as text, its message", async () => {
    await world.go("/inbound-mails?kind=bounce");
    await world.page.keyboard.press("j");
    await world.page.getByRole("button", { name: "never@webpost.example" }).first().click();
    const drawer = world.page.getByRole("complementary");
    await drawer.getByText("unknown-user-words").first().waitFor();
    await drawer.getByText("As it came", { exact: true }).click();
    await drawer.getByText("<script>document.body.append").waitFor();
    expect(await world.page.getByText("a script ran", { exact: true }).count()).toBe(0);
    await drawer.getByText("What it says", { exact: true }).click();
    await drawer.getByRole("link", { name: "4-5" }).click();
    await world.page.waitForURL(/\/messages\?message=/);
  });

  test("a mailbox is made, refused at its field, tested; its secret stays when nothing is typed", async () => {
    await world.go("/inbound-mails");
    await world.page.getByRole("link", { name: "Mailboxes" }).click();
    await world.page.getByRole("link", { name: "New mailbox" }).click();
    await world.page.getByLabel("Name", { exact: true }).fill("Returns");
    await world.page.getByRole("button", { name: "Create" }).click();
    await world.page.getByText("a host is a name or an IP address").waitFor();
    await world.page.getByLabel("Host", { exact: true }).fill("imap.example.org");
    await world.page.getByRole("button", { name: "Create" }).click();
    await world.page.waitForURL(/\/mailboxes\/13$/);
    await world.page.getByRole("button", { name: "Test" }).click();
    await world.page.getByText("42 mails are there.").waitFor();
    await world.page.getByLabel("Look every").fill("10m");
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "PUT"),
      world.page.getByRole("button", { name: "Save" }).click(),
    ]);
    expect(request.postDataJSON()).toMatchObject({ every: "10m", auth: { kind: "password" } });
    expect(request.postDataJSON().auth).not.toHaveProperty("password");
  });

  test("new quarantines of a delivery lead to the quarantine since its start", async () => {
    await world.go("/deliveries/12");
    const figure = world.page.locator('[data-figure="newQuarantines"]');
    await figure.getByText("17 addresses went into quarantine").waitFor();
    await figure.getByRole("link").click();
    await world.page.waitForURL(/\/quarantine\?status=quarantined&since=/);
  });
});
