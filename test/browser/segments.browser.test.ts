/** Segments on the real web role: built from nested conditions, counted while they are, kept, and chosen as audience and exclusion. */
import { expect, test } from "vitest";

import { describeOnRealApp, expectGoodLooks } from "./real-app.ts";

describeOnRealApp("segments", (world) => {
  const fill = async () => {
    const call: typeof world.web.call = (...request) => world.web.call(...request);
    await call("POST", "/api/v1/attributes", { name: "points", type: "number", label: "Points" });
    const list = (await call("POST", "/api/v1/lists", { label: "Friends" })).body as { id: string };
    const recipients = ["Rome", "Rome", "Lyon", "Ulm"].map((city, n) => ({
      address: `p${n}@one.example`,
      attributes: { city, points: n * 10 },
    }));
    await call("POST", "/api/v1/recipients/actions/upsert", { recipients });
    await call("POST", `/api/v1/lists/${list.id}/members`, { add: ["p1@one.example"] });
  };
  const people = () => world.page.getByRole("region", { name: "Preview" });

  test("built from boxes, counted as it grows, saved, changed as JSON, chosen in a delivery", async () => {
    const { page } = world;
    await fill();
    await world.go("/segments");
    await page.getByText("No segment yet").waitFor();
    await page.getByRole("link", { name: "New segment" }).first().click();
    await people().getByText("4 people").waitFor();
    const add = async (kind: string, at = 0) => {
      await page.getByRole("button", { name: "Add a condition" }).nth(at).click();
      await page.getByRole("menuitem", { name: kind }).click();
    };
    await add("Attribute or address");
    await people()
      .getByText("Something is missing or wrong")
      .or(people().getByText("Nobody is in it"))
      .first()
      .waitFor();
    await page.getByLabel("Attribute or field").selectOption({ label: "Points" });
    await page.getByLabel("Comparison").selectOption({ label: "is at least" });
    await page.getByLabel("Value", { exact: true }).fill("ten");
    await page.getByRole("alert").waitFor();
    await people().getByText("Something is missing or wrong").waitFor();
    await page.getByLabel("Value", { exact: true }).fill("10");
    await people().getByText("3 people").waitFor();
    await people().getByRole("link", { name: "p3@one.example" }).waitFor();
    await add("Group of conditions");
    await page.getByText("No condition: nobody").waitFor();
    await add("On a list", 0);
    await page.getByLabel("On the list").selectOption({ label: "Friends" });
    await people().getByText("One person").waitFor();
    await page.getByRole("checkbox", { name: "not" }).last().check();
    await people().getByText("2 people").waitFor();
    await expectGoodLooks(page, "segment");
    await page.getByRole("button", { name: "Create segment" }).click();
    await page.getByText("One field needs a change").waitFor();
    await page.getByLabel("Label").fill("Many points");
    await page.getByRole("button", { name: "Create segment" }).click();
    await page.waitForURL(/\/segments\/\d+$/);

    await page.getByText("JSON", { exact: true }).click();
    const json = page.getByLabel("The tree as JSON");
    await json.fill('{"attribute": "city", "is": "equals"');
    await page.getByText("This is no JSON object").waitFor();
    await json.fill('{"attribute": "city", "is": "equals", "value": "lyon"}');
    await people().getByText("One person").waitFor();
    await expectGoodLooks(page, "segment-json");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).first().waitFor();
    await world.go("/segments");
    await page.getByRole("link", { name: "Many points" }).waitFor();
    await expectGoodLooks(page, "segments");

    await world.go("/deliveries/new");
    await page.getByRole("radio", { name: "A segment" }).check();
    await page.getByRole("combobox", { name: "A segment" }).selectOption({ label: "Many points" });
    await page.getByLabel("Leave out").selectOption({ label: "Friends" });
    await page.getByRole("button", { name: "Remove: Lists: Friends" }).waitFor();
    await expectGoodLooks(page, "delivery-audience");
    await page.getByLabel("Label", { exact: true }).fill("To Lyon");
    await page.getByLabel("From address").fill("news@one.example");
    await page.getByLabel("Subject").first().fill("Hello");
    await page.getByRole("textbox", { name: "HTML" }).first().fill("<p>Hello</p>");
    const [made] = await Promise.all([
      page.waitForRequest((each) => each.method() === "POST" && each.url().endsWith("/deliveries")),
      page.getByRole("button", { name: "Save and analyse" }).click(),
    ]);
    expect(made.postDataJSON()).toMatchObject({
      audience: { segment: expect.stringMatching(/^\d+$/) },
      settings: { exclude: [{ list: expect.stringMatching(/^\d+$/) }] },
    });
  });

  test("conditions about behaviour and state are offered, and a condition is taken out by keyboard", async () => {
    const { page } = world;
    await world.go("/segments/new");
    for (const kind of ["What became of deliveries", "State of the address"]) {
      await page.getByRole("button", { name: "Add a condition" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("menuitem", { name: kind }).press("Enter");
    }
    await page.getByLabel("Behaviour", { exact: true }).selectOption({ label: "Received, not opened" });
    await page.getByLabel("Which deliveries").selectOption({ label: "one of those started within" });
    await people().getByText("Nobody is in it").waitFor();
    await expectGoodLooks(page, "segment-behaviour");
    await page.getByRole("button", { name: "Take this condition out" }).first().press("Enter");
    await expect.poll(() => page.getByLabel("Behaviour", { exact: true }).count()).toBe(0);
    await expect
      .poll(() =>
        people()
          .getByText(/people|person/)
          .count(),
      )
      .toBeGreaterThan(0);
  });
});
