/** Approvals on a real database: who is asked, what counts, what makes it lapse, what starts by itself, who is reminded. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { settingsSchema } from "../../contract/index.ts";
import { DAY, HOUR, MINUTE, type Instant } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import { beginAnalysis, runAnalysis } from "../analysis/index.ts";
import { decide, type Decider, type Wish } from "./approvals.ts";
import { remindReviewers } from "./ask-reviewers.ts";
import { showDelivery } from "./show-delivery.ts";
import { confirmDelivery, scheduleDelivery, startDue } from "./start-delivery.ts";
import { updateDelivery } from "./update-delivery.ts";

let database: TestDatabase;
let audience: { import: string };
let operators: Record<"ann" | "bob" | "cleo", number>;
let group: number;

async function operator(login: string): Promise<number> {
  const [row] = await database.db.query<{ id: number }>(
    `insert into operators (login, name, email, roles, created_at) values ($1, $1, $2, '{}', $3) returning id`,
    [login, `${login}@office.example`, timestamp(NOW)],
  );
  return row?.id ?? 0;
}

beforeAll(async () => {
  database = await createTestDatabase();
  audience = await importCsv(database.db, "email\na@one.example\nb@one.example\n");
  operators = { ann: await operator("ann"), bob: await operator("bob"), cleo: await operator("cleo") };
  const [row] = await database.db.query<{ id: number }>(
    "insert into operator_groups (name, roles, created_at) values ('law', '{}', now()) returning id",
  );
  group = row?.id ?? 0;
  await database.db.query("insert into operator_group_members (group_id, operator_id) values ($1, $2), ($1, $3)", [
    group,
    operators.bob,
    operators.cleo,
  ]);
});
afterAll(() => database.drop());
beforeEach(() => database.db.query("delete from notices"));

const person = (name: "ann" | "bob" | "cleo", groupIds: number[] = []): Decider => ({
  operatorId: operators[name],
  groupIds,
  rights: ["deliveries.approve", "deliveries.start"],
  label: name,
});
const bob = () => person("bob", [group]);
const cleo = () => person("cleo", [group]);
const ADMIN: Decider = { operatorId: null, groupIds: [], rights: null, label: "admin token" };

type Approval = z.input<typeof settingsSchema>["approval"];
const both = (): Approval => ({
  target: { operators: [String(operators.ann)] },
  content: { operators: [], groups: [String(group)] },
});

const HTML = "<p>Hello, unsubscribe</p>";
/** The sizes leave somebody over: a warning. */
const WARNING: z.input<typeof settingsSchema>["waves"] = {
  kind: "calendar",
  waves: [{ size: 1 }],
};

async function seeded(approval: Approval, html = HTML, waves = undefined as typeof WARNING): Promise<number> {
  return seedDelivery(database.db, {
    audience,
    content: { subject: "Hello", html, text: "Hello, unsubscribe", syntax: "liquid" },
    settings: settingsSchema.parse({ validity: "3d", approval, waves }),
  });
}

async function analysed(id: number, { by = "ann", starter = true, at = NOW } = {}): Promise<number> {
  await beginAnalysis(database.db, id, by, at, starter);
  await runAnalysis(database.db, id, () => at, CONTENT_DEPS);
  return id;
}

const ready = async (approval: Approval) => analysed(await seeded(approval));
const say = (id: number, kind: Wish["kind"], by: Decider, state: Wish["state"] = "approved", at: Instant = NOW) =>
  decide(database.db, id, { kind, state, comment: `by ${by.label}` }, by, at);
const confirm = (id: number) => confirmDelivery(database.db, id, "ann", NOW);
const read = (id: number) => showDelivery(database.db, String(id));
const states = async (id: number) =>
  Object.fromEntries(((await read(id)).approvals ?? []).map(({ kind, state }) => [kind, state]));
