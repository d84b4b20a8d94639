/**
 * What is sent beside the usual way: single messages, found by what is known of them and taken back; series; recipients who are added to a
 * delivery that has begun.
 */
import { describe, expect, test } from "vitest";

import { seedDelivery, seedInProgress } from "../seed-delivery.ts";
import { describeOnRealApp, expectGoodLooks, type RealWorld } from "./real-app.ts";

describeOnRealApp("beside the usual way", (world) => {
  describe("single messages", () => singleMessages(world));
  describe("series", () => series(world));
  describe("added recipients", () => additions(world));
});

function singleMessages(world: RealWorld): void {
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const send = (n: number, changes: object = {}) =>
    world.web.call("POST", "/api/v1/messages", {
      to: `reader${n}@example.org`,
      content: { subject: "Order {{ recipient.number }} is on its way", text: "Order {{ recipient.number }}" },
      sender: { address: "shop@sender.example" },
      data: { number: 4700 + n },
      externalId: `order-${4700 + n}`,
      tags: ["receipt"],
      ...changes,
    });
  const rows = () => world.page.getByRole("table", { name: "Single messages" }).locator("tbody tr");

  test("the list is filtered by status, and a message that waits is taken back", async () => {
    for (let n = 0; n < 8; n++) await send(n, n === 3 ? { sendAt: later } : {});
    await world.go("/single-messages");
    await expect.poll(() => rows().count()).toBe(8);
    await world.page.getByLabel("Status").selectOption("scheduled");
    await expect.poll(() => rows().count()).toBe(1);
    await rows().getByRole("button").click();
    const drawer = world.page.getByRole("complementary", { name: "reader3@example.org" });
    await drawer.getByText("order-4703").waitFor();
    await drawer.getByText("Order 4703 is on its way").waitFor();
    await drawer.getByRole("button", { name: "Take back" }).click();
    await drawer.getByText("Cancelled").waitFor();
    await world.page.keyboard.press("Escape");
    await world.page.getByRole("button", { name: "Clear filters" }).click();
    await world.page.getByLabel("External id").fill("order-4705");
    await expect.poll(() => rows().count()).toBe(1);
    expect(await rows().innerText()).toContain("reader5@example.org");
  });
}

