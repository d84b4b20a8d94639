/** Every act on a delivery in every state: what it becomes, or that it is refused and nothing changed. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { NOW, seedDelivery, seedInProgress } from "../../../test/seed-delivery.ts";
import { outcomeOf } from "../../core/delivery/lifecycle.ts";
import { DELIVERY_STATES, type DeliveryState } from "../../core/delivery/status.ts";
import { DAY, parseDuration } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import { AppError } from "../../platform/errors.ts";
import { holdDelivery, pauseDelivery, resumeDelivery, settleDelivery, stopDelivery, stopOverdue } from "./lifecycle.ts";
import { presentDelivery } from "./present.ts";
import { cancelConfirmation, confirmDelivery, scheduleDelivery, unscheduleDelivery } from "./start-delivery.ts";
import { findDelivery } from "./store.ts";
import { CONTROL_CHANNEL } from "./transition.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const LATER = NOW + 60_000;
const WISH = { zone: "Europe/Paris", at: "2026-11-27T09:00", occurrence: "earlier", notLaterThan: null } as const;
type Run = (id: number) => Promise<unknown>;
const ACTS = {
  confirm: (id) => confirmDelivery(database.db, id, "ann", LATER),
  "confirm-later": (id) => confirmDelivery(database.db, id, "ann", LATER, { undo: 30_000 }),
  "cancel-confirm": (id) => cancelConfirmation(database.db, id, "ann", LATER),
  schedule: (id) => scheduleDelivery(database.db, id, "ann", LATER, WISH),
  unschedule: (id) => unscheduleDelivery(database.db, id, "ann", LATER),
  pause: (id) => pauseDelivery(database.db, id, "ann", LATER),
  resume: (id) => resumeDelivery(database.db, id, "ann", LATER),
  stop: (id) => stopDelivery(database.db, id, "ann", LATER),
} as const satisfies Readonly<Record<string, Run>>;
type Act = keyof typeof ACTS;

async function deliveryIn(state: DeliveryState): Promise<number> {
  const id = await seedDelivery(database.db);
  const waits = state === "scheduled" || state === "start-pending";
  await database.db.query(
    `update deliveries set state = $2, analysed_version = version, start_at = $3, start_not_after = $3, start_by = $4
      where id = $1`,
    [id, state, waits ? timestamp(LATER) : null, waits ? "ann" : null],
  );
  return id;
}

/** A part with counters alone: settling looks at nothing else. */
async function addPart(id: number, counters: { open: number; owner?: string }): Promise<number> {
  const [row] = await database.db.query<{ id: number }>(
    `insert into delivery_parts (id, delivery_id, to_deliver, pending, sent, owner)
     values (nextval('delivery_part_ids'), $1, 10, $2, 10 - $2, $3) returning id`,
    [id, counters.open, counters.owner ?? null],
  );
  return row?.id ?? 0;
}

async function rowOf(id: number) {
  const [row] = await database.db.query<{
    state: DeliveryState;
    hold_reason: string | null;
    started_at: number | null;
    finished_at: number | null;
    valid_until: number | null;
    updated_at: number;
  }>("select * from deliveries where id = $1", [id]);
  return row!;
}

describe.each(Object.keys(ACTS) as Act[])("%s", (act) => {
  test.each(DELIVERY_STATES)("a delivery that is %s", async (state) => {
    const id = await deliveryIn(state);
    const before = await rowOf(id);
    const next = outcomeOf(act, state);
    if (next) {
      await ACTS[act](id);
      expect(await rowOf(id)).toMatchObject({ state: next, updated_at: LATER });
      const events = await database.db.query("select actor from delivery_events where delivery_id = $1 order by id", [
        id,
      ]);
      expect(events.at(-1)).toEqual({ actor: "ann" });
      return;
    }
    const refusal = await ACTS[act](id).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: "action-not-allowed", params: { currentState: state } });
    expect(await rowOf(id)).toEqual(before);
  });

  test("a delivery that does not exist", async () => {
    await expect(ACTS[act](999_999)).rejects.toMatchObject({ code: "not-found" });
  });
});

test("confirming starts the validity period and makes the parts due", async () => {
  const id = await deliveryIn("ready");
  await database.db.query(`update deliveries set settings = settings || '{"validity": "36h"}' where id = $1`, [id]);
  const part = await addPart(id, { open: 10 });
  await confirmDelivery(database.db, id, "ann", LATER);
  expect(await rowOf(id)).toMatchObject({ started_at: LATER, valid_until: LATER + 36 * 3_600_000 });
  expect(await database.db.query("select due_at from delivery_parts where id = $1", [part])).toEqual([
    { due_at: LATER },
  ]);
});