const events = async (id: number) =>
  (
    await database.db.query<{ kind: string; actor: string; detail: Record<string, unknown> }>(
      "select kind, actor, detail from delivery_events where delivery_id = $1 order by id",
      [id],
    )
  ).filter(({ kind }) => kind.startsWith("approval.") || kind === "delivery.waits" || kind === "delivery.confirmed");
const mails = () =>
  database.db.query<{ address: string; subject: string; body: string }>(
    "select address, subject, body from notices order by id",
  );

describe("F47: who is asked, and who decides", () => {
  test("nothing starts before everybody who is asked has agreed", async () => {
    const id = await ready(both());
    expect(await states(id)).toEqual({ target: "pending", content: "pending" });
    await expect(confirm(id)).rejects.toMatchObject({
      code: "approval-missing",
      errors: [
        { pointer: "/approvals/target", code: "pending" },
        { pointer: "/approvals/content", code: "pending" },
      ],
    });
    await say(id, "target", person("ann"));
    await expect(
      scheduleDelivery(database.db, id, "ann", NOW, {
        at: "2026-11-22T10:00",
        zone: "UTC",
        occurrence: "earlier",
        notLaterThan: null,
      }),
    ).rejects.toMatchObject({ code: "approval-missing", errors: [{ pointer: "/approvals/content" }] });
    await say(id, "content", cleo());
    await confirm(id);
    expect(await read(id)).toMatchObject({
      state: "in-progress",
      approvals: [
        {
          kind: "target",
          state: "approved",
          decidedBy: "ann",
          comment: "by ann",
          decidedAt: "2026-11-21T09:00:00.000Z",
        },
        { kind: "content", state: "approved", decidedBy: "cleo", reviewers: { groups: [String(group)] } },
      ],
    });
    expect(await events(id)).toMatchObject([
      { kind: "approval.asked", actor: "analysis", detail: { kinds: "target, content" } },
      { kind: "approval.given", actor: "ann", detail: { kind: "target", comment: "by ann" } },
      { kind: "approval.given", actor: "cleo" },
      { kind: "delivery.confirmed", actor: "ann" },
    ]);
  });

  test("those who are asked get a mail with the link; nobody else does", async () => {
    const id = await ready(both());
    expect((await mails()).map(({ address, subject }) => [address, subject])).toEqual([
      ["ann@office.example", "Please approve: Test (target)"],
      ["bob@office.example", "Please approve: Test (content)"],
      ["cleo@office.example", "Please approve: Test (content)"],
    ]);
    expect((await mails())[0]?.body).toContain(`https://t.sender.example/deliveries/${id}`);
    expect((await mails())[0]?.body).toContain("2 people");
  });

  test("34: of several approvers the first decision counts, and is final", async () => {
    const id = await ready(both());
    await say(id, "content", bob(), "rejected");
    await expect(say(id, "content", cleo())).rejects.toMatchObject({
      code: "approval-decided",
      params: { decision: "rejected", by: "bob" },
    });
    await expect(say(id, "content", bob())).rejects.toMatchObject({ code: "approval-decided" });
    await say(id, "target", person("ann"));
    await expect(confirm(id)).rejects.toMatchObject({ code: "approval-missing", errors: [{ code: "rejected" }] });
  });

  test("of two who decide at the same moment one is told that the other was faster", async () => {
    const id = await ready(both());
    const answers = await Promise.allSettled([say(id, "content", bob(), "rejected"), say(id, "content", cleo())]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "approval-decided" } });
  });

  test("others cannot; whoever has all rights can", async () => {
    const id = await ready(both());
    await expect(say(id, "target", bob())).rejects.toMatchObject({ code: "not-a-reviewer" });
    await say(id, "target", ADMIN);
    expect(await states(id)).toMatchObject({ target: "approved" });
  });

  test("what nobody asked for cannot be given, nor while it is being edited", async () => {
    await expect(say(await ready(both()), "start", ADMIN)).rejects.toMatchObject({ code: "not-found" });
    await expect(say(await ready({}), "target", ADMIN)).rejects.toMatchObject({ code: "not-found" });
    const id = await ready(both());
    await updateDelivery(database.db, id, { label: "x", audience }, null, "ann", NOW);
    await expect(say(id, "target", ADMIN)).rejects.toMatchObject({ code: "action-not-allowed" });
  });

  test("operators and groups that are not there are refused when it is saved", async () => {
    await expect(seeded({ start: { operators: [String(operators.ann), "999999"] } })).rejects.toMatchObject({
      errors: [{ pointer: "/settings/approval/start/operators/1", code: "not-found" }],
    });
    await expect(seeded({ starters: { groups: ["999999"] } })).rejects.toMatchObject({
      errors: [{ pointer: "/settings/approval/starters/groups/0" }],
    });
  });
});

