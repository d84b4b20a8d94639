/** Typologies on the real app: the level of a check, a rule of one's own with a try on a delivery, the choice of a delivery. */
import { expect, test } from "vitest";

import { seedDelivery } from "../seed-delivery.ts";
import type { Page } from "playwright-core";

import { describeOnRealApp, expectGoodLooks } from "./real-app.ts";

const add = async (page: Page, kind: string) => {
  await page.getByRole("button", { name: "Add a rule" }).click();
  await page.getByRole("menuitem", { name: kind }).click();
};

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
    await add(page, "Control rule");
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

  const make = async (name: string) => {
    const call: typeof world.web.call = (...request) => world.web.call(...request);
    await call("POST", "/api/v1/attributes", { name: "points", type: "number", label: "Points" });
    const recipients = [0, 1, 2, 3].map((n) => ({ address: `p${n}@one.example`, attributes: { points: n } }));
    await call("POST", "/api/v1/recipients/actions/upsert", { recipients });
    const list = (await call("POST", "/api/v1/lists", { label: "Competitors" })).body as { id: string };
    await call("POST", `/api/v1/lists/${list.id}/members`, { add: ["p1@one.example"] });
    const made = await call("POST", "/api/v1/typologies/1/actions/duplicate", { name });
    return { call, list: list.id, id: (made.body as { id: string }).id };
  };

  test("each kind of rule has its fields, counts, words and JSON; gaps and refusals stand at them", async () => {
    const { page } = world;
    const { list, id } = await make("House");
    const stored = () =>
      world.web.db.query("select name, execution_order, definition from typology_rules where typology_id = $1", [id]);
    const rule = (name: string) => page.getByRole("group", { name, exact: true });
    await world.go(`/typologies/${id}`);
    const save = page.getByRole("button", { name: "Save", exact: true });

    await add(page, "Filtering rule");
    await save.click();
    await page.getByText("2 fields need a change").waitFor();
    await page.getByText("The rule needs a name").waitFor();
    await page.getByText("Choose who it is").waitFor();
    await page.getByLabel("Name of the rule").fill("No competitors");
    const filter = rule("No competitors");
    await filter.getByLabel("Who", { exact: true }).selectOption({ label: "A list" });
    await filter.getByLabel("List", { exact: true }).selectOption({ label: "Competitors" });
    await filter.getByText("No message for people on the list “Competitors”.").waitFor();
    await filter.getByRole("button", { name: "Count now" }).click();
    await filter.getByText("One of all recipients would get no message today").waitFor();
    await filter.getByLabel("Only they get a message").check();
    await filter.getByText("A message only for people on the list").waitFor();
    await filter.getByRole("button", { name: "Count now" }).click();
    await filter.getByText("3 of all recipients would get no message today").waitFor();
    await filter.getByLabel("They get no message").check();

    await add(page, "Filtering rule");
    await page.getByLabel("Name of the rule").last().fill("Few points");
    const few = rule("Few points");
    await few.getByLabel("Who", { exact: true }).selectOption({ label: "Conditions, set here" });
    await few.getByRole("button", { name: "Add a condition" }).click();
    await page.getByRole("menuitem", { name: "Attribute or address" }).click();
    await few.getByLabel("Attribute or field").selectOption({ label: "Points" });
    await few.getByLabel("Value", { exact: true }).fill("two");
    await save.click();
    await few.getByRole("group", { name: "Conditions" }).getByRole("alert").waitFor();
    await few.getByLabel("Value", { exact: true }).fill("2");
    await save.click();
    await page.getByText("Saved").first().waitFor();
    expect(await stored()).toMatchObject([
      { name: "No competitors", execution_order: 50, definition: { exclude: { list } } },
      { name: "Few points", definition: { exclude: { segment: { and: [{ attribute: "points", value: 2 }] } } } },
    ]);

    await add(page, "Pressure rule");
    await page.getByLabel("Name of the rule").fill("Two a week");
    const pressure = rule("Two a week");
    await pressure.getByLabel("Messages at most", { exact: true }).fill("2");
    await pressure.getByText("nobody gets more than 2 messages in 7 days.").waitFor();
    await pressure.getByText("JSON", { exact: true }).click();
    const json = pressure.getByLabel("The rule as JSON");
    await json.fill((await json.inputValue()).replace('"days": 7', '"days": 14'));
    await pressure.getByText("Fields", { exact: true }).click();
    expect(await pressure.getByLabel("In days").inputValue()).toBe("14");
    await pressure.getByLabel("By segment").check();
    await pressure.getByLabel("Messages at most", { exact: true }).fill("1");
    await pressure.getByLabel("Everybody but these people").check();
    await save.click();
    await page.getByText("2 fields need a change").waitFor();
    const example = pressure.getByText("An example: six newsletters");
    await example.click();
    await pressure.getByLabel("The same for everybody").check();
    await pressure.getByLabel("Everybody", { exact: true }).check();

    await add(page, "Capacity rule");
    await page.getByLabel("Name of the rule").last().fill("Call centre");
    const capacity = rule("Call centre");
    await capacity.getByLabel("First day").fill("2026-11-29");
    await capacity.getByLabel("Last day").fill("2026-11-23");
    await capacity.getByLabel("Messages", { exact: true }).fill("40000");
    await capacity.getByLabel("Those beyond it get no message").check();
    await save.click();
    await capacity.getByText("The period ends before it begins").waitFor();
    await capacity.getByLabel("First day").fill("2026-11-22");
    await expectGoodLooks(page, "typology-rules");
    await save.click();
    await capacity.getByText("At most 40,000 messages from 2026-11-22 to 2026-11-23.").waitFor();
    await capacity.getByRole("button", { name: "Edit: Call centre" }).click();
    await capacity.getByText("taken 0, left 40,000").waitFor();
  });

  test("rules change places by keyboard, somebody else's change is not lost, and readers only read", async () => {
    const { page } = world;
    const { call, list, id } = await make("Shared");
    const path = `/api/v1/typologies/${id}`;
    const filtering = (name: string) => ({ kind: "filtering", name, exclude: { list }, order: 50 });
    const before = (await call("GET", path)).body as { version: number };
    const put = (version: number, rules: object[]) =>
      call("PUT", path, { name: "Shared", rules }, { "if-match": `"${version}"` });
    await put(before.version, [filtering("First"), filtering("Second")]);
    await world.go(`/typologies/${id}`);
    const arrow = page.getByRole("button", { name: "Further up: Second" });
    await arrow.focus();
    await page.keyboard.press("Enter");
    const names = () => page.getByRole("region", { name: "Filtering rules" }).locator("b").allTextContents();
    await expect.poll(names).toEqual(["Second", "First"]);
    await arrow.and(page.locator(":focus")).waitFor();
    await page.getByRole("switch", { name: "Active: First" }).uncheck({ force: true });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved").first().waitFor();
    const orders = "select name, execution_order as at, enabled from typology_rules where typology_id = $1 order by 2";
    expect(await world.web.db.query(orders, [id])).toEqual([
      { name: "Second", at: 50, enabled: true },
      { name: "First", at: 51, enabled: false },
    ]);

    await page.getByRole("switch", { name: "Active: First" }).check({ force: true });
    await put(before.version + 2, [filtering("Third")]);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page
      .getByText(/Somebody else changed/)
      .first()
      .waitFor();
    expect(await world.web.db.query(orders, [id])).toMatchObject([{ name: "Third" }]);

    const reader = await world.as("carla", ["campaign-manager"]);
    await world.go(`/typologies/${id}`, reader.page);
    await reader.page.getByText("No message for people on the list “Competitors”.").waitFor();
    await reader.page.getByRole("button", { name: "Edit: Third" }).click();
    expect(await reader.page.getByLabel("List", { exact: true }).isDisabled()).toBe(true);
    expect(await reader.page.getByRole("textbox", { name: "Order", exact: true }).isEditable()).toBe(false);
    expect(await reader.page.getByRole("button", { name: /Add a rule|Remove|Further up/ }).count()).toBe(0);
    await reader.page.getByRole("button", { name: "Count now" }).click();
    await reader.page.getByText("One of all recipients would get no message today").waitFor();
  });
});
