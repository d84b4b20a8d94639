/** What comes before the first message: the number typed, a date, approvals, waves, proofs, the seconds in which it can be called back. */
import type { Route } from "playwright-core";
import { expect, test } from "vitest";

import type { Approval, Delivery, DeliveryWave, Proof } from "../../src/contract/index.ts";
import { describeInBrowser, violations } from "./browser.ts";
import { NOTHING } from "./fixture-data.ts";
import { expectGoodLooks } from "./real-app.ts";

const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

const approval = (kind: Approval["kind"], over: Partial<Approval> = {}): Approval => ({
  kind,
  state: "pending",
  reviewers: { operators: ["1"], groups: ["2"] },
  askedAt: soon(-600),
  deadline: soon(2 * 86_400),
  decidedAt: null,
  decidedBy: null,
  comment: "",
  ...over,
});
const APPROVED = { state: "approved", decidedAt: soon(-60), decidedBy: "Ann Lee", comment: "Fine with me." } as const;

const wave = (number: number, over: Partial<DeliveryWave>): DeliveryWave => ({
  number,
  state: "waiting",
  after: (number - 1) * 7200,
  startsAt: soon((number - 1) * 7200),
  begunAt: null,
  toDeliver: 28_557,
  pending: 28_557,
  sent: 0,
  failed: 0,
  cancelled: 0,
  inDoubt: 0,
  ...over,
});

const PROOF: Proof = {
  ...NOTHING,
  id: "21",
  label: "Opening of the Lyon shop",
  state: "finished",
  holdReason: null,
  createdAt: soon(-900),
  startedAt: soon(-900),
  finishedAt: soon(-890),
  number: 1,
  subject: "[Proof 1] Spring is here, {{ recipient.first_name }}",
  version: 3,
  by: "Ann Lee",
  sentAt: soon(-900),
  toDeliver: 2,
  sent: 2,
};

