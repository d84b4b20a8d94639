/** Approvals on a real database: who is asked, what counts, what makes it lapse. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ADMIN, type ApprovalRig, openApprovalRig } from "../../../test/approval-rig.ts";
import { NOW } from "../../../test/seed-delivery.ts";
import { settingsSchema } from "../../contract/index.ts";
import { scheduleDelivery } from "./start-delivery.ts";
import { updateDelivery } from "./update-delivery.ts";

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await openApprovalRig();
});
afterAll(() => rig.drop());
beforeEach(() => rig.forgetMails());

describe("F47: who is asked, and who decides", () => {
  test("nothing starts before everybody who is asked has agreed", async () => {
    const id = await rig.ready(rig.both());
    expect(await rig.states(id)).toEqual({ target: "pending", content: "pending" });
    await expect(rig.confirm(id)).rejects.toMatchObject({
      code: "approval-missing",
      errors: [
        { pointer: "/approvals/target", code: "pending" },
        { pointer: "/approvals/content", code: "pending" },
      ],
    });
    await rig.say(id, "target", rig.ann);
    await expect(
      scheduleDelivery(rig.db, id, "ann", NOW, {
        at: "2026-11-22T10:00",
        zone: "UTC",
        occurrence: "earlier",
        notLaterThan: null,
      }),
    ).rejects.toMatchObject({ code: "approval-missing", errors: [{ pointer: "/approvals/content" }] });
    await rig.say(id, "content", rig.cleo);
    await rig.confirm(id);
    expect(await rig.read(id)).toMatchObject({
      state: "in-progress",
      approvals: [
        {
          kind: "target",
          state: "approved",
          decidedBy: "ann",
          comment: "by ann",
          decidedAt: "2026-11-21T09:00:00.000Z",
        },
        { kind: "content", state: "approved", decidedBy: "cleo", reviewers: { groups: [rig.groupId] } },
      ],
    });
    expect(await rig.events(id)).toMatchObject([
      { kind: "approval.asked", actor: "analysis", detail: { kinds: "target, content" } },
      { kind: "approval.given", actor: "ann", detail: { kind: "target", comment: "by ann" } },
      { kind: "approval.given", actor: "cleo" },
      { kind: "delivery.confirmed", actor: "ann" },
    ]);
  });

  test("those who are asked get a mail with the link; nobody else does", async () => {
    const id = await rig.ready(rig.both());
    expect((await rig.mails()).map(({ address, subject }) => [address, subject])).toEqual([
      ["ann@office.example", "Please approve: Test (target)"],
      ["bob@office.example", "Please approve: Test (content)"],
      ["cleo@office.example", "Please approve: Test (content)"],
    ]);
    expect((await rig.mails())[0]?.body).toContain(`https://t.sender.example/deliveries/${id}`);
    expect((await rig.mails())[0]?.body).toContain("2 people");
  });

  test("34: of several approvers the first decision counts, and is final", async () => {
    const id = await rig.ready(rig.both());
    await rig.say(id, "content", rig.bob, "rejected");
    await expect(rig.say(id, "content", rig.cleo)).rejects.toMatchObject({
      code: "approval-decided",
      params: { decision: "rejected", by: "bob" },
    });
    await expect(rig.say(id, "content", rig.bob)).rejects.toMatchObject({ code: "approval-decided" });
    await rig.say(id, "target", rig.ann);
    await expect(rig.confirm(id)).rejects.toMatchObject({ code: "approval-missing", errors: [{ code: "rejected" }] });
  });

  test("of two who decide at the same moment one is told that the other was faster", async () => {
    const id = await rig.ready(rig.both());
    const answers = await Promise.allSettled([
      rig.say(id, "content", rig.bob, "rejected"),
      rig.say(id, "content", rig.cleo),
    ]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "approval-decided" } });
  });

  test("others cannot; whoever has all rights can", async () => {
    const id = await rig.ready(rig.both());
    await expect(rig.say(id, "target", rig.bob)).rejects.toMatchObject({ code: "not-a-reviewer" });
    await rig.say(id, "target", ADMIN);
    expect(await rig.states(id)).toMatchObject({ target: "approved" });
  });

  test("what nobody asked for cannot be given, nor while it is being edited", async () => {
    await expect(rig.say(await rig.ready(rig.both()), "start", ADMIN)).rejects.toMatchObject({ code: "not-found" });
    await expect(rig.say(await rig.ready({}), "target", ADMIN)).rejects.toMatchObject({ code: "not-found" });
    const id = await rig.ready(rig.both());
    await updateDelivery(rig.db, id, { label: "x", audience: rig.audience }, null, "ann", NOW);
    await expect(rig.say(id, "target", ADMIN)).rejects.toMatchObject({ code: "action-not-allowed" });
  });

  test("operators and groups that are not there are refused when it is saved", async () => {
    await expect(rig.seeded({ approval: { start: { operators: [rig.annId, "999999"] } } })).rejects.toMatchObject({
      errors: [{ pointer: "/settings/approval/start/operators/1", code: "not-found" }],
    });
    await expect(rig.seeded({ approval: { starters: { groups: ["999999"] } } })).rejects.toMatchObject({
      errors: [{ pointer: "/settings/approval/starters/groups/0" }],
    });
  });
});

describe("what makes an approval lapse", () => {
  async function approved(): Promise<number> {
    const id = await rig.ready({ ...rig.both(), start: { operators: [rig.annId] } });
    for (const kind of ["target", "content", "start"] as const) await rig.say(id, kind, ADMIN);
    return id;
  }
  const edit = (id: number, change: Parameters<typeof updateDelivery>[2]) =>
    updateDelivery(rig.db, id, change, null, "dora", NOW);

  test("another analysis: target and start; the content is still the same", async () => {
    const id = await rig.analysed(await approved());
    expect(await rig.states(id)).toEqual({ target: "pending", content: "approved", start: "pending" });
    expect((await rig.events(id)).slice(-2)).toMatchObject([
      { kind: "approval.lapsed", actor: "analysis", detail: { kinds: "target, start" } },
      { kind: "approval.asked", detail: { kinds: "target, start" } },
    ]);
    await expect(rig.confirm(id)).rejects.toMatchObject({ code: "approval-missing" });
  });

  test("an edit of the content: all of them, in the name of whoever edited it", async () => {
    const id = await approved();
    const { content } = await rig.read(id);
    await edit(id, { content: { ...content, subject: "Other" } });
    expect((await rig.events(id)).at(-1)).toMatchObject({
      kind: "approval.lapsed",
      actor: "dora",
      detail: { kinds: "target, content, start" },
    });
    await rig.analysed(id);
    expect(await rig.states(id)).toEqual({ target: "pending", content: "pending", start: "pending" });
  });

  test("an edit of the audience or of how it is sent: the content stays approved", async () => {
    const id = await approved();
    const { settings } = await rig.read(id);
    await edit(id, {
      audience: { all: true },
      settings: { ...settings, priority: "high", waves: { kind: "equal", size: 1, every: "1h" } },
    });
    await rig.analysed(id);
    expect(await rig.states(id)).toEqual({ target: "pending", content: "approved", start: "pending" });
  });

  test("a block that changed meanwhile is a change of the content", async () => {
    const save = (html: string) =>
      rig.db.query(
        `insert into blocks (name, html, text, syntax, version, created_at, updated_at) values ('foot', $1, '', 'liquid', 1, now(), now())
         on conflict (name) do update set html = excluded.html`,
        [html],
      );
    await save("<p>foot</p>");
    const id = await rig.analysed(
      await rig.seeded({
        approval: { content: { operators: [rig.annId] } },
        html: "<p>{% render 'foot' %} unsubscribe</p>",
      }),
    );
    expect(await rig.states(id)).toEqual({ content: "pending" });
    await rig.say(id, "content", ADMIN);
    await rig.analysed(id);
    expect(await rig.states(id)).toEqual({ content: "approved" });
    await save("<p>other foot</p>");
    await rig.analysed(id);
    expect(await rig.states(id)).toEqual({ content: "pending" });
  });

  test("nobody is asked twice about what nobody has decided", async () => {
    const id = await rig.analysed(await rig.analysed(await rig.ready(rig.both())));
    expect(await rig.mails()).toHaveLength(3);
    expect((await rig.events(id)).map(({ kind }) => kind)).toEqual(["approval.asked"]);
  });

  test("who is no longer asked holds nothing up", async () => {
    const id = await rig.ready(rig.both());
    await edit(id, { settings: settingsSchema.parse({ validity: "3d" }) });
    await rig.analysed(id);
    expect(await rig.states(id)).toEqual({});
    await rig.confirm(id);
  });
});
