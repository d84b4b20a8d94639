/** The archive: the ledger and its alerts, archives with their test, the switch of a delivery, copies beside messages. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("archive", (world) => {
  const changes = () => world.fixture.calls.filter((call) => /^(PUT|POST|DELETE) /.test(call) && !/session/.test(call));
  const copies = () => world.page.getByRole("table", { name: "Copies" }).locator("tbody tr");

  test("the ledger: the identity, the debt, and each number leads to its copies", async () => {
    await world.go("/archive");
    const ledger = world.page.getByRole("region", { name: "Ledger of copies" });
    await ledger.getByText("148,090 due").waitFor();
    expect(await ledger.getByText("3d 2h").count()).toBe(1);
    expect(await ledger.getByRole("meter").getAttribute("aria-valuetext")).toBe("55,430 of 100,000 allowed");
    await ledger.getByRole("link", { name: "20 given up" }).click();
    await world.page.waitForURL(/\/archive\?state=given-up/);
    await expect.poll(() => copies().count()).toBe(26);
    await copies().first().getByRole("link").click();
    await world.page.waitForURL(/\/deliveries\/12\/messages\?message=/);
  });

  test("owed copies are tried again on demand", async () => {
    await world.go("/archive");
    await world.page.getByRole("button", { name: "Try owed copies now" }).click();
    await world.page.getByText("55,430 copies are tried now.").waitFor();
    expect(changes()).toEqual(["POST /archive/actions/retry"]);
  });

  test("an alert names its messages and goes when it is resolved", async () => {
    await world.go("/archive");
    const alerts = world.page.getByRole("list", { name: "Alerts" });
    const first = alerts.locator('[data-alert="given-up"]');
    expect(await first.getByRole("link", { name: /^4-/ }).count()).toBe(8);
    await first.getByRole("button", { name: "Show all 20 messages" }).click();
    expect(await first.getByRole("link", { name: /^4-/ }).count()).toBe(20);
    await first.getByRole("button", { name: "Try again: Copies were given up" }).click();
    await world.page.getByText("20 copies are tried now.").waitFor();
    await first.getByRole("button", { name: "Resolve: Copies were given up" }).click();
    await first.waitFor({ state: "detached" });
    expect(changes()).toEqual(["POST /archive/actions/retry", "POST /archive/alerts/5/actions/resolve"]);
    await alerts.getByRole("link", { name: /^4-/ }).first().waitFor({ state: "detached" });
  });

  test("an archive is made, refused at its field, saved; its secret stays when nothing is typed", async () => {
    await world.go("/archive");
    await world.page.getByRole("link", { name: "New archive" }).click();
    await world.page.getByLabel("Name", { exact: true }).fill("Vault");
    await world.page.getByLabel("Hidden address").fill("nobody");
    await world.page.getByRole("button", { name: "Create" }).click();
    await world.page.getByText("The address has no @").waitFor();
    await world.page.getByLabel("Hidden address").fill("copies@vault.example");
    await world.page.getByLabel("Password").fill("secret");
    await world.page.getByRole("button", { name: "Create" }).click();
    await world.page.waitForURL(/\/archive\/13$/);
    expect(await world.page.getByLabel("Password").inputValue()).toBe("");
    expect(await world.page.getByLabel("Password").getAttribute("placeholder")).toBe("unchanged");

    await world.page.getByLabel("Copies a minute").fill("300");
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "PUT"),
      world.page.getByRole("button", { name: "Save" }).click(),
    ]);
    expect(request.postDataJSON()).toMatchObject({ target: { ratePerMinute: 300, address: "copies@vault.example" } });
    expect(request.postDataJSON().target).not.toHaveProperty("password");
    expect(request.headers()["if-match"]).toBe('"1"');
  });

  test("each kind has its own fields", async () => {
    await world.go("/archive/new");
    await world.page.getByRole("radio", { name: "Folder" }).click();
    await world.page.getByLabel("Delete after").waitFor();
    expect(await world.page.getByLabel("Hidden address").count()).toBe(0);
    await world.page.getByRole("radio", { name: "Object store" }).click();
    await world.page.getByLabel("Secret key").waitFor();
  });

  test("the test shows the dialogue; it waits until what is typed is saved", async () => {
    await world.go("/archive/1");
    const button = world.page.getByRole("button", { name: "Test" });
    await button.click();
    await world.page.getByText("Not accepted").waitFor();
    await world.page.getByRole("log", { name: "What was said" }).getByText("C: AUTH PLAIN ********").waitFor();
    await world.page.getByLabel("Name", { exact: true }).fill("Other");
    expect(await button.isDisabled()).toBe(true);
    await world.page.getByText("Save first").waitFor();
  });

  test("who changed it, and what", async () => {
    await world.go("/archive/1");
    await world.page.getByText("target.connections: 4 → 10").waitFor();
  });

  test("without the right the address is hidden and says why", async () => {
    await world.go("/archive/3");
    expect(await world.page.getByLabel("Hidden address").inputValue()).toBe("hidden");
    await world.page.getByText("Shown to tokens with the right “archive” only").waitFor();
    expect(await world.page.getByRole("button", { name: /Save|Delete/ }).count()).toBe(0);
  });

  test("deleting: a refusal is told with its reason, else the archive is gone", async () => {
    await world.go("/archive/1");
    await world.page.getByRole("button", { name: "Delete" }).click();
    await world.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await world.page.getByRole("alert").getByText("It is owed 55430 copies").waitFor();
    await world.go("/archive/2");
    await world.page.getByRole("button", { name: "Delete" }).click();
    await world.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await world.page.waitForURL(/\/archive$/);
    await world.page.getByRole("table", { name: "Archives" }).getByText("Compliance mailbox").waitFor();
    expect(await world.page.getByRole("table", { name: "Archives" }).getByText("Files of statements").count()).toBe(0);
  });

  test("E-mail BCC is off by default; switched on, the delivery may say when and where to", async () => {
    await world.go("/deliveries/9/content");
    const on = world.page.getByRole("switch", { name: "E-mail BCC" });
    await on.waitFor();
    expect(await on.isChecked()).toBe(false);
    await on.click();
    const timing = world.page.getByLabel("When a copy is made");
    expect(await timing.locator("option:checked").textContent()).toBe("Platform: Before the original leaves");
    await world.page.getByLabel("Strict").selectOption({ label: "No message leaves without its copy" });
    await timing.selectOption({ label: "After the receiving server accepted it" });
    expect(await world.page.getByLabel("Strict").isDisabled()).toBe(true);
    await timing.selectOption({ label: "Before the original leaves" });
    await world.page.getByRole("checkbox", { name: "Files of statements" }).click();
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "PATCH"),
      world.page.getByRole("button", { name: "Save and analyse" }).click(),
    ]);
    expect(request.postDataJSON().settings.archive).toEqual({
      on: true,
      timing: "before",
      strict: true,
      archives: ["2"],
    });
  });

  test("where no archive is set up, the switch says so and leads there", async () => {
    world.fixture.reset(true);
    await world.go("/deliveries/new");
    await world.page.getByText("No archive is set up").waitFor();
    await world.page.getByRole("link", { name: "Set up an archive" }).click();
    await world.page.getByText("No archive yet").waitFor();
  });

  test("the live page: copies of the delivery, and why messages wait", async () => {
    await world.go("/deliveries/12");
    await world.page.getByRole("heading", { name: "Archive copies" }).waitFor();
    expect(await world.page.getByText("Messages wait for the archive").count()).toBe(0);
    world.fixture.tick("12", (stored) => {
      stored.waitingFor = "Compliance mailbox: 452 over quota";
      stored.indicators.copies = { due: 53_300, archived: 41_003, owed: 12_289, givenUp: 8 };
      stored.indicators.seedCopies = { due: 3, archived: 2, owed: 1, givenUp: 0 };
    });
    await world.page.getByText("3 copies of messages to seed addresses besides: 2 archived, 1 owed").waitFor();
    await world.page.getByText("Compliance mailbox: 452 over quota").waitFor();
    await world.page.getByRole("link", { name: "12,289 owed" }).click();
    await world.page.waitForURL(
      ({ pathname, searchParams }) => pathname === "/archive" && searchParams.has("delivery"),
    );
    await expect.poll(() => world.page.getByLabel("Delivery", { exact: true }).inputValue()).toBe("12");
    expect(await world.page.getByLabel("State").inputValue()).toBe("owed");
    await world.go("/deliveries/8");
    await world.page.getByRole("heading", { name: "Reactions" }).waitFor();
    expect(await world.page.getByRole("heading", { name: "Archive copies" }).count()).toBe(0);
  });

  test("the log marks archived messages; a message shows its copies", async () => {
    await world.go("/deliveries/12/messages");
    const rows = world.page.getByRole("table", { name: "Message log" }).locator("tbody tr");
    await expect.poll(() => rows.count()).toBe(100);
    expect(await rows.nth(0).getByRole("img", { name: "Archived" }).count()).toBe(1);
    expect(await rows.nth(1).getByRole("img", { name: "Archived" }).count()).toBe(0);
    await rows.nth(0).getByRole("button").click();
    const drawer = world.page.getByRole("complementary");
    await drawer.getByText("250 2.0.0 Ok: queued as 4Zx81").waitFor();
    await drawer.getByText("9a".repeat(32)).waitFor();
    await drawer.getByText("The archive may have this copy twice").waitFor();
    await drawer.getByText("Inert: its links").waitFor();
    await drawer.locator('[data-copy="2"]').getByText("2026-05-04/13h/12-4-0-sent.eml").waitFor();
  });

  test("settings of the archive are saved and stay", async () => {
    await world.go("/settings");
    await world.page
      .getByLabel("When a copy is made")
      .selectOption({ label: "After the receiving server accepted it" });
    await world.page.getByRole("radio", { name: "Inert" }).click();
    await world.page.getByLabel("Debt limit, copies").fill("5000");
    await world.page.getByLabel("Networks of archive readers").fill("192.0.2.7\n2001:db8::/32");
    await world.page.getByLabel("Programs of archive readers").fill("Archive Indexer");
    const [request] = await Promise.all([
      world.page.waitForRequest((each) => each.method() === "PUT"),
      world.page.getByRole("button", { name: "Save" }).click(),
    ]);
    expect(request.postDataJSON().archive).toEqual({
      timing: "after",
      strict: false,
      copy: "inert",
      giveUpAfter: "7d",
      debtLimit: 5000,
      readers: { networks: ["192.0.2.7", "2001:db8::/32"], userAgents: ["Archive Indexer"] },
    });
    await world.page.getByText("Saved", { exact: true }).waitFor();
    await world.page.reload();
    await expect.poll(() => world.page.getByLabel("Debt limit, copies").inputValue()).toBe("5000");
  });

  test("by keyboard alone: from the table of archives to one of them", async () => {
    await world.go("/archive");
    await world.page.getByRole("table", { name: "Archives" }).getByText("Files of statements").waitFor();
    await world.page.keyboard.press("j");
    await world.page.keyboard.press("Enter");
    await world.page.waitForURL(/\/archive\/1$/);
  });
});