function series(world: RealWorld): void {
  const called = (name: string) => world.page.getByRole("row").filter({ hasText: name });

  test("a delivery is repeated, the series changed, switched off, found changed by somebody else, removed", async () => {
    const { page } = world;
    await world.go("/series");
    await page.getByText("No series yet").waitFor();
    const id = await seedDelivery(world.web.db, { label: "The Letter" });
    await world.go(`/deliveries/${id}`);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Repeat…" }).click();
    await page.getByText("After the analysis: Somebody sends it").waitFor();
    expect(await page.getByRole("textbox", { name: "Name" }).inputValue()).toBe("The Letter");
    await page.getByRole("checkbox", { name: "Tuesday" }).check();
    await page.getByRole("checkbox", { name: "Friday" }).check();
    await page.getByRole("textbox", { name: "Name" }).fill("Weekly letter");
    await page.getByLabel("Time", { exact: true }).fill("08:30");
    await page.getByLabel("Time zone").selectOption("Europe/Paris");
    await page.getByText("Every Tuesday and Friday at 08:30, Europe/Paris").waitFor();
    const pattern = page.getByLabel("Label of each delivery");
    await pattern.fill("Letter of {weather}");
    await page.getByRole("button", { name: "Create series" }).click();
    await page.getByText("words in braces are").waitFor();
    await pattern.fill("Letter of {year} at {time}");
    await page.getByText(/^The next one: Letter of 20\d\d at 08:30$/).waitFor();
    await page.getByRole("button", { name: "Create series" }).click();
    const dates = page.getByRole("group", { name: "Next dates" }).getByRole("listitem");
    await expect.poll(() => dates.count()).toBe(5);
    expect(await dates.first().innerText()).toMatch(/^(Tue|Fri), .*, 08:30, Europe\/Paris/);
    await page.getByText("No date has come yet.").waitFor();
    const [row] = await world.web.db.query<{ id: number; definition: object }>("select id, definition from series");
    expect(row?.definition).toMatchObject({
      from: { delivery: String(id) },
      rule: { unit: "week", every: 1, weekdays: ["tuesday", "friday"] },
      zone: "Europe/Paris",
    });
    const path = `/series/${row?.id}`;

    await world.web.db.query(
      `insert into series_runs (series_id, at, outcome, reason, delivery_id, recorded_at)
       values ($1, '2026-11-17T07:30Z', 'missed', 'Nothing ran then', null, now()),
              ($1, '2026-11-20T07:30Z', 'made', '', $2, now())`,
      [row?.id, id],
    );
    await world.go(path);
    await called("Missed").getByText("Nothing ran then").waitFor();
    expect(await called("Made").innerText()).toContain("08:30:00");
    await expectGoodLooks(page, "series-one");

    // Somebody else was faster.
    await world.web.db.query("update series set version = version + 1 where id = $1", [row?.id]);
    await page.getByLabel("Unit").selectOption("month");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").getByText("Somebody else changed series").waitFor();
    await page.reload();
    await page.getByLabel("Unit").selectOption("month");
    await page.getByLabel("On day").fill("31");
    await page.getByText("Every month on its last day at 08:30").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").first().waitFor();

    await world.go("/series");
    await called("Weekly letter").getByText("Every month on its last day").waitFor();
    await expectGoodLooks(page, "series");
    await page.getByRole("switch", { name: "On: Weekly letter" }).press("Space");
    await expect.poll(() => page.getByRole("switch", { name: "On: Weekly letter" }).isChecked()).toBe(false);
    await expect
      .poll(() => world.web.db.query("select is_on, next_at from series"))
      .toEqual([{ is_on: false, next_at: null }]);

    const { page: reader } = await world.as("reader", ["reports"]);
    await world.go(path, reader);
    await reader.getByText("No date is to come while the series is off.").waitFor();
    expect(await reader.getByRole("textbox").count()).toBe(0);
    expect(await reader.getByRole("button", { name: "Save" }).count()).toBe(0);
    await world.go("/series", reader);
    await reader.getByRole("cell", { name: "Off" }).waitFor();
    expect(await reader.getByRole("link", { name: "New series" }).count()).toBe(0);

    await world.go(path);
    await page.getByRole("button", { name: "Delete series" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete series" }).click();
    await page.getByText("No series yet").waitFor();
  });

  test("a template for people of an earlier delivery", async () => {
    const { page } = world;
    const id = await seedDelivery(world.web.db, { label: "Spring" });
    const saved = await world.web.call("POST", `/api/v1/deliveries/${id}/actions/save-as-template`, {
      label: "Weekly",
    });
    expect(saved.status).toBe(201);
    await world.go("/series/new");
    await page.getByRole("textbox", { name: "Name" }).fill("To openers");
    await page.getByLabel("A template, for an audience").check();
    await page.getByLabel("Template", { exact: true }).selectOption({ label: "Weekly" });
    await page.getByLabel("To whom").selectOption("delivery");
    await page.getByRole("combobox", { name: "Earlier delivery" }).click();
    await page.getByRole("option", { name: "Spring" }).click();
    await page.getByLabel("What became of them there").selectOption("opened");
    await page.getByLabel("Label of each delivery").fill("News of {date}");
    await page.getByRole("button", { name: "Create series" }).click();
    await page.getByRole("heading", { name: "To openers" }).waitFor();
    const [made] = await world.web.db.query<{ from: object }>(
      "select definition->'from' as from from series where label = 'To openers'",
    );
    expect(made?.from).toMatchObject({ audience: { delivery: String(id), outcome: ["opened"] } });
  });
}

function additions(world: RealWorld): void {
  test("people are chosen, counted, typed; the warning says who gets it twice; the table what became of it", async () => {
    const { page } = world;
    const { web } = world;
    const { db } = web;
    const id = await seedInProgress(db, 3, 10);
    await db.query("update deliveries set valid_until = now() + interval '1 day' where id = $1", [id]);
    const list = (await web.call("POST", "/api/v1/lists", { label: "Friends" })).body as { id: string };
    await web.call("POST", `/api/v1/lists/${list.id}/members`, { add: ["p1@one.example", "p2@one.example"] });
    const settings = await web.call("GET", "/api/v1/settings");
    const { version: _version, start, ...rest } = settings.body as { version: number; start: object };
    const etag = String(settings.headers["etag"]);
    const few = await web.call(
      "PUT",
      "/api/v1/settings",
      { ...rest, start: { ...start, countAbove: 1 } },
      { "if-match": etag },
    );
    expect(few.status).toBe(200);

    await world.go(`/deliveries/${id}`);
    await page.getByRole("button", { name: "Add recipients" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("To whom").selectOption("list");
    const yes = dialog.getByRole("button", { name: /^Add/ });
    expect(await yes.isDisabled()).toBe(true);
    await dialog.getByRole("combobox", { name: "List" }).click();
    await page.getByRole("option", { name: "Friends (2)" }).click();
    await dialog.getByText("At most 2 people get a message.").waitFor();
    await dialog.getByLabel("Also people who have a message").click({ force: true });
    await dialog.getByText("This delivery has a message for 3 people.").waitFor();
    expect(await yes.isDisabled()).toBe(true);
    await dialog.getByLabel("Number of people").fill("2");
    await expectGoodLooks(page, "additions-dialog");
    await yes.click();
    const row = page.getByRole("table", { name: "Added recipients" }).getByRole("row").filter({ hasText: "Friends" });
    await row.getByText("Going on").waitFor();
    expect(await db.query("select audience, again from delivery_additions")).toEqual([
      { audience: { list: list.id }, again: true },
    ]);
    await db.query("update delivery_additions set ended_at = now(), targeted = 2, excluded = 0, to_deliver = 2");
    await row.getByText("Added", { exact: true }).waitFor();
    await row.getByRole("cell", { name: "2", exact: true }).first().waitFor();
    await expectGoodLooks(page, "additions");
    const { page: manager } = await world.as("manager", ["campaign-manager"]);
    await world.go(`/deliveries/${id}`, manager);
    await manager.getByRole("table", { name: "Added recipients" }).waitFor();
    expect(await manager.getByRole("button", { name: "Add recipients" }).count()).toBe(0);
  });
}