test.each([
  ["nobody has saved settings", null, "5d", "84h"],
  ["it wants more than the cap", "50h", "5d", "50h"],
  ["it wants less", "30d", "5d", "5d"],
  ["it says nothing, as before there were validities", "30d", null, "5d"],
])("the shorter of validity and cap counts: %s", async (_, cap, validity, effective) => {
  const { db } = database;
  if (cap !== null) {
    await db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
      JSON.stringify({ validityCap: cap }),
    ]);
  }
  const id = await deliveryIn("ready");
  await db.query("update deliveries set settings = (settings - 'validity') || $2 where id = $1", [
    id,
    JSON.stringify(validity === null ? {} : { validity }),
  ]);
  await confirmDelivery(db, id, "ann", LATER);
  const row = await rowOf(id);
  expect(row.valid_until).toBe(LATER + (parseDuration(effective) ?? 0));
  // Another cap changes nothing for what is confirmed.
  await db.query("delete from platform_settings");
  expect(presentDelivery((await findDelivery(db, id))!)).toMatchObject({ effectiveValidity: effective });
  const [event] = await db.query(
    "select detail from delivery_events where delivery_id = $1 and kind = 'delivery.confirmed'",
    [id],
  );
  expect(event).toEqual({ detail: { validity: effective } });
});

test("before it is confirmed a delivery shows what would count now", async () => {
  const id = await deliveryIn("ready");
  const shown = async () => presentDelivery((await findDelivery(database.db, id))!).effectiveValidity;
  expect(await shown()).toBe("3d");
  await database.db.query('update deliveries set settings = settings || \'{"validity": "5d"}\' where id = $1', [id]);
  expect(await shown()).toBe("84h");
  await database.db.query('update deliveries set settings = settings || \'{"validity": "36h"}\' where id = $1', [id]);
  expect(await shown()).toBe("36h");
});

test("what was edited after its analysis cannot be confirmed", async () => {
  const id = await deliveryIn("ready");
  await database.db.query("update deliveries set version = version + 1 where id = $1", [id]);
  await expect(confirmDelivery(database.db, id, "ann", LATER)).rejects.toMatchObject({ code: "delivery-changed" });
  expect((await rowOf(id)).state).toBe("ready");
});

test.each(DELIVERY_STATES)("holding a delivery that is %s", async (state) => {
  const id = await deliveryIn(state);
  const before = await rowOf(id);
  await holdDelivery(database.db, id, "relay: 535 no", LATER);
  await holdDelivery(database.db, id, "relay: 535 no", LATER);
  const events = await database.db.query(
    "select 1 from delivery_events where delivery_id = $1 and kind = 'delivery.held'",
    [id],
  );
  if (state === "in-progress") {
    expect(await rowOf(id)).toMatchObject({ state: "pausing", hold_reason: "relay: 535 no" });
    expect(events).toHaveLength(1);
    await resumeDelivery(database.db, id, "ann", LATER);
    expect(await rowOf(id)).toMatchObject({ state: "in-progress", hold_reason: null });
  } else {
    expect(await rowOf(id)).toEqual(before);
    expect(events).toEqual([]);
  }
});

type Settled = { state: DeliveryState; open: number; leased: boolean; becomes: DeliveryState };
const SETTLED: readonly Settled[] = [
  { state: "in-progress", open: 5, leased: false, becomes: "in-progress" },
  { state: "in-progress", open: 0, leased: true, becomes: "in-progress" },
  { state: "in-progress", open: 0, leased: false, becomes: "finished" },
  { state: "pausing", open: 5, leased: true, becomes: "pausing" },
  { state: "pausing", open: 5, leased: false, becomes: "paused" },
  { state: "pausing", open: 0, leased: false, becomes: "finished" },
  { state: "stopping", open: 5, leased: true, becomes: "stopping" },
  { state: "stopping", open: 5, leased: false, becomes: "stopped" },
  { state: "stopping", open: 0, leased: false, becomes: "stopped" },
  ...(["editing", "analysing", "ready", "scheduled", "start-pending", "paused", "stopped", "finished"] as const).map(
    (state) => ({
      state,
      open: 5,
      leased: false,
      becomes: state,
    }),
  ),
];

test.each(SETTLED)(
  "settling $state with $open open, leased $leased: $becomes",
  async ({ state, open, leased, becomes }) => {
    const id = await deliveryIn(state);
    const part = await addPart(id, { open, ...(leased ? { owner: "s-1" } : {}) });
    await settleDelivery(database.db, id, LATER);
    const row = await rowOf(id);
    expect(row.state).toBe(becomes);
    expect(row.finished_at).toBe(state !== becomes && ["finished", "stopped"].includes(becomes) ? LATER : null);
    const cancelled = becomes === "stopped" && state === "stopping" ? open : 0;
    expect(await database.db.query("select pending, cancelled from delivery_parts where id = $1", [part])).toEqual([
      { pending: open - cancelled, cancelled },
    ]);
  },
);

