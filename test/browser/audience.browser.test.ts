/** People, lists, attributes and imports on the real web role: mapped, tried, imported, changed, taken back, erased. */
import { expect, test } from "vitest";

import { workAudience } from "../../src/features/audience/index.ts";
import { describeOnRealApp, expectGoodLooks } from "./real-app.ts";

const CSV = `Kunde;Vorname;Punkte;intern
ada@one.example;Ada;12,5;x
bob@two.example;Bob;7;y
nobody;Nobody;1;z
cleo@two.example;Cleo;viel;w
`;

describeOnRealApp("audience", (world) => {
  const row = (name: string) => world.page.getByRole("row").filter({ hasText: name });

  test("a file is mapped, tried without a change, imported with types, and taken back", async () => {
    const { page } = world;
    await world.go("/recipients");
    await page.getByText("Nobody yet").waitFor();
    await expectGoodLooks(page, "recipients-empty");
    await page.getByRole("link", { name: "Import a CSV file" }).click();
    await page.setInputFiles('input[type="file"]', {
      name: "kunden.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(CSV),
    });
    await page.getByText("Say which column has the addresses").waitFor();
    expect(await page.getByRole("button", { name: "Import", exact: true }).isDisabled()).toBe(true);
    await page.getByLabel("Column of the addresses").selectOption("Kunde");
    await page.getByRole("combobox", { name: "Vorname becomes the attribute" }).fill("first_name");
    await page.getByRole("combobox", { name: "Punkte becomes the attribute" }).fill("first_name");
    expect(await page.getByText("Another column has this name").count()).toBe(2);
    await page.getByRole("combobox", { name: "Punkte becomes the attribute" }).fill("points");
    await page.getByLabel("Type of Punkte").selectOption({ label: "Declare as Number" });
    await page.getByRole("checkbox", { name: "intern" }).uncheck();
    await page.getByRole("button", { name: "Try without changing anybody" }).click();
    await page.getByText("Nobody was changed").waitFor();
    const result = page.getByRole("table", { name: "Rejected rows" });
    await expect.poll(() => result.getByRole("row").count()).toBe(3);
    await expectGoodLooks(page, "import-tried");
    expect((await world.web.call("GET", "/api/v1/recipients")).body).toMatchObject({ data: [] });
    await page.getByLabel("Decimal sign").selectOption({ label: "Comma: 1.234,5" });
    await page.getByText("Something was changed since this try").waitFor();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByRole("link", { name: "Show these people" }).waitFor();
    await page.getByRole("link", { name: "Show these people" }).click();
    await row("ada@one.example").getByText("points: 12.5 · first_name: Ada").waitFor();
    expect((await row("cleo@two.example").count()) + (await row("bob@two.example").count())).toBeGreaterThan(0);
    await expectGoodLooks(page, "recipients");
    await world.go("/imports");
    await row("Tried").first().waitFor();
    await page.getByRole("row").filter({ hasText: "Completed" }).getByRole("button", { name: "kunden.csv" }).click();
    const drawer = page.getByRole("complementary");
    await drawer.getByRole("button", { name: "Take back" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
    await row("Being taken back").waitFor();
    await workAudience(world.web.db, () => Date.now());
    await row("Taken back").waitFor();
    await expectGoodLooks(page, "import-undone");
    await world.go("/recipients");
    await page.getByText("Nobody yet").waitFor();
  });

  test("one person: attributes by type, lists, and erased after the address was typed", async () => {
    const { page } = world;
    const call: typeof world.web.call = (...request) => world.web.call(...request);
    await call("POST", "/api/v1/attributes", { name: "size", type: "enum", values: ["S", "M"] });
    await call("POST", "/api/v1/attributes", { name: "age", type: "number", label: "Age in years" });
    await call("POST", "/api/v1/recipients", { address: "dora@one.example", attributes: { colour: "red" } });
    await call("POST", "/api/v1/lists", { label: "Friends" });
    await world.go("/recipients");
    await page.getByRole("link", { name: "dora@one.example" }).click();
    await page.getByLabel("Age in years").fill("many");
    await page.getByLabel("size").selectOption("M");
    await page.getByLabel("colour").fill("");
    await page.getByLabel("Another attribute").fill("shoe");
    await page.getByRole("button", { name: "Add attribute" }).click();
    await page.getByLabel("shoe").fill("42");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("One field needs a change").waitFor();
    await page.getByLabel("Age in years").fill("33");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await expect.poll(() => page.getByLabel("colour").count()).toBe(0);
    expect(await page.getByLabel("Age in years").inputValue()).toBe("33");
    await page.getByLabel("Put on a list").selectOption({ label: "Friends" });
    await page.getByRole("button", { name: "Take off Friends" }).waitFor();
    await expectGoodLooks(page, "recipient");
    await page.getByRole("button", { name: "Erase this person" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("button", { name: "Erase for good" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Type dora@one.example to confirm").fill("dora@one.example");
    await dialog.getByRole("button", { name: "Erase for good" }).click();
    await dialog.getByText("Erased").waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.waitForURL(/\/recipients$/);
    await expect.poll(() => row("dora@one.example").count()).toBe(0);
  });

  test("a file is the target of one delivery: mapped, read, replaced, and nobody of it becomes a profile", async () => {
    const { page } = world;
    const made = await world.web.call("POST", "/api/v1/deliveries", {
      label: "Invitation",
      content: { subject: "Hello {{ recipient.first_name }}", text: "Hello" },
      sender: { name: "Shop", address: "news@shop.example" },
      audience: { all: true },
    });
    const { id } = made.body as { id: string };
    const bring = (name: string, text: string) =>
      page.setInputFiles('input[type="file"]', { name, mimeType: "text/csv", buffer: Buffer.from(text) });
    await world.go(`/deliveries/${id}/content`);
    await page.getByLabel("A file for this delivery only").check();
    await bring("guests.csv", `${CSV}ada@one.example;Ada;1;z\n`);
    await page.getByText("Say which column has the addresses").waitFor();
    expect(await page.getByRole("button", { name: "Use this file" }).isDisabled()).toBe(true);
    await page.getByLabel("Column of the addresses").selectOption("Kunde");
    await page.getByRole("combobox", { name: "Vorname becomes the attribute" }).fill("first_name");
    await page.getByRole("checkbox", { name: "intern" }).uncheck();
    expect(await page.getByLabel("An empty value").count()).toBe(0);
    await expectGoodLooks(page, "file-mapping");
    await page.getByRole("button", { name: "Use this file" }).click();
    const file = page.getByRole("region", { name: "File of this delivery" });
    await file.getByText("guests.csv: 5 rows read").waitFor();
    await file.getByText("1 repeated").waitFor();
    await file.getByText("1 rejected").waitFor();
    await file.getByText("Rows that were rejected or repeat an address").click();
    await expect.poll(() => file.getByRole("table").getByRole("row").count()).toBe(3);
    await expectGoodLooks(page, "file-in-use");
    const errors = page.waitForEvent("download");
    await file.getByRole("link", { name: "File of errors" }).click();
    expect((await errors).suggestedFilename()).toMatch(/\.csv$/);
    await page.getByRole("button", { name: "Save and analyse" }).click();
    await expect
      .poll(async () => (await world.web.call("GET", `/api/v1/deliveries/${id}`)).body)
      .toMatchObject({ audience: { file: expect.stringMatching(/^\d+$/) as string } });

    await world.web.call("POST", `/api/v1/deliveries/${id}/actions/cancel-analysis`);
    await page.reload();
    await file.getByText("guests.csv: 5 rows read").waitFor();
    await file.getByRole("button", { name: "Replace the file" }).click();
    await bring("more.csv", "email\nbob@two.example\n");
    await page.getByRole("button", { name: "Use this file" }).click();
    await file.getByText("more.csv: 1 rows read").waitFor();
    expect(await file.getByRole("group").count()).toBe(0);
    expect((await world.web.call("GET", "/api/v1/recipients?q=guest")).body).toMatchObject({ data: [] });
    await world.go("/imports");
    await row("guests.csv").getByRole("button").click();
    await page.getByRole("link", { name: "Use in a new delivery" }).click();
    await file.getByText("guests.csv: 5 rows read").waitFor();
  });

  test("an attribute is declared over values that do not fit: checked, refused, erased on demand", async () => {
    const { page } = world;
    const people = ["1", "2", "lots"].map((stars, n) => ({ address: `p${n}@one.example`, attributes: { stars } }));
    await world.web.call("POST", "/api/v1/recipients/actions/upsert", { recipients: people });
    await world.go("/attributes");
    await row("stars").getByRole("button").click();
    const drawer = page.getByRole("complementary");
    await drawer.getByLabel("Type").selectOption({ label: "Number" });
    await drawer.getByRole("button", { name: "Declare" }).click();
    await drawer.getByText("One value does not fit").waitFor();
    await drawer.getByText("lots").waitFor();
    await expectGoodLooks(page, "attribute");
    await drawer.getByRole("button", { name: "Save and erase one value" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Save and erase one value" }).click();
    await expect.poll(() => row("stars").textContent()).toContain("Number");
    await row("stars").getByRole("button").click();
    await drawer.getByRole("button", { name: "Take back the declaration" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Take back the declaration" }).click();
    await row("stars").getByText("not declared").waitFor();
    await expectGoodLooks(page, "attributes");
  });

  test("a list is made, filled by address, and deleted", async () => {
    const { page } = world;
    await world.web.call("POST", "/api/v1/recipients", { address: "eva@one.example" });
    await world.go("/lists");
    await page.getByRole("button", { name: "New list" }).click();
    await page.getByRole("dialog").getByLabel("Label").fill("Testers");
    await page.getByRole("button", { name: "Create list" }).click();
    await page.waitForURL(/\/lists\/\d+$/);
    await page.getByLabel("Addresses").fill("eva@one.example\nnobody@one.example");
    await page.getByRole("button", { name: "Put on the list" }).click();
    await page.getByText("One address is nobody's").waitFor();
    expect(await page.getByLabel("Addresses").inputValue()).toBe("nobody@one.example");
    await page.getByRole("link", { name: "Show one person" }).waitFor();
    await expectGoodLooks(page, "list");
    await page.getByRole("button", { name: "Delete list" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete list" }).click();
    await page.waitForURL(/\/lists$/);
    await expect.poll(() => row("Testers").count()).toBe(0);
  });

  test("who may only read finds no button that changes", async () => {
    await world.web.call("POST", "/api/v1/recipients", { address: "fay@one.example" });
    const token = await world.web.call("POST", "/api/v1/tokens", { label: "reader", scopes: ["people.read"] });
    const page = await world.stranger();
    const data = { token: (token.body as { token: string }).token };
    await page.context().request.post(`${world.url}/api/v1/session`, { data });
    await world.go("/recipients", page);
    await page.getByRole("link", { name: "fay@one.example" }).click();
    await page.getByRole("heading", { name: "fay@one.example" }).waitFor();
    await page.getByText("On no list").waitFor();
    for (const name of ["Save", "Erase this person", "Add attribute"]) {
      expect([name, await page.getByRole("button", { name }).count()]).toEqual([name, 0]);
    }
    await world.go("/segments", page);
    await page.getByText("No segment yet").waitFor();
    expect(await page.getByRole("link", { name: "New segment" }).count()).toBe(0);
  });
});