describe("what makes an approval lapse", () => {
  async function approved(): Promise<number> {
    const id = await ready({ ...both(), start: { operators: [String(operators.ann)] } });
    for (const kind of ["target", "content", "start"] as const) await say(id, kind, ADMIN);
    return id;
  }
  const edit = (id: number, change: Parameters<typeof updateDelivery>[2]) =>
    updateDelivery(database.db, id, change, null, "dora", NOW);

  test("another analysis: target and start; the content is still the same", async () => {
    const id = await analysed(await approved());
    expect(await states(id)).toEqual({ target: "pending", content: "approved", start: "pending" });
    expect((await events(id)).slice(-2)).toMatchObject([
      { kind: "approval.lapsed", actor: "analysis", detail: { kinds: "target, start" } },
      { kind: "approval.asked", detail: { kinds: "target, start" } },
    ]);
    await expect(confirm(id)).rejects.toMatchObject({ code: "approval-missing" });
  });

  test("an edit of the content: all of them, in the name of whoever edited it", async () => {
    const id = await approved();
    const { content } = await read(id);
    await edit(id, { content: { ...content, subject: "Other" } });
    expect((await events(id)).at(-1)).toMatchObject({
      kind: "approval.lapsed",
      actor: "dora",
      detail: { kinds: "target, content, start" },
    });
    await analysed(id);
    expect(await states(id)).toEqual({ target: "pending", content: "pending", start: "pending" });
  });

  test("an edit of the audience or of how it is sent: the content stays approved", async () => {
    const id = await approved();
    const { settings } = await read(id);
    await edit(id, {
      audience: { all: true },
      settings: { ...settings, priority: "high", waves: { kind: "equal", size: 1, every: "1h" } },
    });
    await analysed(id);
    expect(await states(id)).toEqual({ target: "pending", content: "approved", start: "pending" });
  });

  test("a block that changed meanwhile is a change of the content", async () => {
    const save = (html: string) =>
      database.db.query(
        `insert into blocks (name, html, text, syntax, version, created_at, updated_at) values ('foot', $1, '', 'liquid', 1, now(), now())
         on conflict (name) do update set html = excluded.html`,
        [html],
      );
    await save("<p>foot</p>");
    const id = await analysed(
      await seeded({ content: { operators: [String(operators.ann)] } }, "<p>{% render 'foot' %} unsubscribe</p>"),
    );
    expect(await states(id)).toEqual({ content: "pending" });
    await say(id, "content", ADMIN);
    await analysed(id);
    expect(await states(id)).toEqual({ content: "approved" });
    await save("<p>other foot</p>");
    await analysed(id);
    expect(await states(id)).toEqual({ content: "pending" });
  });

  test("nobody is asked twice about what nobody has decided", async () => {
    const id = await analysed(await analysed(await ready(both())));
    expect(await mails()).toHaveLength(3);
    expect((await events(id)).map(({ kind }) => kind)).toEqual(["approval.asked"]);
  });

  test("who is no longer asked holds nothing up", async () => {
    const id = await ready(both());
    await edit(id, { settings: settingsSchema.parse({ validity: "3d" }) });
    await analysed(id);
    expect(await states(id)).toEqual({});
    await confirm(id);
  });
});