test("stopping cancels every message that is not final, in all parts, and keeps the counters true", async () => {
  const id = await seedInProgress(database.db, 700, 10);
  const [first] = await database.db.query<{ id: number }>(
    "select min(id) as id from delivery_parts where delivery_id = $1",
    [id],
  );
  await database.db.query("update messages set status = 'sent' where part_id = $1 and seq < 4", [first?.id]);
  await database.db.query("update messages set status = 'taken-into-account' where part_id = $1 and seq >= 8", [
    first?.id,
  ]);
  await database.db.query("update delivery_parts set pending = 4, sent = 4, retrying = 2 where id = $1", [first?.id]);
  await stopDelivery(database.db, id, "ann", LATER);
  await settleDelivery(database.db, id, LATER);
  expect((await rowOf(id)).state).toBe("stopped");
  const counted = await database.db.query(
    `select m.status, count(*) as n from messages m join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1 group by 1 order by 1`,
    [id],
  );
  expect(counted).toEqual([
    { status: "cancelled", n: 696 },
    { status: "sent", n: 4 },
  ]);
  const [sums] = await database.db.query(
    "select sum(cancelled) as cancelled, sum(sent) as sent, sum(pending + retrying) as open from delivery_parts where delivery_id = $1",
    [id],
  );
  expect(sums).toEqual({ cancelled: 696, sent: 4, open: 0 });
});

test("stopping calls back nothing that a relay has: it counts as sent", async () => {
  const { db } = database;
  const id = await seedInProgress(db, 10, 10);
  const [part] = await db.query<{ id: number }>("select id from delivery_parts where delivery_id = $1", [id]);
  await db.query(
    `update messages set status = 'taken-into-account', relayed = seq < 3, reason = 'unreachable', type = 'soft',
            next_attempt_at = now() where part_id = $1 and seq < 5`,
    [part?.id],
  );
  await db.query("update delivery_parts set pending = 5, retrying = 5 where id = $1", [part?.id]);
  await db.query(
    "insert into destination_counters (delivery_id, domain, sender, retrying) values ($1, 'one.example', 'a', 5)",
    [id],
  );
  await stopDelivery(db, id, "ann", LATER);
  await settleDelivery(db, id, LATER);
  expect((await rowOf(id)).state).toBe("stopped");
  expect(
    await db.query(
      `select status, relayed, reason, final_at, next_attempt_at, count(*) as n from messages
        where part_id = $1 group by 1, 2, 3, 4, 5 order by 1, 2, 3`,
      [part?.id],
    ),
  ).toEqual([
    { status: "cancelled", relayed: false, reason: "unreachable", final_at: LATER, next_attempt_at: null, n: 2 },
    { status: "cancelled", relayed: false, reason: null, final_at: LATER, next_attempt_at: null, n: 5 },
    { status: "sent", relayed: true, reason: null, final_at: LATER, next_attempt_at: null, n: 3 },
  ]);
  expect(
    await db.query("select pending, retrying, sent, cancelled, due_at from delivery_parts where id = $1", [part?.id]),
  ).toEqual([{ pending: 0, retrying: 0, sent: 3, cancelled: 7, due_at: null }]);
  expect(
    await db.query(
      "select sum(sent) as sent, sum(retrying) as retrying from destination_counters where delivery_id = $1",
      [id],
    ),
  ).toEqual([{ sent: 3, retrying: 0 }]);
});

test("30: what is still paused a day after its validity is stopped: messages that never left are cancelled", async () => {
  const { db } = database;
  const [over, fresh, going] = [
    await seedInProgress(db, 10, 10),
    await seedInProgress(db, 10, 10),
    await seedInProgress(db, 10, 10),
  ];
  await db.query("update deliveries set state = 'paused', valid_until = $2 where id = $1", [
    over,
    timestamp(LATER - DAY - 1),
  ]);
  await db.query("update deliveries set state = 'paused', valid_until = $2 where id = $1", [
    fresh,
    timestamp(LATER - 1),
  ]);
  await db.query("update deliveries set valid_until = $2 where id = $1", [going, timestamp(LATER - 2 * DAY)]);
  for (let again = 0; again < 2; again++) {
    await stopOverdue(db, LATER);
    await settleDelivery(db, over, LATER);
  }
  expect(await rowOf(over)).toMatchObject({ state: "stopped", finished_at: LATER });
  expect([(await rowOf(fresh)).state, (await rowOf(going)).state]).toEqual(["paused", "in-progress"]);
  expect(await db.query("select pending, cancelled from delivery_parts where delivery_id = $1", [over])).toEqual([
    { pending: 0, cancelled: 10 },
  ]);
  const events = await db.query("select kind, actor, detail from delivery_events where delivery_id = $1 order by id", [
    over,
  ]);
  expect(events.filter(({ kind }) => kind === "delivery.stopped")).toMatchObject([
    { actor: "worker", detail: { reason: "its validity is over" } },
  ]);
});

test("pause says what senders have on the wire, and senders hear of it", async () => {
  const id = await deliveryIn("in-progress");
  await database.db.query("insert into sender_status values ('a-1', $1, 7, 1, now()), ('a-2', $1, 4, 1, now())", [id]);
  let hear = (_id: string) => {};
  const heard = new Promise<string>((resolve) => {
    hear = resolve;
  });
  const listener = await database.db.listen(CONTROL_CHANNEL, (payload) => payload !== "" && hear(payload));
  expect(await pauseDelivery(database.db, id, "ann", LATER)).toEqual({ onWire: 11 });
  expect(await heard).toBe(String(id));
  await listener.close();
});