describeInBrowser("starting a delivery", (world) => {
  /** Delivery 10 with something more; what is posted to it is kept. */
  async function shown(over: Partial<Delivery>, proofs: Proof[] = []): Promise<{ path: string; body: unknown }[]> {
    const posted: { path: string; body: unknown }[] = [];
    const original = (await (
      await world.page.request.get(`${world.fixture.url}/api/v1/deliveries/10`)
    ).json()) as Delivery;
    const answer = (route: Route, json: unknown, status = 200) => route.fulfill({ status, json });
    await world.page.route(/\/api\/v1\/deliveries\/10(\/actions\/.*)?$/, async (route) => {
      const request = route.request();
      if (request.method() !== "GET") {
        posted.push({ path: new URL(request.url()).pathname.split("/").at(-1) ?? "", body: request.postDataJSON() });
        await answer(route, { ...original, ...over }, request.method() === "POST" ? 202 : 200);
      } else await answer(route, { ...original, ...over });
    });
    // The stand-in's stream tells the state that the delivery has there.
    await world.page.route(/\/deliveries\/10\/events/, (route) => route.abort());
    await world.page.route(/\/deliveries\/10\/proofs/, (route) => answer(route, { data: proofs, nextCursor: null }));
    await world.page.route(/\/operators\/names/, (route) =>
      answer(route, { operators: [{ id: "1", name: "Ann Lee" }], groups: [{ id: "2", name: "Law" }] }),
    );
    return posted;
  }

  test("nobody sends to many without typing how many, and can call it back", async () => {
    const posted = await shown({});
    await world.go("/deliveries/10/content");
    await world.page.getByRole("button", { name: "Send to 95,188 people" }).click();
    const dialog = world.page.getByRole("dialog");
    await dialog.getByText("You can call it back for 30 seconds.").waitFor();
    const yes = dialog.getByRole("button", { name: "Send to 95,188 people" });
    expect(await yes.isDisabled()).toBe(true);
    await dialog.getByLabel("Number of people").fill("9518");
    await dialog.getByText("That is not the number of people.").waitFor();
    expect(await yes.isDisabled()).toBe(true);
    await dialog.getByLabel("Number of people").fill("95188");
    expect(await violations(world.page)).toEqual([]);
    await yes.click();
    await expect.poll(() => posted).toEqual([{ path: "confirm", body: { toDeliver: 95_188 } }]);
  });

  test("a date by the clocks of a zone; a scheduled delivery says when it begins", async () => {
    const posted = await shown({});
    await world.go("/deliveries/10/content");
    await world.page.getByRole("button", { name: "Schedule" }).click();
    const dialog = world.page.getByRole("dialog");
    await dialog.getByLabel("Begins").fill("2027-11-27T09:00");
    await dialog.getByLabel("Time zone").selectOption("Europe/Paris");
    await dialog.getByLabel("Not later than").fill("2027-11-27T11:30");
    await dialog.getByLabel("Number of people").fill("95 188");
    expect(await violations(world.page)).toEqual([]);
    await dialog.getByRole("button", { name: "Schedule" }).click();
    await expect
      .poll(() => posted)
      .toEqual([
        {
          path: "schedule",
          body: { at: "2027-11-27T09:00", zone: "Europe/Paris", notLaterThan: "2027-11-27T11:30", toDeliver: 95_188 },
        },
      ]);
    const schedule = {
      at: "2027-11-27T08:00:00.000Z",
      zone: "Europe/Paris",
      local: "2027-11-27T09:00:00",
      notLaterThan: "2027-11-27T10:30:00.000Z",
      by: "Ann Lee",
    };
    await shown({ state: "scheduled", schedule });
    await world.go("/deliveries/10");
    await world.page.getByText("Begins on 2027-11-27 09:00, Europe/Paris").waitFor();
    await world.page.getByRole("button", { name: "Change the date" }).click();
    expect(await world.page.getByRole("dialog").getByLabel("Begins").inputValue()).toBe("2027-11-27T09:00");
  });

  test("an hour that comes twice is chosen, one that the clocks skip is refused with what it would be", async () => {
    const posted = await shown({});
    await world.go("/deliveries/10/content");
    await world.page.getByRole("button", { name: "Schedule" }).click();
    const dialog = world.page.getByRole("dialog");
    const schedule = dialog.getByRole("button", { name: "Schedule" });
    await dialog.getByLabel("Number of people").fill("95188");
    await dialog.getByLabel("Time zone").selectOption("Europe/Paris");
    await dialog.getByLabel("Begins").fill("2027-03-28T02:30");
    await dialog.getByText("The clocks of Europe/Paris skip this hour").waitFor();
    expect(await schedule.isDisabled()).toBe(true);
    await expectGoodLooks(world.page, "schedule-gap");
    await dialog.getByRole("button", { name: "Take 2027-03-28 03:30" }).click();
    expect(await dialog.getByLabel("Begins").inputValue()).toBe("2027-03-28T03:30");
    expect(await schedule.isDisabled()).toBe(false);
    await dialog.getByLabel("Begins").fill("2027-10-31T02:30");
    await dialog.getByLabel("Not later than").fill("2027-10-31T02:45");
    await dialog.getByText("the second time counts (UTC+01:00)").waitFor();
    expect(await dialog.getByLabel("The first time (UTC+02:00)").isChecked()).toBe(true);
    await dialog.getByLabel("The second time (UTC+01:00)").check();
    await expectGoodLooks(world.page, "schedule-twice");
    await schedule.click();
    await expect
      .poll(() => posted[0]?.body)
      .toMatchObject({
        at: "2027-10-31T02:30",
        zone: "Europe/Paris",
        occurrence: "later",
        notLaterThan: "2027-10-31T02:45",
      });
  });

  test("the seconds run down in which it can be called back", async () => {
    const schedule = { at: soon(900), zone: null, local: null, notLaterThan: soon(3600), by: "Ann Lee" };
    const posted = await shown({ state: "start-pending", schedule });
    await world.go("/deliveries/10");
    const counting = world.page.getByText(/^Begins in \d+ seconds$/);
    const left = async () => Number(/\d+/.exec((await counting.textContent()) ?? "")?.[0]);
    const first = await left();
    expect(first).toBeLessThanOrEqual(900);
    await expect.poll(left).toBeLessThan(first);
    await world.page.getByRole("button", { name: "Call back" }).click();
    await expect.poll(() => posted.map(({ path }) => path)).toEqual(["cancel-confirm"]);
  });

  test("waves and approvals are changed beside what they are", async () => {
    const posted = await shown({});
    await world.go("/deliveries/10/start");
    await world.page.getByText("This delivery leaves all at once.").waitFor();
    await world.page.getByRole("button", { name: "Change the waves" }).click();
    const waves = world.page.getByRole("dialog", { name: "Change the waves" });
    await waves.getByLabel("In equal waves").check();
    await waves.getByLabel("Size of a wave").fill("30%");
    await waves.getByLabel("From one to the next").fill("2d");
    expect(await violations(world.page)).toEqual([]);
    await waves.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => posted.length).toBe(1);
    expect(posted[0]).toMatchObject({
      path: "10",
      body: { settings: { waves: { kind: "equal", size: "30%", every: "2d" }, priority: "normal" } },
    });
    await world.page.getByRole("button", { name: "Change the approvals" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Change the approvals" });
    await dialog
      .getByLabel("After the analysis")
      .selectOption({ label: "It starts by itself if there are no warnings" });
    await dialog.getByRole("combobox", { name: "Who approves the content" }).click();
    await world.page.getByRole("option", { name: "Law" }).click();
    await world.page.keyboard.press("Escape");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => posted.length).toBe(2);
    expect(posted[1]).toMatchObject({
      body: {
        settings: { approval: { mode: "semi-automatic", deadline: "3d", content: { operators: [], groups: ["2"] } } },
      },
    });
  });

  test("what waits for me is one line above the deliveries, and leads to where it is decided", async () => {
    const asked = (id: string, kind: Approval["kind"], label: string) => ({
      delivery: { id, label, toDeliver: 95_188 },
      kind,
      askedAt: soon(-7200),
      askedBy: "Ann Lee",
      deadline: soon(kind === "start" ? -3600 : 86_400),
    });
    let waiting = [
      asked("10", "target", "Opening of the Lyon shop"),
      asked("10", "content", "Opening of the Lyon shop"),
      asked("11", "start", "Spring sale"),
    ];
    await shown({ approvals: [approval("target"), approval("content")] });
    await world.page.route(/\/api\/v1\/approvals\?mine=true/, (route) =>
      route.fulfill({ json: { data: waiting, nextCursor: null } }),
    );
    await world.go("/deliveries");
    await world.page.getByRole("button", { name: "2 deliveries wait for your decision" }).click();
    const list = world.page.getByRole("complementary", { name: "Waiting for your decision" });
    const first = list.getByRole("listitem").first();
    await expect.poll(() => first.textContent()).toContain("To 95,188 people · asked by Ann Lee ");
    expect(await list.getByRole("listitem").count()).toBe(3);
    await expectGoodLooks(world.page, "waiting-approvals");
    await first.getByRole("link", { name: "Opening of the Lyon shop" }).click();
    await world.page.waitForURL(/\/deliveries\/10\/start#approvals$/);
    waiting = [];
    await world.page.getByRole("region", { name: "Target" }).getByRole("button", { name: "Approve" }).click();
    await world.page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await world.page.getByRole("link", { name: "Deliveries" }).first().click();
    await world.page.getByRole("table", { name: "Deliveries" }).waitFor();
    await expect.poll(() => world.page.getByText(/your decision/).count()).toBe(0);
  });

  test("approvals, waves and proofs on one page; a decision with its comment", async () => {
    const posted = await shown(
      {
        approvals: [approval("target", APPROVED), approval("content")],
        waves: [
          wave(1, { state: "done", begunAt: soon(-7300), sent: 28_400, failed: 157, pending: 0 }),
          wave(2, { state: "begun", begunAt: soon(-100), sent: 9_000, pending: 19_557 }),
          wave(3, {}),
          wave(4, { toDeliver: 9_517, pending: 9_517 }),
        ],
      },
      [PROOF],
    );
    await world.go("/deliveries/10/content");
    await world.page.getByRole("link", { name: "Waits for 1 approval" }).click();
    const target = world.page.getByRole("region", { name: "Target" });
    await target.getByText("Fine with me.").waitFor();
    expect(await target.getByRole("button").count()).toBe(0);
    const content = world.page.getByRole("region", { name: "Content" });
    await content.getByText("Asked: Ann Lee, Law").waitFor();
    expect(await world.page.getByRole("table", { name: "Waves" }).getByRole("row").count()).toBe(5);
    await world.page.getByRole("link", { name: /^\[Proof 1\]/ }).waitFor();
    expect(await violations(world.page)).toEqual([]);
    await content.getByRole("button", { name: "Reject" }).click();
    const dialog = world.page.getByRole("dialog", { name: "Reject: Content" });
    await dialog.getByLabel("Comment").fill("Not this picture");
    await dialog.getByRole("button", { name: "Reject" }).click();
    await expect
      .poll(() => posted)
      .toEqual([{ path: "reject", body: { kind: "content", comment: "Not this picture" } }]);
    await world.page.getByLabel("Who gets the proof").fill("boss@shop.example\nlaw@shop.example");
    await world.page.getByLabel("Of people in the target, by chance").check();
    await world.page.getByLabel("How many").fill("5");
    await world.page.getByRole("button", { name: "Send a proof" }).click();
    await expect
      .poll(() => posted.at(-1))
      .toEqual({
        path: "proof",
        body: { addresses: ["boss@shop.example", "law@shop.example"], as: { random: 5 } },
      });
  });
});
