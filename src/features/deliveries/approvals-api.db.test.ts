/** Approvals and waves over HTTP: rights, answers, problems. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";

import { analyse, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { WaitingApproval } from "../../contract/approvals.ts";
import { settingsSchema } from "../../contract/index.ts";
import { waitingApprovalSchema } from "../../contract/responses-approvals.ts";
import { deliverySchema, pageOf, problemSchema } from "../../contract/responses.ts";
import { confirmDelivery } from "./start-delivery.ts";

let web: TestWebApp;
let wakes: number[] = [];
beforeAll(async () => {
  const other = () => Promise.reject(new Error("not in this test"));
  const lifecycle = { analyse: other, pause: other, resume: other, stop: other, confirm: confirmDelivery };
  web = await createTestWebApp({ lifecycle: { ...lifecycle, startAt: async (at) => void wakes.push(at) } });
});
afterAll(() => web.close());

async function operator(login: string, role: string): Promise<{ id: string; headers: Record<string, string> }> {
  const [row] = await web.db.query<{ id: number }>(
    "insert into operators (login, name, roles, created_at) values ($1, $1, $2, now()) returning id",
    [login, [role]],
  );
  const token = `envoi_${login}`;
  await web.db.query(
    `insert into api_tokens (token_hash, label, rights, created_at, operator_id)
     values (encode(sha256($1::bytea), 'hex'), $2, null, now(), $3)`,
    [token, login, row?.id],
  );
  return { id: String(row?.id), headers: { authorization: `Bearer ${token}` } };
}

async function ready(settings: z.input<typeof settingsSchema>): Promise<number> {
  const id = await seedDelivery(web.db, {
    audience: await importCsv(web.db, "email\na@one.example\nb@one.example\n"),
    settings: settingsSchema.parse({ validity: "3d", ...settings }),
  });
  await analyse(web.db, id);
  return id;
}

const act = (id: number, verb: string, body?: unknown, headers?: Record<string, string>) =>
  web.call("POST", `/api/v1/deliveries/${id}/actions/${verb}`, body, headers);
const problem = async (answer: ReturnType<typeof act>) => {
  const { status, body } = await answer;
  return [status, problemSchema.parse(body).code];
};

test("operators decide what they are asked, nothing else; then it can be confirmed", async () => {
  const [manager, reader, starter] = [
    await operator("manager", "campaign-manager"),
    await operator("reader", "reports"),
    await operator("starter", "delivery-operator"),
  ];
  const id = await ready({
    approval: { content: { operators: [manager.id] }, starters: { operators: [starter.id] } },
  });
  expect(await problem(act(id, "approve", { kind: "content" }, reader.headers))).toEqual([403, "not-permitted"]);
  expect(await problem(act(id, "approve", { kind: "content" }, starter.headers))).toEqual([403, "not-a-reviewer"]);
  expect(await problem(act(id, "approve", { kind: "target" }, manager.headers))).toEqual([404, "not-found"]);
  expect((await act(id, "approve", { kind: "everything" }, manager.headers)).status).toBe(422);
  const refused = problemSchema.parse((await act(id, "confirm")).body);
  expect(refused).toMatchObject({
    code: "approval-missing",
    status: 409,
    errors: [{ pointer: "/approvals/content", code: "pending" }],
  });
  const answer = await act(id, "approve", { kind: "content", comment: "Fine" }, manager.headers);
  expect(answer.status).toBe(202);
  expect(deliverySchema.parse(answer.body).approvals).toMatchObject([
    {
      kind: "content",
      state: "approved",
      decidedBy: "manager (manager)",
      comment: "Fine",
      reviewers: { operators: [manager.id] },
    },
  ]);
  expect(await problem(act(id, "reject", { kind: "content" }))).toEqual([409, "approval-decided"]);
  expect(await problem(act(id, "confirm", {}, manager.headers))).toEqual([403, "not-permitted"]);
  expect((await act(id, "confirm", {}, starter.headers)).body).toMatchObject({ state: "in-progress" });
});

test("everybody finds what waits for them, by name or in a group, until it is decided", async () => {
  const [ann, bob] = [await operator("ann", "campaign-manager"), await operator("bob", "campaign-manager")];
  const [group] = await web.db.query<{ id: number }>(
    "insert into operator_groups (name, roles, created_at) values ('Law', '{}', now()) returning id",
  );
  await web.db.query("insert into operator_group_members (group_id, operator_id) values ($1, $2)", [group?.id, bob.id]);
  const first = await ready({ approval: { content: { operators: [ann.id] }, start: { groups: [String(group?.id)] } } });
  const second = await ready({ approval: { target: { operators: [ann.id, bob.id] } } });
  await web.db.query("update delivery_events set actor = 'Eve' where delivery_id = $1 and kind = 'analysis.started'", [
    second,
  ]);
  const waiting = async (path: string, headers?: Record<string, string>) => {
    const { data } = pageOf(waitingApprovalSchema).parse((await web.call("GET", path, undefined, headers)).body);
    return data.filter(({ delivery }) => [first, second].includes(Number(delivery.id)));
  };
  const short = ({ delivery, kind }: WaitingApproval) => [Number(delivery.id), kind];
  const mine = "/api/v1/approvals?mine=true";
  expect((await waiting(mine, ann.headers)).map(short)).toEqual([
    [first, "content"],
    [second, "target"],
  ]);
  expect((await waiting(mine, bob.headers)).map(short)).toEqual([
    [first, "start"],
    [second, "target"],
  ]);
  expect((await waiting(mine, bob.headers))[1]).toMatchObject({ askedBy: "Eve", delivery: { toDeliver: 2 } });
  // Whoever has all rights is not asked.
  expect(await waiting(mine)).toEqual([]);
  expect(await waiting("/api/v1/approvals?limit=1000")).toHaveLength(3);
  await act(second, "approve", { kind: "target" }, ann.headers);
  expect((await waiting(mine, bob.headers)).map(short)).toEqual([[first, "start"]]);
  await web.db.query("update deliveries set state = 'editing' where id = $1", [first]);
  expect(await waiting(mine, ann.headers)).toEqual([]);
});

test("the last approval of a delivery that starts by itself wakes whoever starts it", async () => {
  const id = await ready({
    approval: { mode: "automatic", start: { operators: [(await operator("boss", "campaign-manager")).id] } },
  });
  await web.db.query("update deliveries set auto_start_by = 'ann' where id = $1", [id]);
  wakes = [];
  expect((await act(id, "approve", { kind: "start" })).body).toMatchObject({
    state: "start-pending",
    schedule: { by: "ann" },
  });
  expect(wakes).toHaveLength(1);
});

test("waves are in every answer, and the next one is waited for", async () => {
  const id = await ready({ waves: { kind: "equal", size: 1, every: "1h" } });
  wakes = [];
  const answer = deliverySchema.parse((await act(id, "confirm")).body);
  expect(answer.waves).toMatchObject([{ state: "begun" }, { state: "waiting", after: 3600 }]);
  expect(wakes).toEqual([Date.parse(answer.waves?.[1]?.startsAt ?? "")]);
  expect((await web.get(`/api/v1/deliveries/${id}`, deliverySchema)).waves).toEqual(answer.waves);
});

test.each([
  [{ kind: "equal", size: "130%", every: "1d" }, "/settings/waves"],
  [{ kind: "equal", size: 0, every: "1d" }, "/settings/waves"],
  [{ kind: "equal", size: "30%", every: "0d" }, "/settings/waves"],
  [{ kind: "equal", size: "30%" }, "/settings/waves"],
  [{ kind: "calendar", waves: [] }, "/settings/waves"],
  [{ kind: "calendar", waves: [{ size: "60%" }, { after: "1h", size: "60%" }] }, "/settings/waves/waves/1/size"],
  [{ kind: "calendar", waves: [{ after: "2h", size: 5 }, { after: "1h" }] }, "/settings/waves/waves/1/after"],
])("the waves %j are refused at %s", async (waves, pointer) => {
  const id = await ready({});
  const { settings } = await web.get(`/api/v1/deliveries/${id}`, deliverySchema);
  const answer = await web.call("PATCH", `/api/v1/deliveries/${id}`, { settings: { ...settings, waves } });
  expect(answer.status).toBe(422);
  expect(problemSchema.parse(answer.body).errors?.[0]?.pointer).toMatch(new RegExp(`^${pointer}`));
});