describe("F46: what starts by itself", () => {
  test.each(["semi-automatic", "automatic"] as const)(
    "%s, without warnings: at once, in the name of whoever analysed it",
    async (mode) => {
      const id = await ready({ mode });
      expect(await read(id)).toMatchObject({ state: "start-pending", schedule: { by: "ann", zone: null } });
      await startDue(database.db, NOW);
      expect(await read(id)).toMatchObject({ state: "in-progress" });
    },
  );

  test.each([
    ["semi-automatic", "ready"],
    ["automatic", "start-pending"],
  ] as const)("%s with warnings is %s", async (mode, state) => {
    const id = await analysed(await seeded({ mode }, undefined, WARNING));
    const items = await database.db.query(
      "select level from checklist_items where delivery_id = $1 and level = 'warning'",
      [id],
    );
    expect(items.length).toBeGreaterThan(0);
    expect(await read(id)).toMatchObject({ state });
    if (state === "ready")
      expect((await events(id)).at(-1)).toMatchObject({ kind: "delivery.waits", detail: { why: "warnings" } });
  });

  test("errors hold it", async () => {
    const id = await analysed(await seeded({ mode: "automatic" }, "<p>{{ recipient. }}</p>"));
    expect(await read(id)).toMatchObject({ state: "editing" });
  });

  test("it waits for approvals, and the last one starts it", async () => {
    const id = await ready({ ...both(), mode: "automatic" });
    expect((await events(id)).at(-1)).toMatchObject({ kind: "delivery.waits", detail: { why: "approvals" } });
    await say(id, "target", person("ann"));
    expect(await read(id)).toMatchObject({ state: "ready" });
    await say(id, "content", bob());
    expect(await read(id)).toMatchObject({ state: "start-pending", schedule: { by: "ann" } });
  });

  test("nothing starts in the name of somebody who may not start it", async () => {
    const id = await analysed(await seeded({ mode: "automatic" }), { by: "intern", starter: false });
    expect(await read(id)).toMatchObject({ state: "ready" });
    expect((await events(id)).at(-1)).toMatchObject({ kind: "delivery.waits", detail: { why: "starter" } });
  });
});

test("F48: where starters are named, others with the right to start deliveries cannot start this one", async () => {
  const id = await ready({ starters: { operators: [String(operators.bob)] } });
  const as = (who: Decider) => confirmDelivery(database.db, id, who.label, NOW, { person: who });
  await expect(as(person("ann"))).rejects.toMatchObject({ code: "not-a-starter" });
  await as(bob());
  expect(await read(id)).toMatchObject({ state: "in-progress" });
});

describe("reminders", () => {
  test("a day before the deadline and when it is over, once each; decisions can still be made", async () => {
    const id = await ready({ target: { operators: [String(operators.ann)] } });
    await database.db.query("delete from notices");
    const remind = async (at: Instant) => {
      await remindReviewers(database.db, at);
      return (await mails()).map(({ address }) => address);
    };
    expect(await remind(NOW + 2 * DAY - MINUTE)).not.toContain("ann@office.example");
    await database.db.query("delete from notices");
    await database.db.query("update delivery_approvals set reminders = 2 where delivery_id <> $1", [id]);
    expect(await remind(NOW + 2 * DAY)).toEqual(["ann@office.example"]);
    expect(await remind(NOW + 2 * DAY + HOUR)).toHaveLength(1);
    await Promise.all([remind(NOW + 3 * DAY), remind(NOW + 3 * DAY)]);
    expect(await mails()).toHaveLength(2);
    expect((await mails())[1]?.body).toContain("the delivery waits");
    expect((await events(id)).filter(({ kind }) => kind === "approval.reminded")).toMatchObject([
      { actor: "worker", detail: { kind: "target", overdue: false } },
      { detail: { overdue: true } },
    ]);
    await say(id, "target", person("ann"), "approved", NOW + 9 * DAY);
    expect(await remind(NOW + 10 * DAY)).toHaveLength(2);
  });
});
