/**
 * Fifty operators at once edit, analyse, approve, confirm, schedule, pause and resume the same deliveries, while the worker starts what
 * is due: nobody's edit is lost, nothing begins twice, nothing begins that was changed since it was analysed or approved.
 */
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { settingsSchema } from "../../contract/index.ts";
import { formatInstant, HOUR, SECOND } from "../../core/time.ts";
import { openDb, type Db } from "../../platform/db.ts";
import { AppError } from "../../platform/errors.ts";
import { abandonAnalysis, beginAnalysis, runAnalysis } from "../analysis/index.ts";
import { decide, type Decider } from "./approvals.ts";
import { pauseDelivery, resumeDelivery, settleDelivery } from "./lifecycle.ts";
import { showDelivery } from "./show-delivery.ts";
import {
  cancelConfirmation,
  confirmDelivery,
  scheduleDelivery,
  startDue,
  unscheduleDelivery,
} from "./start-delivery.ts";
import { updateDelivery } from "./update-delivery.ts";

const OPERATORS = 50;
const ACTS_EACH = 12;
const PEOPLE = 30;

let database: TestDatabase;
let db: Db;
let deliveries: number[];
/** One worker, one analysis after the other. */
let worker: Promise<void> = Promise.resolve();
const waiting = new Map<number, Promise<void>>();
/** What somebody was told was saved, by delivery. */
const saved = new Map<number, string[]>();
const refusals = new Map<string, number>();

const ADMIN: Decider = { operatorId: null, groupIds: [], rights: null, label: "admin" };

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDb(database.db.url, { poolSize: OPERATORS });
  const [row] = await db.query<{ id: number }>(
    "insert into operators (login, name, roles, created_at) values ('ann', 'Ann', '{}', now()) returning id",
  );
  const audience = await importCsv(
    db,
    `email\n${Array.from({ length: PEOPLE }, (_, i) => `f${i}@one.example`).join("\n")}\n`,
  );
  const plain = { validity: "3d", partSize: 10 };
  const wishes = [
    plain,
    { ...plain, approval: { content: { operators: [String(row?.id)] } } },
    { ...plain, approval: { mode: "automatic" as const, start: { operators: [String(row?.id)] } } },
    { ...plain, waves: { kind: "equal" as const, size: 10, every: "1h" } },
  ];
  deliveries = [];
  for (const wish of wishes)
    deliveries.push(await seedDelivery(db, { audience, settings: settingsSchema.parse(wish) }));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    return state % below;
  };
}

/** Read, add a name, save: what somebody else saved meanwhile must not vanish. */
async function edit(id: number, name: string): Promise<void> {
  const { settings, version } = await showDelivery(db, String(id));
  const variables = { ...settings.variables, [name]: "x" };
  await updateDelivery(db, id, { settings: { ...settings, variables } }, version, name, NOW);
  saved.set(id, [...(saved.get(id) ?? []), name]);
}

/** As jobs do: while one waits, no second one is made. */
async function analyse(id: number, name: string): Promise<void> {
  await beginAnalysis(db, id, name, NOW, true);
  const job = waiting.get(id) ?? worker.then(() => runNext(id));
  waiting.set(id, job);
  worker = job;
  await job;
}

async function runNext(id: number): Promise<void> {
  waiting.delete(id);
  await runAnalysis(db, id, () => NOW, CONTENT_DEPS).catch(() => abandonAnalysis(db, id));
}

type Act = (id: number, name: string) => Promise<unknown>;

const approve =
  (kind: "content" | "start"): Act =>
  (id) =>
    decide(db, id, { kind, state: "approved", comment: "" }, ADMIN, NOW);
const SOON = { at: formatInstant(NOW + SECOND), zone: "UTC", occurrence: "earlier", notLaterThan: null } as const;

const WRITING: readonly Act[] = [edit, edit, edit, edit, analyse, approve("content"), approve("start")];
const SENDING: readonly Act[] = [
  edit,
  analyse,
  analyse,
  approve("content"),
  approve("start"),
  (id, name) => confirmDelivery(db, id, name, NOW, { undo: SECOND }),
  (id, name) => confirmDelivery(db, id, name, NOW, { undo: SECOND }),
  (id, name) => cancelConfirmation(db, id, name, NOW),
  (id, name) => scheduleDelivery(db, id, name, NOW, SOON),
  (id, name) => unscheduleDelivery(db, id, name, NOW),
  (id, name) => pauseDelivery(db, id, name, NOW),
  (id, name) => resumeDelivery(db, id, name, NOW),
  (id) => settleDelivery(db, id, NOW),
  () => startDue(db, NOW + SECOND),
];

/** What may be said no to, and nothing else: no deadlock, no broken constraint. */
async function tryTo(act: () => Promise<unknown>): Promise<void> {
  await act().catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
  });
}

test("fifty operators and the worker: no lost update, no double start", async () => {
  const operators = Array.from({ length: OPERATORS }, async (_, who) => {
    const random = numbers(who + 1);
    for (let turn = 0; turn < ACTS_EACH; turn++) {
      const id = deliveries[random(deliveries.length)] ?? 0;
      const acts = turn < ACTS_EACH / 2 ? WRITING : SENDING;
      // All begin with the same.
      const act = turn === 0 ? edit : (acts[random(acts.length)] ?? edit);
      await tryTo(() => act(id, `o${who}_${turn}`));
    }
  });
  await Promise.all(operators);
  await Promise.all([1, 2, 3].map(() => startDue(db, NOW + SECOND)));

  expect([...refusals.keys()].filter((code) => !EXPECTED.has(code))).toEqual([]);
  // Both kinds of collision did happen.
  expect(refusals.get("version-conflict")).toBeGreaterThan(0);
  expect(refusals.get("action-not-allowed")).toBeGreaterThan(0);
  for (const id of deliveries) await checkDelivery(id);
  const [{ begun } = { begun: 0 }] = await db.query<{ begun: number }>(
    "select count(*) as begun from deliveries where started_at is not null",
  );
  expect(begun).toBeGreaterThan(0);
});

const EXPECTED = new Set(
  "action-not-allowed version-conflict delivery-changed not-found approval-missing approval-decided".split(" "),
);

async function checkDelivery(id: number): Promise<void> {
  const delivery = await showDelivery(db, String(id));
  expect(Object.keys(delivery.settings.variables).toSorted()).toEqual((saved.get(id) ?? []).toSorted());
  const kinds = await db.query<{ kind: string; detail: { version?: number } }>(
    "select kind, detail from delivery_events where delivery_id = $1 order by id",
    [id],
  );
  const versions = kinds.filter(({ kind }) => kind === "delivery.edited").map(({ detail }) => detail.version);
  expect(new Set(versions).size).toBe(versions.length);
  expect(kinds.filter(({ kind }) => kind === "delivery.started")).toHaveLength(delivery.startedAt === null ? 0 : 1);
  if (delivery.startedAt === null) return;
  expect(delivery.analysed).toBe(true);
  expect((delivery.approvals ?? []).every(({ state }) => state === "approved")).toBe(true);
  const [sums] = await db.query<{ messages: number; people: number; due: number }>(
    `select count(*) as messages, count(distinct m.recipient_id) as people, count(*) filter (where p.due_at <= $2) as due
       from delivery_parts p join messages m on m.part_id = p.id where p.delivery_id = $1`,
    [id, new Date(NOW + HOUR)],
  );
  expect(sums).toEqual({ messages: PEOPLE, people: PEOPLE, due: delivery.waves === undefined ? PEOPLE : 10 });
}
