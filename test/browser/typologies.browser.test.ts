/** Typologies on the real app: the level of a check, a rule of one's own with a try on a delivery, the choice of a delivery. */
import { expect, test } from "vitest";

import { seedDelivery } from "../seed-delivery.ts";
import { describeOnRealApp } from "./real-app.ts";

describeOnRealApp("typologies", (world) => {
  test("the one that comes with Envoi can be read and duplicated; the copy is changed, tried, chosen", async () => {
    const id = await seedDelivery(world.web.db);
    const { page } = world;
    await world.go("/typologies");
    await page.getByRole("link", { name: "Standard" }).click();
    await page.getByText("This typology comes with Envoi").waitFor();
    expect(await page.getByRole("switch", { name: /There is a text part/ }).isDisabled()).toBe(true);

    await page.getByRole("button", { name: "Duplicate" }).click();
    await page.getByRole("heading", { name: "Standard (copy)" }).waitFor();
    expect(await page.getByRole("switch", { name: /Somebody is left/ }).isDisabled()).toBe(true);
    await page.getByRole("combobox", { name: /Level: There is an unsubscribe link/ }).selectOption("error");
    await page.getByRole("button", { name: "Add a control rule" }).click();
    await page.getByLabel("Name of the rule").fill("Short subjects");
    const expression = page.getByLabel("What has to hold");
    await expression.fill("length(content.subjekt) < 3");
    await page.getByRole("button", { name: "Save" }).click();
    await page
      .getByText(/line 1, column 8: There is no fact "content\.subjekt"/)
      .first()
      .waitFor();

    await expression.fill("length(content.subject) < 3");
    await page.getByRole("button", { name: "Try" }).click();
    await page.getByText("Does not hold").waitFor();
    await page.getByText('content.subject = "Hello"').waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").first().waitFor();
    const rules = "select kind, name, definition->>'level' as level from typology_rules order by id";
    expect(await world.web.db.query(rules)).toEqual([
      { kind: "control", name: "Short subjects", level: "warning" },
      { kind: "built-in", name: "unsubscribe-link", level: "error" },
    ]);

    await world.go(`/deliveries/${id}/content`);
    await page.getByRole("button", { name: /^Sending/ }).click();
    await page.getByLabel("Typology").selectOption({ label: "Standard (copy)" });
    await page.getByRole("button", { name: "Save and analyse" }).click();
    await expect
      .poll(() => world.web.db.query("select settings->>'typology' as typology from deliveries where id = $1", [id]))
      .toEqual([{ typology: "2" }]);
  });
});
