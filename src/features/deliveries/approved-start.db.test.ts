/** Approvals on a real database: what starts by itself, who may start it, who is reminded. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { type ApprovalRig, openApprovalRig } from "../../../test/approval-rig.ts";
import { NOW } from "../../../test/seed-delivery.ts";
import { DAY, HOUR, MINUTE, type Instant } from "../../core/time.ts";
import type { Decider } from "./approvals.ts";
import { remindReviewers } from "./ask-reviewers.ts";
import { confirmDelivery, startDue } from "./start-delivery.ts";

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await openApprovalRig();
});
afterAll(() => rig.drop());
beforeEach(() => rig.forgetMails());

/** The sizes leave somebody over: a warning. */
const WARNING = { kind: "calendar" as const, waves: [{ size: 1 }] };

describe("F46: what starts by itself", () => {
  test.each(["semi-automatic", "automatic"] as const)(
    "%s, without warnings: at once, in the name of whoever analysed it",
    async (mode) => {
      const id = await rig.ready({ mode });
      expect(await rig.read(id)).toMatchObject({ state: "start-pending", schedule: { by: "ann", zone: null } });
      await startDue(rig.db, NOW);
      expect(await rig.read(id)).toMatchObject({ state: "in-progress" });
    },
  );

  test.each([
    ["semi-automatic", "ready"],
    ["automatic", "start-pending"],
  ] as const)("%s with warnings is %s", async (mode, state) => {
    const id = await rig.analysed(await rig.seeded({ approval: { mode }, waves: WARNING }));
    const items = await rig.db.query("select level from checklist_items where delivery_id = $1 and level = 'warning'", [
      id,
    ]);
    expect(items.length).toBeGreaterThan(0);
    expect(await rig.read(id)).toMatchObject({ state });
    if (state === "ready")
      expect((await rig.events(id)).at(-1)).toMatchObject({ kind: "delivery.waits", detail: { why: "warnings" } });
  });

  test("errors hold it", async () => {
    const id = await rig.analysed(
      await rig.seeded({ approval: { mode: "automatic" }, html: "<p>{{ recipient. }}</p>" }),
    );
    expect(await rig.read(id)).toMatchObject({ state: "editing" });
  });

  test("it waits for approvals, and the last one starts it", async () => {
    const id = await rig.ready({ ...rig.both(), mode: "automatic" });
    expect((await rig.events(id)).at(-1)).toMatchObject({ kind: "delivery.waits", detail: { why: "approvals" } });
    await rig.say(id, "target", rig.ann);
    expect(await rig.read(id)).toMatchObject({ state: "ready" });
    await rig.say(id, "content", rig.bob);
    expect(await rig.read(id)).toMatchObject({ state: "start-pending", schedule: { by: "ann" } });
  });

  test("nothing starts in the name of somebody who may not start it", async () => {
    const id = await rig.analysed(await rig.seeded({ approval: { mode: "automatic" } }), {
      by: "intern",
      starter: false,
    });
    expect(await rig.read(id)).toMatchObject({ state: "ready" });
    expect((await rig.events(id)).at(-1)).toMatchObject({ kind: "delivery.waits", detail: { why: "starter" } });
  });
});

test("F48: where starters are named, others with the right to start deliveries cannot start this one", async () => {
  const id = await rig.ready({ starters: { operators: [rig.bobId] } });
  const as = (who: Decider) => confirmDelivery(rig.db, id, who.label, NOW, { person: who });
  await expect(as(rig.ann)).rejects.toMatchObject({ code: "not-a-starter" });
  await as(rig.bob);
  expect(await rig.read(id)).toMatchObject({ state: "in-progress" });
});

describe("reminders", () => {
  test("a day before the deadline and when it is over, once each; decisions can still be made", async () => {
    const id = await rig.ready({ target: { operators: [rig.annId] } });
    await rig.forgetMails();
    const remind = async (at: Instant) => {
      await remindReviewers(rig.db, at);
      return (await rig.mails()).map(({ address }) => address);
    };
    expect(await remind(NOW + 2 * DAY - MINUTE)).not.toContain("ann@office.example");
    await rig.forgetMails();
    await rig.db.query("update delivery_approvals set reminders = 2 where delivery_id <> $1", [id]);
    expect(await remind(NOW + 2 * DAY)).toEqual(["ann@office.example"]);
    expect(await remind(NOW + 2 * DAY + HOUR)).toHaveLength(1);
    await Promise.all([remind(NOW + 3 * DAY), remind(NOW + 3 * DAY)]);
    expect(await rig.mails()).toHaveLength(2);
    expect((await rig.mails())[1]?.body).toContain("the delivery waits");
    expect((await rig.events(id)).filter(({ kind }) => kind === "approval.reminded")).toMatchObject([
      { actor: "worker", detail: { kind: "target", overdue: false } },
      { detail: { overdue: true } },
    ]);
    await rig.say(id, "target", rig.ann, "approved", NOW + 9 * DAY);
    expect(await remind(NOW + 10 * DAY)).toHaveLength(2);
  });
});
