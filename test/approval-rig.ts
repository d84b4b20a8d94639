/** Deliveries that ask for approval, on a database of their own with three operators: bob and cleo are in a group. */
import type { z } from "zod";

import { settingsSchema } from "../src/contract/index.ts";
import type { Instant } from "../src/core/time.ts";
import { beginAnalysis, runAnalysis } from "../src/features/analysis/index.ts";
import { decide, type Decider, type Wish } from "../src/features/deliveries/approvals.ts";
import { showDelivery } from "../src/features/deliveries/show-delivery.ts";
import { confirmDelivery } from "../src/features/deliveries/start-delivery.ts";
import { type Db, timestamp } from "../src/platform/db.ts";
import { createTestDatabase } from "./database.ts";
import { CONTENT_DEPS, importCsv, NOW, seedDelivery } from "./seed-delivery.ts";

type Settings = z.input<typeof settingsSchema>;
type Seed = { approval: Settings["approval"]; html?: string; waves?: Settings["waves"] };
type Event = { kind: string; actor: string; detail: Record<string, unknown> };

export const ADMIN: Decider = { operatorId: null, groupIds: [], rights: null, label: "admin token" };

const HTML = "<p>Hello, unsubscribe</p>";

export type ApprovalRig = Awaited<ReturnType<typeof openApprovalRig>>;

export async function openApprovalRig() {
  const database = await createTestDatabase();
  const { db } = database;
  const audience = await importCsv(db, "email\na@one.example\nb@one.example\n");
  const ids = {
    ann: await addOperator(db, "ann"),
    bob: await addOperator(db, "bob"),
    cleo: await addOperator(db, "cleo"),
  };
  const group = await addGroup(db, "law", [ids.bob, ids.cleo]);
  const person = (name: keyof typeof ids, groupIds: number[] = []): Decider => ({
    operatorId: ids[name],
    groupIds,
    rights: ["deliveries.approve", "deliveries.start"],
    label: name,
  });
  const rig = {
    db,
    audience,
    /** As settings name them. */
    annId: String(ids.ann),
    bobId: String(ids.bob),
    groupId: String(group),
    ann: person("ann"),
    bob: person("bob", [group]),
    cleo: person("cleo", [group]),
    /** Ann for the target, the group for the content. */
    both: (): Settings["approval"] => ({
      target: { operators: [String(ids.ann)] },
      content: { operators: [], groups: [String(group)] },
    }),
    seeded: ({ approval, html = HTML, waves }: Seed): Promise<number> =>
      seedDelivery(db, {
        audience,
        content: { subject: "Hello", html, text: "Hello, unsubscribe", syntax: "liquid" },
        settings: settingsSchema.parse({ validity: "3d", approval, waves }),
      }),
    analysed: async (id: number, { by = "ann", starter = true } = {}): Promise<number> => {
      await beginAnalysis(db, id, by, NOW, starter);
      await runAnalysis(db, id, () => NOW, CONTENT_DEPS);
      return id;
    },
    /** Analysed. */
    ready: async (approval: Settings["approval"]) => rig.analysed(await rig.seeded({ approval })),
    say: (id: number, kind: Wish["kind"], by: Decider, state: Wish["state"] = "approved", at: Instant = NOW) =>
      decide(db, id, { kind, state, comment: `by ${by.label}` }, by, at),
    confirm: (id: number) => confirmDelivery(db, id, "ann", NOW),
    read: (id: number) => showDelivery(db, String(id)),
    states: async (id: number) =>
      Object.fromEntries(((await rig.read(id)).approvals ?? []).map(({ kind, state }) => [kind, state])),
    /** Those about approvals and the start. */
    events: async (id: number) =>
      (
        await db.query<Event>("select kind, actor, detail from delivery_events where delivery_id = $1 order by id", [
          id,
        ])
      ).filter(
        ({ kind }) => kind.startsWith("approval.") || kind === "delivery.waits" || kind === "delivery.confirmed",
      ),
    mails: () =>
      db.query<{ address: string; subject: string; body: string }>(
        "select address, subject, body from notices order by id",
      ),
    forgetMails: () => db.query("delete from notices"),
    drop: () => database.drop(),
  };
  return rig;
}

async function addOperator(db: Db, login: string): Promise<number> {
  const [row] = await db.query<{ id: number }>(
    `insert into operators (login, name, email, roles, created_at) values ($1, $1, $2, '{}', $3) returning id`,
    [login, `${login}@office.example`, timestamp(NOW)],
  );
  return row?.id ?? 0;
}

async function addGroup(db: Db, name: string, members: readonly number[]): Promise<number> {
  const [row] = await db.query<{ id: number }>(
    "insert into operator_groups (name, roles, created_at) values ($1, '{}', now()) returning id",
    [name],
  );
  await db.query("insert into operator_group_members (group_id, operator_id) select $1, unnest($2::bigint[])", [
    row?.id,
    members,
  ]);
  return row?.id ?? 0;
}
